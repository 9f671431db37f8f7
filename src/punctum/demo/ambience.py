"""Sound for films in quantity: a bed of noise, music or none, a beat, murmured talk, silence over black.

Conventions: as in ``score``. What is heard depends on the film's seed, when it is heard on its shots.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from punctum.demo.composing import Composer
from punctum.demo.instruments import LOW_RATE_HZ, RATE_HZ, Sound, add, bowed, noise, room, struck
from punctum.demo.staging import Shot
from punctum.demo.waltz import reed

SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 3, 5, 7, 10), (0, 2, 4, 7, 9))
"""Steps of the scales that melodies are drawn from."""


class Ambience(Composer):
    """Composes the sound of a film by its seed."""

    series = 920

    def compose(self) -> Sound:
        """Return the whole film's sound."""
        random = self.random(0)
        low = self._bed(random)
        if self.staging.music and random.random() < 0.75:
            low += self._music(random)
        if random.random() < 0.3:
            self._beat(low, random)
        if random.random() < 0.6:
            self._talk(low)
        track = np.ascontiguousarray(signal.resample_poly(low, RATE_HZ // LOW_RATE_HZ, 1, axis=1)[:, : self.count])
        track *= self._fade() * 10 ** (float(random.uniform(-6, 6)) / 20)
        peak = float(np.abs(track).max()) if track.size else 0.0
        if peak > 0.89:
            track = np.tanh(track / 0.89) * 0.89
        return np.ascontiguousarray(track[::-1] if self.staging.mirror else track, dtype=np.float32)

    def _bed(self, random: np.random.Generator) -> NDArray[np.float64]:
        """Return the places' noise: another band and level for each scene, steps of a few shots."""
        track = np.zeros((2, self.low_count))
        low_hz = float(random.choice([50, 90, 200, 500]))
        for index, (left_s, right_s) in enumerate(self._stretches(random)):
            first, last = (min(self.low_count, round(one * LOW_RATE_HZ)) for one in (left_s, right_s))
            if last - first < 100:
                continue
            level = 10 ** (float(random.uniform(-56, -32)) / 20)
            high_hz = min(9000.0, low_hz * float(random.uniform(3, 24)))
            for side in range(2):
                track[side, first:last] = level * noise(
                    self.random(30 + 2 * index + side), last - first, low_hz, high_hz, LOW_RATE_HZ
                )
        return track

    def _stretches(self, random: np.random.Generator) -> list[tuple[float, float]]:
        """Return stretches of a few shots each."""
        shots = self.timeline.shots
        ends = [shot.end_frame for shot in shots if random.random() < 0.35 or shot is shots[-1]]
        return [(self.seconds(left), self.seconds(right)) for left, right in pairwise([0, *ends])]

    def _music(self, random: np.random.Generator) -> NDArray[np.float64]:
        track = np.zeros((2, self.low_count))
        played = (struck, lambda note, loud, long: loud * reed(note, long), bowed)[int(random.integers(3))]
        scale, root = SCALES[int(random.integers(4))], int(random.integers(50, 62))
        beat_s = float(random.uniform(0.28, 1.1))
        total_s = self.low_count / LOW_RATE_HZ
        start_s, end_s = sorted(float(one) for one in random.uniform(0, 1.25, 2) * total_s)
        if end_s - start_s < 0.3 * total_s:
            start_s, end_s = 0.0, total_s
        gain = 10 ** (float(random.uniform(-32, -20)) / 20)
        made: dict[int, NDArray[np.float64]] = {}
        at_s, step = start_s, int(random.integers(len(scale)))
        while at_s < min(end_s, total_s):
            step = int(np.clip(step + random.integers(-2, 3), 0, 2 * len(scale) - 1))
            note = root + scale[step % len(scale)] + 12 * (step // len(scale))
            if note not in made:
                made[note] = played(note, 0.5, max(0.6, 1.6 * beat_s))
            add(track, at_s, made[note], 0.2, gain, LOW_RATE_HZ)
            if random.random() < 0.3:
                low = root - 12 + 7 * (step % 2)
                if low not in made:
                    made[low] = played(low, 0.5, max(0.8, 3 * beat_s))
                add(track, at_s, made[low], -0.3, gain, LOW_RATE_HZ)
            at_s += beat_s * float(random.choice([0.5, 1, 1, 2]))
        return room(self.random(2), track, 1.4, 0.25)

    def _beat(self, track: NDArray[np.float64], random: np.random.Generator) -> None:
        """Add something that beats: a clock, an engine, rails."""
        period_s = float(random.uniform(0.35, 1.6))
        count = int(0.12 * LOW_RATE_HZ)
        low_hz = float(random.uniform(150, 2000))
        tick = noise(self.random(3), count, low_hz, low_hz * 2.5, LOW_RATE_HZ) * np.exp(
            -np.arange(count) / LOW_RATE_HZ * float(random.uniform(20, 90))
        )
        left_s, right_s = sorted(float(one) for one in random.uniform(0, self.low_count / LOW_RATE_HZ, 2))
        while left_s < right_s:
            add(track, left_s, tick, 0.1, 0.03, LOW_RATE_HZ)
            left_s += period_s

    def _talk(self, track: NDArray[np.float64]) -> None:
        """Add murmured talk where faces are near: a buzz through two formants, in syllables."""
        random = self.random(4)
        for shot in self.timeline.shots:
            if shot.plan.set_up in ("face", "pair") and random.random() < 0.45 and shot.plan.action != "tear":
                self._phrase(track, random, shot)

    def _phrase(self, track: NDArray[np.float64], random: np.random.Generator, shot: Shot) -> None:
        at_s = self.seconds(shot.start_frame) + 0.2
        long_s = min(3.5, self.seconds(shot.end_frame) - at_s - 0.2)
        count = int(long_s * LOW_RATE_HZ)
        if count < 2000:
            return
        time = np.arange(count) / LOW_RATE_HZ
        pitch = float(random.uniform(95, 230)) * (1 + 0.08 * np.sin(2 * np.pi * time * 0.7) - 0.05 * time / long_s)
        buzz = signal.sawtooth(2 * np.pi * np.cumsum(pitch) / LOW_RATE_HZ)
        voice = np.zeros(count)
        for low, high in ((300, 850), (900, 2300)):
            voice += signal.sosfilt(signal.butter(2, (low, high), "bandpass", fs=LOW_RATE_HZ, output="sos"), buzz)
        syllables = np.clip(np.sin(2 * np.pi * time * float(random.uniform(3.2, 4.8))), 0, 1) * (
            np.sin(2 * np.pi * time * 0.6 + 1) > -0.5
        )
        add(track, at_s, voice * syllables, float(random.uniform(-0.3, 0.3)), 0.05, LOW_RATE_HZ)

    def _fade(self) -> NDArray[np.float64]:
        """Return the sound's fader: silence in black, soft edges of the film."""
        level = np.ones(self.count)
        for shot in self.timeline.shots:
            if shot.plan.set_up == "black":
                left, right = (round(self.seconds(one) * RATE_HZ) for one in (shot.start_frame, shot.end_frame))
                level[left:right] = 0.0
        rise = min(self.count, int(0.6 * RATE_HZ))
        level[:rise] *= np.linspace(0, 1, rise)
        level[self.count - rise :] *= np.linspace(1, 0, rise)
        return level
