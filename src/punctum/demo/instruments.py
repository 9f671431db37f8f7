"""What the score is played on: tones, noises, a room.

Conventions: as in ``score``; a note is a MIDI number, 69 is a at 440 Hz; tones are float64 at ``LOW_RATE_HZ``.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import signal

RATE_HZ = 48_000
LOW_RATE_HZ = 24_000
"""What has nothing above 10 kHz, music and street, is made at half the rate and brought up in the end."""
Sound = NDArray[np.float32]


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
    # several players drift together and apart, slowly: no beat that would be heard as one
    swell = np.float32(0.62) + np.float32(0.14) * sine(time, 0.11 + 0.013 * (note % 5), 0.25)
    for partial, share in ((1, 1.0), (2, 0.42), (3, 0.2), (4, 0.08)):
        tone += np.float32(share) * swell * sine(time, hz(note) * partial)
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
