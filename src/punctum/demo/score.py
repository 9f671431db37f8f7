"""The film's sound: music that thins out, street, wipers, a passing car, silence.

Conventions: float32 (2, samples), left first, full scale −1..1, 48 kHz; times in seconds of the film.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from punctum.demo.staging import Shot, Timeline

RATE_HZ = 48_000
LOW_RATE_HZ = 24_000
"""What has nothing above 10 kHz, music and street, is made at half the rate and brought up in the end."""
Sound = NDArray[np.float32]

# beat (of 1.25 s), MIDI note, loudness 0..1: a theme in D minor that falls by steps
BEAT_S = 1.25
CHORDS: tuple[tuple[int, ...], ...] = ((38, 45, 53, 57), (34, 46, 50, 57), (31, 43, 50, 58), (33, 45, 52, 55))
THEME: tuple[tuple[float, int, float], ...] = (
    (0.0, 69, 0.55), (1.0, 74, 0.6), (1.5, 76, 0.55), (2.0, 77, 0.66), (3.5, 76, 0.5),
    (4.0, 74, 0.6), (5.5, 70, 0.48), (6.0, 69, 0.55), (7.0, 67, 0.48),
    (8.0, 65, 0.55), (9.0, 69, 0.6), (9.5, 70, 0.5), (10.0, 74, 0.62), (11.5, 72, 0.48),
    (12.0, 70, 0.55), (13.0, 69, 0.5), (14.0, 64, 0.48), (15.0, 61, 0.42),
)  # fmt: skip
"""Sixteen beats: four chords of four beats each, the melody over them."""


def hz(note: float) -> float:
    """Return the frequency of a MIDI note."""
    return float(440 * 2 ** ((note - 69) / 12))


def low_note(note: int) -> int:
    """Return a chord's note where low strings can hold it."""
    return note + 12 * (note < 36)


def struck(note: int, loud: float, length_s: float) -> NDArray[np.float64]:
    """Return one tone of a felted piano: partials a little sharp, the high ones dying first."""
    count = int(length_s * LOW_RATE_HZ)
    time = np.arange(count) / LOW_RATE_HZ
    base = hz(note)
    tone = np.zeros(count, np.float32)
    for partial in range(1, 8):
        pitch = base * partial * np.sqrt(1 + 0.00022 * partial**2)
        share = loud ** (1 + 0.22 * partial) / partial**1.25
        if pitch > 9000 or share < 1e-3:
            break
        decay = (0.55 + 0.26 * partial) * (base / 260) ** 0.45
        # two strings a little apart beat: their sum is one tone that swells and sinks
        beating = sine(time, 0.35 * partial**0.5, 0.25)
        tone += np.float32(share) * np.exp(-decay * time).astype(np.float32) * beating * sine(time, pitch, partial / 6)
    attack = int(0.012 * LOW_RATE_HZ)
    tone[:attack] *= np.sin(np.linspace(0, np.pi / 2, attack)) ** 2
    release = min(count, int(0.4 * LOW_RATE_HZ))
    tone[-release:] *= np.cos(np.linspace(0, np.pi / 2, release)) ** 2
    return tone.astype(np.float64)


def sine(time: NDArray[np.float64], pitch_hz: float, turn: float = 0.0) -> NDArray[np.float32]:
    """Return a sine, begun ``turn`` turns late; whole turns are taken off in double precision, the rest is quick."""
    turns = time * pitch_hz + turn
    turns -= np.floor(turns)
    return np.asarray(np.sin(turns.astype(np.float32) * np.float32(2 * np.pi)))


def bowed(note: int, loud: float, length_s: float) -> NDArray[np.float64]:
    """Return one soft held tone, as of low strings."""
    count = int(length_s * LOW_RATE_HZ)
    time = np.arange(count) / LOW_RATE_HZ
    tone = np.zeros(count, np.float32)
    for partial, share in ((1, 1.0), (2, 0.42), (3, 0.2), (4, 0.08)):
        tone += np.float32(share) * sine(time, 0.295, 0.25) * sine(time, hz(note) * partial)
    rise = min(count // 2, int(1.1 * LOW_RATE_HZ))
    tone[:rise] *= np.sin(np.linspace(0, np.pi / 2, rise)) ** 2
    tone[-rise:] *= np.cos(np.linspace(0, np.pi / 2, rise)) ** 2
    return loud * tone.astype(np.float64)


def add(
    track: NDArray[np.float64],
    start_s: float,
    tone: NDArray[np.float64],
    pan: float,
    gain: float,
    rate_hz: int = RATE_HZ,
) -> None:
    """Add a tone to a track (2, samples), in place; ``pan`` −1 is left. What reaches beyond the end is cut off."""
    first = round(start_s * rate_hz)
    skip = max(0, -first)
    first = max(0, first)
    count = min(len(tone) - skip, track.shape[1] - first)
    if count <= 0:
        return
    angle = (pan + 1) * np.pi / 4
    track[0, first : first + count] += gain * np.cos(angle) * tone[skip : skip + count]
    track[1, first : first + count] += gain * np.sin(angle) * tone[skip : skip + count]


def noise(
    random: np.random.Generator, count: int, low_hz: float, high_hz: float, rate_hz: int = RATE_HZ
) -> NDArray[np.float64]:
    """Return noise of one band, of RMS 1."""
    sections = signal.butter(2, (low_hz, high_hz), "bandpass", fs=rate_hz, output="sos")
    made = np.asarray(signal.sosfilt(sections, random.standard_normal(count + 4096))[4096:])
    return np.asarray(made / max(1e-9, float(np.sqrt(np.mean(made**2)))))


def room(random: np.random.Generator, track: NDArray[np.float64], length_s: float, share: float) -> NDArray[np.float64]:
    """Return a track (2, samples) at the low rate with the echo of a room that dies within ``length_s``."""
    count = int(length_s * LOW_RATE_HZ)
    time = np.arange(count) / LOW_RATE_HZ
    sections = signal.butter(1, 3200, "lowpass", fs=LOW_RATE_HZ, output="sos")
    wet = np.zeros_like(track)
    for channel in range(2):
        tail = random.standard_normal(count) * np.exp(-5.5 * time / length_s)
        tail[: int(0.012 * LOW_RATE_HZ)] = 0
        tail = signal.sosfilt(sections, tail)
        tail /= np.sqrt(np.sum(tail**2))
        wet[channel] = signal.oaconvolve(track[channel], tail)[: track.shape[1]]
    return np.asarray(track * (1 - 0.3 * share) + share * wet)


class Score:
    """Composes the sound of a timeline."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.staging = timeline.staging
        self.fps = timeline.staging.fps
        self.count = round(timeline.frame_count / self.fps * RATE_HZ)
        self.low_count = -(-self.count * LOW_RATE_HZ // RATE_HZ)

    def random(self, key: int) -> np.random.Generator:
        """Return a generator of random numbers of this film's seed."""
        return np.random.default_rng([self.staging.seed, 900, key])

    def seconds(self, frame: int) -> float:
        """Return when a frame begins."""
        return frame / self.fps

    def compose(self) -> Sound:
        """Return the whole film's sound."""
        start, end = self.timeline.wiper_span()
        low = self._street(start, end)
        if self.staging.music:
            low += self._music()
        track = np.ascontiguousarray(signal.resample_poly(low, RATE_HZ // LOW_RATE_HZ, 1, axis=1)[:, : self.count])
        self._wipers(track, start, end)
        self._passing(track)
        self._cloth(track)
        track *= self._fade()
        if self.staging.mirror:
            track = track[::-1]
        limit = 0.89
        peak = float(np.abs(track).max()) if track.size else 0.0
        if peak > limit:
            track = np.tanh(track / limit) * limit
        return np.ascontiguousarray(track, dtype=np.float32)

    def thinning(self) -> tuple[float, float]:
        """Return when the music begins to thin out and when its last note has sounded, before the black."""
        shots = self.timeline.shots
        turn = next((shot for shot in shots if shot.plan.action == "turn"), None)
        held = self.timeline.first("held")
        end_s = self.seconds(self.timeline.wiper_span()[1])
        thin_s = self.seconds(turn.start_frame) if turn else end_s * 0.5
        last_s = self.seconds(held.start_frame) if held else end_s * 0.8
        return thin_s, max(thin_s, last_s)

    def _music(self) -> NDArray[np.float64]:
        random = self.random(1)
        track = np.zeros((2, self.low_count))
        thin_s, last_s = self.thinning()
        began_s = 1.0
        made: dict[tuple[int, float, float], NDArray[np.float64]] = {}
        held = {
            note: bowed(note, 0.5, 4 * BEAT_S + 1.6)
            for note in {low_note(one) for chord in CHORDS for one in chord[:3]}
        }

        def piano(note: int, loud: float, length_s: float) -> NDArray[np.float64]:
            key = (note, round(loud, 2), length_s)
            if key not in made:
                made[key] = struck(note, key[1], length_s)
            return made[key]

        bar = 0
        while began_s + bar * 4 * BEAT_S < last_s:
            at_s = began_s + bar * 4 * BEAT_S
            chord = CHORDS[bar % 4]
            thin = float(np.clip((at_s - thin_s) / max(1e-6, last_s - thin_s), 0, 1)) if at_s > thin_s else 0.0
            low = 0.085 * (1 - thin) ** 1.2
            for index, note in enumerate(chord[:3]):
                add(track, at_s, held[low_note(note)], (index - 1) * 0.5, low, LOW_RATE_HZ)
            if thin < 0.5:
                for beat in range(4):
                    for index, note in enumerate(chord[1:]):
                        late = (beat + 0.5 * (index == 2)) * BEAT_S + float(random.uniform(0, 0.012))
                        if beat == 0 or index == beat % 3:
                            add(
                                track, at_s + late, piano(note + 12, 0.34, 3.4), -0.25 + 0.2 * index, 0.085, LOW_RATE_HZ
                            )
            else:
                add(track, at_s, piano(chord[1] + 12, 0.3, 3.6), -0.2, 0.07, LOW_RATE_HZ)
            if bar > 0:
                for beat, note, loud in THEME:
                    if not (bar - 1) % 4 * 4 <= beat < (bar - 1) % 4 * 4 + 4:
                        continue
                    when_s = at_s + (beat % 4) * BEAT_S
                    if when_s >= last_s or (when_s > thin_s and beat % 2 != 0):
                        continue
                    softly = loud * (1 - 0.45 * thin)
                    add(
                        track,
                        when_s + float(random.uniform(0, 0.015)),
                        piano(note, softly, 4.2),
                        0.22,
                        0.165,
                        LOW_RATE_HZ,
                    )
            bar += 1
        tear = self.timeline.tear_span()
        if tear is not None:
            # one note answers the tear, an octave above where the theme began
            add(track, self.seconds(tear[0]) + 1.4, piano(81, 0.42, 4.6), 0.15, 0.12, LOW_RATE_HZ)
        credits = self.timeline.first("credits")
        if credits is not None:
            at_s, until_s = self.seconds(credits.start_frame) + 0.3, self.seconds(credits.end_frame)
            for index, (beat, note, loud) in enumerate(THEME[:9]):
                if at_s + beat * BEAT_S < until_s - 0.6:
                    add(
                        track,
                        at_s + beat * BEAT_S,
                        piano(note - 12 * (index > 7), loud * 0.8, 4.2),
                        0.15,
                        0.15,
                        LOW_RATE_HZ,
                    )
            for index, note in enumerate((38, 50, 57, 34, 46, 53)):
                add(track, at_s + 4 * BEAT_S * (index // 3), piano(note + 12, 0.36, 4.6), -0.3, 0.11, LOW_RATE_HZ)
        return room(self.random(2), track, 2.4, 0.34)

    def _street(self, start: int, end: int) -> NDArray[np.float64]:
        """Return the street's hush, at the low rate: muffled where we sit in the car."""
        track = np.zeros((2, self.low_count))
        first, last = (min(self.low_count, round(self.seconds(one) * LOW_RATE_HZ)) for one in (start, end))
        count = last - first
        if count <= 0:
            return track
        inside = self._inside((np.arange(first, last)) / LOW_RATE_HZ)
        slow = 1 + 0.25 * np.sin(2 * np.pi * np.arange(count) / LOW_RATE_HZ / 9.0)
        for side in range(2):
            hush = noise(self.random(10 + side), count, 60, 480, LOW_RATE_HZ)
            air = noise(self.random(12 + side), count, 600, 3600, LOW_RATE_HZ)
            track[side, first:last] = (0.0035 + 0.0030 * (1 - inside)) * slow * hush + (
                0.0006 + 0.0022 * (1 - inside)
            ) * air
        return track

    def _inside(self, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return for each time whether we sit in the car (1) or stand in the street (0), softened over 0.4 s."""
        inside = np.ones(len(time_s))
        for shot in self.timeline.shots:
            if shot.plan.set_up == "street":
                left, right = self.seconds(shot.start_frame), self.seconds(shot.end_frame)
                near = np.minimum(time_s - left if shot.number else np.inf, right - time_s) / 0.4
                inside = np.minimum(inside, np.clip(0.5 - near, 0, 1))
        return inside

    def _wipers(self, track: NDArray[np.float64], start: int, end: int) -> None:
        """Add the blades: out with a brush of rubber, back with a softer one, and a knock where they come to rest."""
        first, last = round(self.seconds(start) * RATE_HZ), min(self.count, round(self.seconds(end) * RATE_HZ))
        period = self.staging.wiper_period_s
        random = self.random(20)
        half = period / 2
        count = int(half * 0.86 * RATE_HZ)
        shape = np.sin(np.linspace(0, np.pi, count)) ** 1.4
        time = np.arange(count) / RATE_HZ
        knock_time = np.arange(int(0.13 * RATE_HZ)) / RATE_HZ
        knock = np.exp(-knock_time * 42) * np.sin(2 * np.pi * (92 - 120 * knock_time) * knock_time)
        click = np.exp(-knock_time * 210) * noise(random, len(knock_time), 700, 2400) * 0.25
        squeak = np.sin(2 * np.pi * (610 * time + 160 * np.sin(np.pi * time / (half * 0.86)))) * shape**3 * 0.0026
        # no two sweeps are alike, but a handful of each, in random order, will do
        outs = [noise(random, count, 900, 3800) * shape * 0.0105 + squeak for _ in range(7)]
        backs = [noise(random, count, 500, 1900) * shape * 0.0052 for _ in range(7)]
        lane = np.zeros((2, last - first))
        for beat in range(int(np.ceil((last - first) / RATE_HZ / period)) + 1):
            at = beat * period
            add(lane, at + 0.04 * period, outs[int(random.integers(7))], 0.12, 1.0)
            add(lane, at + half + 0.04 * period, backs[int(random.integers(7))], -0.12, 1.0)
            add(lane, at + period - 0.012, knock * 0.075 + click * 0.05, -0.05, 1.0)
        level = np.interp(np.arange(first, last) / RATE_HZ, *self._level_knots(first / RATE_HZ, last / RATE_HZ))
        track[:, first:last] += lane * level

    def _level_knots(self, first_s: float, last_s: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return times and levels of the wipers between which it is interpolated: softer from the street."""
        time_s = np.arange(first_s, last_s + 0.05, 0.05)
        return time_s, 0.30 + 0.70 * self._inside(time_s)

    def _passing(self, track: NDArray[np.float64]) -> None:
        """Add the car that passes with its headlights: from the right to the left, its pitch falling."""
        for index, (_, peak, _) in enumerate(self.timeline.flash_spans()):
            length_s = 5.0
            count = int(length_s * RATE_HZ)
            time = np.arange(count) / RATE_HZ - length_s / 2
            near = 1 / (1 + (time / 0.55) ** 2)
            random = self.random(30 + index)
            wet = noise(random, count, 300, 2600) * near**1.2 * 0.05 + noise(random, count, 60, 260) * near * 0.045
            pitch = 74 * (1 - 0.10 * np.tanh(time / 0.5))
            motor = np.sin(2 * np.pi * np.cumsum(pitch) / RATE_HZ) + 0.5 * np.sin(
                4 * np.pi * np.cumsum(pitch) / RATE_HZ
            )
            both = wet + motor * near * 0.022
            ends = np.minimum(1, np.minimum(time + length_s / 2, length_s / 2 - time) / 0.5)
            pan = np.clip(-time / 0.8, -1, 1) * 0.8
            angle = (pan + 1) * np.pi / 4
            start_s = self.seconds(peak) - length_s / 2 + 0.12
            for channel, side in enumerate((np.cos(angle), np.sin(angle))):
                add(track, start_s, both * ends * side, -1.0 if channel == 0 else 1.0, 1.0)

    def _cloth(self, track: NDArray[np.float64]) -> None:
        """Add the rustle of coats in the embrace, and breath after it."""
        random = self.random(40)
        for shot in self.timeline.shots:
            if shot.plan.set_up == "profiles":
                length_s = (shot.end_frame - shot.start_frame) / self.fps
                for share, long_s, loud in ((0.3, 0.9, 0.006), (0.58, 0.6, 0.008), (0.8, 1.3, 0.011)):
                    self._rustle(track, random, self.seconds(shot.start_frame) + share * length_s, long_s, loud)
            if shot.plan.set_up == "embrace":
                at_s = self.seconds(shot.start_frame)
                while at_s < self.seconds(shot.end_frame) - 0.8:
                    self._breath(track, random, at_s, 0.0075)
                    at_s += float(random.uniform(1.0, 1.4))
        held = self.timeline.first("held")
        if held is not None:
            at_s, loud = self.seconds(held.start_frame) + 0.6, 0.0055
            while at_s < self.seconds(held.end_frame) - 2.5:
                self._breath(track, random, at_s, loud)
                at_s, loud = at_s + float(random.uniform(2.6, 3.4)), loud * 0.8

    def _rustle(
        self, track: NDArray[np.float64], random: np.random.Generator, at_s: float, long_s: float, loud: float
    ) -> None:
        count = int(long_s * RATE_HZ)
        grain = np.abs(noise(random, count, 3, 14)) ** 1.3
        shape = np.sin(np.linspace(0, np.pi, count))
        add(track, at_s, noise(random, count, 1200, 6500) * grain * shape, 0.1, loud)

    def _breath(self, track: NDArray[np.float64], random: np.random.Generator, at_s: float, loud: float) -> None:
        count = int(0.62 * RATE_HZ)
        shape = np.sin(np.linspace(0, np.pi, count) ** 0.8 / np.pi**-0.2 * 1.0) ** 2
        add(track, at_s, noise(random, count, 500, 2400) * shape, 0.05, loud)

    def _fade(self) -> NDArray[np.float64]:
        """Return the sound's fader: it follows the picture's fades, and is digital silence in black."""
        level = np.ones(self.count)
        shots = self.timeline.shots
        for shot in shots:
            left, right = (round(self.seconds(one) * RATE_HZ) for one in (shot.start_frame, shot.end_frame))
            if shot.plan.set_up == "black":
                level[left:right] = 0.0
                out = round(self.seconds(shot.transition_start_frame) * RATE_HZ)
                level[out:left] *= np.cos(np.linspace(0, np.pi / 2, left - out)) ** 2
        rise = min(self.count, int(1.2 * RATE_HZ))
        level[:rise] *= np.sin(np.linspace(0, np.pi / 2, rise)) ** 2
        fall = min(self.count, int(1.2 * RATE_HZ))
        level[self.count - fall :] *= np.cos(np.linspace(0, np.pi / 2, fall)) ** 2
        return level


K_SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
K_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
"""The two filters of the K-weighting at 48 kHz, ITU-R BS.1770-5, tables 1 and 2."""


def loudness_lufs(sound: Sound) -> float:
    """Return the ungated K-weighted loudness of stereo sound (ITU-R BS.1770-5); −120 for digital silence."""
    power = 0.0
    for channel in sound.astype(np.float64):
        weighted = signal.lfilter(*K_PASS, signal.lfilter(*K_SHELF, channel))
        power += float(np.mean(weighted**2)) if len(weighted) else 0.0
    return max(-120.0, -0.691 + 10 * float(np.log10(max(power, 1e-30))))


def tell_sound(timeline: Timeline, sound: Sound) -> dict[str, object]:
    """Return what is true of the sound, ready for JSON: loudness by shot, silence, where music and car are heard."""
    fps = timeline.staging.fps

    def samples(shot: Shot) -> Sound:
        left, right = (round(one / fps * RATE_HZ) for one in (shot.start_frame, shot.end_frame))
        return sound[:, left:right]

    score = Score(timeline)
    thin_s, last_s = score.thinning()
    credits = timeline.first("credits")
    return {
        "sample_rate_hz": RATE_HZ,
        "sections": [
            {
                "shot": shot.number,
                "start_frame": shot.start_frame,
                "end_frame": shot.end_frame,
                "loudness_lufs": round(loudness_lufs(samples(shot)), 2),
                "level_db": round(
                    max(-120.0, 20 * float(np.log10(max(1e-6, np.sqrt(np.mean(samples(shot) ** 2)))))), 2
                ),
            }
            for shot in timeline.shots
        ],
        "silence": [
            {"start_frame": shot.start_frame, "end_frame": shot.end_frame}
            for shot in timeline.shots
            if shot.plan.set_up == "black"
        ],
        "music": {
            "start_s": 1.0,
            "thins_from_s": round(thin_s, 3),
            "theme_ends_s": round(last_s, 3),
            "credits_start_s": round(credits.start_frame / fps + 0.3, 3) if credits else None,
        }
        if timeline.staging.music
        else None,
    }
