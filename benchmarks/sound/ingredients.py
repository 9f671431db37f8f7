"""Composes sound whose truth is known: speech, music, rain, crowds, wipers, clocks, silence, at several levels.

Mono float64 at 16 kHz. Recordings come from the folder ``PUNCTUM_AUDIO``, else ``audio`` beside ``PUNCTUM_MEDIA``;
without them there is nothing to compose of. What habits and thresholds were set with is *building* material, what they
are judged on is *judging* material. No voice is in both, and each has one half of the song; trumpet and whale are in
both, and nothing was set by them.
"""

import os
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16000
Sound = NDArray[np.float64]

VOICES = {"build": ("libri_198-209-0000", "libri_3436-172162-0000"), "judge": ("libri_5703-47212-0000",)}


def audio_folder() -> Path | None:
    """Where the recordings are; None where nothing says so."""
    named = os.environ.get("PUNCTUM_AUDIO")
    beside = os.environ.get("PUNCTUM_MEDIA")
    folder = Path(named) if named else Path(beside).parent / "audio" if beside else None
    return folder if folder and folder.is_dir() else None


def load(path: Path, rate_hz: int = RATE_HZ) -> Sound:
    """Decode a recording to mono."""
    pieces = []
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=rate_hz)
        for frame in container.decode(audio=0):
            pieces += [out.to_ndarray().ravel() for out in resampler.resample(frame)]
        pieces += [out.to_ndarray().ravel() for out in resampler.resample(None)]
    return np.concatenate(pieces).astype(np.float64)


class Recordings:
    """The recordings of one half: ``build`` or ``judge``."""

    def __init__(self, half: str) -> None:
        folder = audio_folder()
        if folder is None:
            raise SystemExit("PUNCTUM_AUDIO names no folder with recordings (libri_*.ogg, fishin.ogg, ...)")
        self.voices = [load(folder / f"{name}.ogg") for name in VOICES[half]]
        song = load(folder / "fishin.ogg")
        middle = len(song) // 2
        self.song = song[:middle] if half == "build" else song[middle:]
        self.whale = load(folder / "humpback.ogg")
        self.trumpet = load(folder / "trumpet.ogg")


def level_db(sound: Sound) -> float:
    """RMS, dB below full scale."""
    return float(10 * np.log10(np.mean(sound**2) + 1e-20))


def at_level(sound: Sound, db: float) -> Sound:
    """Bring sound to an RMS level."""
    return np.asarray(sound * 10 ** ((db - level_db(sound)) / 20))


def noise(random: np.random.Generator, count: int, low_hz: float = 0.0, high_hz: float = 8000.0) -> Sound:
    """White noise between two frequencies, RMS about 1."""
    spectrum = np.fft.rfft(random.standard_normal(count))
    frequency = np.fft.rfftfreq(count, 1 / RATE_HZ)
    spectrum[(frequency < low_hz) | (frequency > high_hz)] = 0
    made = np.fft.irfft(spectrum, count)
    return np.asarray(made / (np.std(made) + 1e-12))


def speech(random: np.random.Generator, voices: list[Sound], seconds: float, pause_s: float = 0.6) -> Sound:
    """Read speech: pieces of two seconds and more, with pauses of a random length between them."""
    pieces, count = [], 0
    wanted = round(seconds * RATE_HZ)
    while count < wanted:
        voice = voices[int(random.integers(len(voices)))]
        start = int(random.integers(0, len(voice) // 2))
        end = start + int(random.integers(2 * RATE_HZ, max(len(voice) - start, 2 * RATE_HZ + 1)))
        pieces += [voice[start:end], np.zeros(round(random.exponential(pause_s) * RATE_HZ))]
        count += len(pieces[-1]) + len(pieces[-2])
    return np.concatenate(pieces)[:wanted]


def crowd(random: np.random.Generator, voices: list[Sound], seconds: float, people: int = 12) -> Sound:
    """Many who talk at once, at somewhat different pitches."""
    count = round(seconds * RATE_HZ)
    made = np.zeros(count)
    for _ in range(people):
        faster = float(random.uniform(0.85, 1.18))
        voice = at_level(speech(random, voices, seconds * faster + 1), -30 + float(random.normal(0, 4)))
        made += np.interp(np.arange(count) * faster, np.arange(len(voice)), voice)
    return made


def rain(random: np.random.Generator, seconds: float) -> Sound:
    """A hiss that swells and ebbs, and single drops."""
    count = round(seconds * RATE_HZ)
    made = 0.3 * noise(random, count, 400, 7500)
    for _ in range(round(seconds * 25)):
        at = int(random.integers(0, count - 800))
        made[at : at + 800] += (
            np.exp(-np.arange(800) / random.uniform(30, 200)) * random.standard_normal(800) * random.exponential(1.0)
        )
    return made * (1 + 0.3 * np.sin(np.arange(count) / RATE_HZ * 0.3 + random.uniform(0, 6)))


def free_music(random: np.random.Generator, seconds: float) -> Sound:
    """Notes with no beat: each begins when it likes, lasts as long as it likes."""
    count = round(seconds * RATE_HZ)
    made, at_s = np.zeros(count + 8 * RATE_HZ), 0.0
    while at_s < seconds:
        length = int(random.uniform(0.5, 4) * RATE_HZ)
        pitch = 220 * 2 ** (random.integers(-12, 20) / 12)
        time = np.arange(length) / RATE_HZ
        shape = np.minimum(1, time / random.uniform(0.01, 0.3)) * np.exp(-time / random.uniform(0.4, 2))
        shape *= np.minimum(1, (length - np.arange(length)) / (0.05 * RATE_HZ))
        tone = sum(np.sin(2 * np.pi * pitch * k * time) / k**1.5 for k in range(1, 6))
        start = int(at_s * RATE_HZ)
        made[start : start + length] += tone * shape * random.uniform(0.3, 1)
        at_s += random.exponential(0.5) + 0.1 * random.random()
    return made[:count]


def wipers(random: np.random.Generator, seconds: float, period_s: float) -> Sound:
    """Out with a brush of rubber, back with a softer one, a knock where they come to rest."""
    count = round(seconds * RATE_HZ)
    made = np.zeros(count + round(3 * period_s * RATE_HZ))
    sweep = int(period_s / 2 * 0.86 * RATE_HZ)
    shape = np.sin(np.linspace(0, np.pi, sweep)) ** 1.4
    time = np.arange(round(0.13 * RATE_HZ)) / RATE_HZ
    knock = 2.0 * np.exp(-time * 42) * np.sin(2 * np.pi * 92 * time)
    for beat in range(int(seconds / period_s) + 1):
        for share, low, high, loud in ((0.04, 900, 3800, 1.0), (0.54, 500, 1900, 0.35)):
            at = round((beat + share) * period_s * RATE_HZ)
            made[at : at + sweep] += loud * noise(random, sweep, low, high) * shape
        at = round((beat + 1) * period_s * RATE_HZ)
        made[at : at + len(knock)] += knock
    return made[:count]


def clock(random: np.random.Generator, seconds: float, period_s: float) -> Sound:
    """Ticks of ten milliseconds."""
    count = round(seconds * RATE_HZ)
    made = np.zeros(count + RATE_HZ)
    for beat in range(int(seconds / period_s)):
        at = round((beat + 0.1) * period_s * RATE_HZ)
        made[at : at + 160] += np.exp(-np.arange(160) / 25) * random.standard_normal(160)
    return made[:count]


def heart(seconds: float, period_s: float) -> Sound:
    """Two thuds, a third of the period apart."""
    count = round(seconds * RATE_HZ)
    made = np.zeros(count + RATE_HZ)
    time = np.arange(round(0.15 * RATE_HZ)) / RATE_HZ
    for beat in range(int(seconds / period_s)):
        for share, pitch, loud in ((0.0, 60, 1.0), (0.32, 75, 0.6)):
            at = round((beat + share) * period_s * RATE_HZ)
            made[at : at + len(time)] += loud * np.exp(-time * 30) * np.sin(2 * np.pi * pitch * time)
    return made[:count]


def fade_in(sound: Sound, seconds: float = 0.05) -> Sound:
    """Soften both ends, so that a piece set in begins without a click."""
    count = min(round(seconds * RATE_HZ), len(sound) // 2)
    shape = np.ones(len(sound))
    shape[:count] = np.linspace(0, 1, count)
    shape[-count:] = np.linspace(1, 0, count)
    return sound * shape
