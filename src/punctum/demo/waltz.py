"""*Procession*'s sound: a waltz that comes along the road and goes away, steps on gravel, night; then nothing.

Conventions: as in ``score``.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from punctum.demo.composing import Composer
from punctum.demo.instruments import LOW_RATE_HZ, RATE_HZ, Sound, add, hz, noise, room, sine, struck

BEAT_S = 0.52
"""A third of a bar; the dancers step on the first of each two."""

CHORDS: tuple[tuple[int, ...], ...] = (
    (45, 57, 60, 64), (45, 57, 60, 64), (40, 56, 59, 64), (45, 57, 60, 64),
    (38, 57, 62, 65), (45, 57, 60, 64), (40, 56, 59, 62), (45, 57, 60, 64),
)  # fmt: skip
"""A minor and its neighbours, a bar each: bass, then three notes for the two beats after it."""

TUNE: tuple[tuple[float, int, float], ...] = (
    (0, 76, 2.0), (2, 74, 1.0), (3, 72, 2.0), (5, 71, 1.0), (6, 71, 1.5), (7.5, 72, 0.5), (8, 74, 1.0), (9, 72, 2.5),
    (12, 77, 2.0), (14, 76, 1.0), (15, 76, 1.5), (16.5, 74, 0.5), (17, 72, 1.0), (18, 74, 1.0), (19, 71, 1.0),
    (20, 68, 1.0), (21, 69, 2.8),
)  # fmt: skip
"""Beat, MIDI note, length in beats: eight bars."""

FAR = {
    "road": 0.16,
    "walk": 0.34,
    "ridge": 0.75,
    "bellows": 1.0,
    "stranger": 0.9,
    "among": 0.85,
    "turn": 0.4,
    "closing": 0.2,
}
"""How near the musicians are heard in each set-up, 0 to 1."""


def reed(note: int, length_s: float) -> NDArray[np.float64]:
    """Return one tone of an accordion: two reeds a little apart, which makes it tremble."""
    count = int((length_s + 0.08) * LOW_RATE_HZ)
    time = np.arange(count) / LOW_RATE_HZ
    tone = np.zeros(count, np.float32)
    for apart in (-0.0018, 0.0021):
        for partial, share in ((1, 0.6), (2, 0.42), (3, 0.34), (4, 0.2), (5, 0.16), (6, 0.08), (7, 0.06)):
            if hz(note) * partial < 9000:
                tone += np.float32(share) * sine(time, hz(note) * (1 + apart) * partial, partial * 0.13)
    rise, fall = int(0.03 * LOW_RATE_HZ), int(0.08 * LOW_RATE_HZ)
    tone[:rise] *= np.linspace(0, 1, rise, dtype=np.float32)
    tone[-fall:] *= np.linspace(1, 0, fall, dtype=np.float32)
    return tone.astype(np.float64)


class Waltz(Composer):
    """Composes *Procession*'s sound."""

    series = 910

    def compose(self) -> Sound:
        """Return the whole film's sound."""
        low = self._night()
        if self.staging.music:
            low += self._music()
        self._steps(low)
        track = np.ascontiguousarray(signal.resample_poly(low, RATE_HZ // LOW_RATE_HZ, 1, axis=1)[:, : self.count])
        track *= self._fade()
        if self.staging.mirror:
            track = track[::-1]
        peak = float(np.abs(track).max()) if track.size else 0.0
        if peak > 0.89:
            track = np.tanh(track / 0.89) * 0.89
        return np.ascontiguousarray(track, dtype=np.float32)

    def _curve(self, levels: dict[str, float], soft_s: float) -> NDArray[np.float64]:
        """Return a level for every sample, from set-up to set-up, softened over ``soft_s`` seconds."""
        step = LOW_RATE_HZ // 50
        coarse = np.zeros(-(-self.low_count // step))
        for shot in self.timeline.shots:
            left, right = (round(self.seconds(one) * 50) for one in (shot.start_frame, shot.end_frame))
            coarse[left:right] = levels.get(shot.plan.set_up, 0.0)
        wide = max(1, round(soft_s * 50))
        padded = np.pad(coarse, (wide, wide), mode="edge")
        soft = np.convolve(padded, np.ones(wide) / wide, "same")[wide:-wide]
        return np.interp(np.arange(self.low_count) / step, np.arange(len(soft)), soft)

    def _music(self) -> NDArray[np.float64]:
        track = np.zeros((2, self.low_count))
        held = self.timeline.held()
        end_s = self.seconds(self.timeline.shots[-1].end_frame)
        # they go out of hearing while her face is held: the tune stops at the end of a bar, one note is left
        last_s = (
            self.seconds(held.start_frame) + 0.42 * self.seconds(held.end_frame - held.start_frame) if held else end_s
        )
        made: dict[tuple[int, float], NDArray[np.float64]] = {}

        def tone(note: int, beats: float) -> NDArray[np.float64]:
            if (note, beats) not in made:
                made[note, beats] = reed(note, beats * BEAT_S * 0.94)
            return made[note, beats]

        plucked = {note: struck(note, 0.5, 1.1) for chord in CHORDS for note in chord}
        bar = 0
        while bar * 3 * BEAT_S + 0.4 < last_s:
            at_s = 0.4 + bar * 3 * BEAT_S
            chord = CHORDS[bar % 8]
            add(track, at_s, plucked[chord[0]], -0.3, 0.2, LOW_RATE_HZ)
            for beat in (1, 2):
                for index, note in enumerate(chord[1:]):
                    add(track, at_s + beat * BEAT_S + 0.012 * index, plucked[note], -0.25, 0.085, LOW_RATE_HZ)
            for at_beat, note, beats in TUNE:
                if bar % 8 * 3 <= at_beat < bar % 8 * 3 + 3:
                    add(track, at_s + (at_beat - bar % 8 * 3) * BEAT_S, tone(note, beats), 0.25, 0.042, LOW_RATE_HZ)
                    if bar // 8 % 2:
                        add(
                            track,
                            at_s + (at_beat - bar % 8 * 3) * BEAT_S,
                            tone(note - 9 + (note in (68, 71, 74, 76)), beats),
                            0.3,
                            0.022,
                            LOW_RATE_HZ,
                        )
            bar += 1
        track *= self._curve(FAR | {"black": 0.2}, 1.6)
        tear = self.timeline.tear_span()
        if tear is not None:
            add(track, self.seconds(tear[0]) + 1.2, struck(81, 0.42, 4.6), 0.15, 0.12, LOW_RATE_HZ)
        roll = self.timeline.first("credits")
        if roll is not None:
            at_s, until_s = self.seconds(roll.start_frame) + 0.3, self.seconds(roll.end_frame)
            for at_beat, note, _ in TUNE:
                if at_s + at_beat * BEAT_S * 1.4 < until_s - 0.5:
                    add(track, at_s + at_beat * BEAT_S * 1.4, struck(note, 0.45, 2.4), 0.1, 0.12, LOW_RATE_HZ)
        return room(self.random(2), track, 1.6, 0.2)

    def _night(self) -> NDArray[np.float64]:
        """Return the night: wind in the pines, and crickets that beat together."""
        track = np.zeros((2, self.low_count))
        time = np.arange(self.low_count) / LOW_RATE_HZ
        level = self._curve(dict.fromkeys(FAR, 1.0) | {"closing": 0.6, "bellows": 0.3}, 0.8)
        chirp = np.clip(np.sin(2 * np.pi * time * 1.45), 0, 1) ** 3 * (0.5 + 0.5 * np.sin(2 * np.pi * time * 29.0))
        cricket = np.asarray(sine(time, 4300.0), np.float64) * chirp * 0.0022
        for side in range(2):
            wind = noise(self.random(10 + side), self.low_count, 120, 700, LOW_RATE_HZ)
            swell = 1 + 0.4 * np.sin(2 * np.pi * time / 11.0 + side)
            track[side] = (0.0045 * swell * wind + cricket * (0.6 if side else 1.0)) * level
        return track

    def _steps(self, track: NDArray[np.float64]) -> None:
        """Add her steps on the gravel, where she walks."""
        random = self.random(20)
        count = int(0.16 * LOW_RATE_HZ)
        shape = np.exp(-np.arange(count) / LOW_RATE_HZ * 30)
        made = [
            noise(random, count, 500, 5200, LOW_RATE_HZ) * shape * np.abs(noise(random, count, 20, 90, LOW_RATE_HZ))
            for _ in range(5)
        ]
        loud = {"road": 0.012, "walk": 0.03, "among": 0.012, "turn": 0.02}
        for shot in self.timeline.shots:
            level = loud.get(shot.plan.set_up)
            if level is None:
                continue
            at_s, end_s = self.seconds(shot.start_frame), self.seconds(shot.end_frame)
            if shot.plan.set_up == "turn":
                end_s = at_s + 1.4 / self.staging.speed
            while at_s < end_s - 0.2:
                add(track, at_s, made[int(random.integers(5))], float(random.uniform(-0.1, 0.1)), level, LOW_RATE_HZ)
                at_s += 0.6 + float(random.uniform(-0.02, 0.02))

    def _fade(self) -> NDArray[np.float64]:
        """Return the sound's fader: digital silence in black, from the cut on."""
        level = np.ones(self.count)
        for shot in self.timeline.shots:
            left, right = (round(self.seconds(one) * RATE_HZ) for one in (shot.start_frame, shot.end_frame))
            if shot.plan.set_up == "black":
                level[left:right] = 0.0
                out = max(0, left - int(0.25 * RATE_HZ))
                level[out:left] *= np.cos(np.linspace(0, np.pi / 2, left - out)) ** 2
        rise = min(self.count, int(1.2 * RATE_HZ))
        level[:rise] *= np.sin(np.linspace(0, np.pi / 2, rise)) ** 2
        level[self.count - rise :] *= np.cos(np.linspace(0, np.pi / 2, rise)) ** 2
        return level
