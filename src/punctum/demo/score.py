"""The film's sound: music that thins out, street, wipers, a passing car, silence.

Conventions: float32 (2, samples), left first, full scale −1..1, 48 kHz; times in seconds of the film.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from punctum.demo.composing import Composer
from punctum.demo.instruments import LOW_RATE_HZ, RATE_HZ, Sound, add, bowed, low_note, noise, room, struck

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


class Score(Composer):
    """Composes the sound of a timeline."""

    series = 900

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
                for at_beat, note, loud in THEME:
                    if not (bar - 1) % 4 * 4 <= at_beat < (bar - 1) % 4 * 4 + 4:
                        continue
                    when_s = at_s + (at_beat % 4) * BEAT_S
                    if when_s >= last_s or (when_s > thin_s and at_beat % 2 != 0):
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
        roll = self.timeline.first("credits")
        if roll is not None:
            at_s, until_s = self.seconds(roll.start_frame) + 0.3, self.seconds(roll.end_frame)
            for index, (at_beat, note, loud) in enumerate(THEME[:9]):
                if at_s + at_beat * BEAT_S < until_s - 0.6:
                    add(
                        track,
                        at_s + at_beat * BEAT_S,
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
        outs = [noise(random, count, 900, 3800) * shape * 0.0115 + squeak for _ in range(7)]
        backs = [noise(random, count, 500, 1900) * shape * 0.0030 for _ in range(7)]
        lane = np.zeros((2, last - first))
        for beat in range(int(np.ceil((last - first) / RATE_HZ / period)) + 1):
            at = beat * period
            add(lane, at + 0.04 * period, outs[int(random.integers(7))], 0.12, 1.0)
            add(lane, at + half + 0.04 * period, backs[int(random.integers(7))], -0.12, 1.0)
            add(lane, at + period - 0.012, knock * 0.11 + click * 0.09, -0.05, 1.0)
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
                length_s = (shot.end_frame - shot.start_frame) / self.staging.fps
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
