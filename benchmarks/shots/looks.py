"""Looks that a whole film may have: dark, grainy, colourless, flickering, scratched, starved of bits.

Conventions: pictures are uint8 (n, h, w, 3); looks are named, several joined by "+", and laid on in the order of
``LOOKS``; strengths are drawn once a film.
"""

import io

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]

LOOKS = ("plain", "dark", "grain", "colourless", "flicker", "scratches", "low bit rate", "twos")
HARD = "dark+grain+colourless"


def develop(rng: np.random.Generator, pictures: Pictures, look: str) -> Pictures:
    """Give a film a look, or several joined by "+"."""
    names = look.split("+")
    unknown = set(names) - set(LOOKS)
    if unknown:
        raise ValueError(f"no look {', '.join(sorted(unknown))}: there are {', '.join(LOOKS)}")
    if "twos" in names:
        each = int(rng.choice([2, 2, 2, 3]))
        pictures = pictures[np.arange(len(pictures)) // each * each]
    for name, lay in (("dark", _darken), ("colourless", _drain), ("scratches", _scratch)):
        if name in names:
            pictures = lay(rng, pictures)
    if "grain" in names or "flicker" in names:
        pictures = _unsettle(rng, pictures, "grain" in names, "flicker" in names)
    return _starve(rng, pictures) if "low bit rate" in names else pictures


def _darken(rng: np.random.Generator, pictures: Pictures) -> Pictures:
    gain, power, floor = rng.uniform(0.25, 0.6), rng.uniform(1.1, 1.7), rng.uniform(0, 6)
    table = floor + gain * 255 * (np.arange(256) / 255) ** power
    rounded = np.clip(table + 0.5, 0, 255).astype(np.uint8)
    return np.stack([cv2.LUT(picture, rounded) for picture in pictures])


def _drain(rng: np.random.Generator, pictures: Pictures) -> Pictures:
    weights = [0.2126, 0.7152, 0.0722] if rng.random() < 0.7 else rng.dirichlet([2, 3, 1.5])
    tone = np.array([1.08, 1.0, 0.86] if rng.random() < 0.2 else [1.0, 1.0, 1.0], np.float32)
    mix = np.outer(tone, np.asarray(weights, np.float32))
    return np.stack([cv2.transform(picture, mix) for picture in pictures])


def _unsettle(rng: np.random.Generator, pictures: Pictures, grain: bool, flicker: bool) -> Pictures:
    n, h, w = pictures.shape[:3]
    strength = float(np.exp(rng.uniform(np.log(2), np.log(13)))) if grain else 0.0
    coarse = rng.uniform(0.4, 1.1) if rng.random() < 0.5 else 0.0
    coloured = rng.random() < 0.3
    depth = rng.uniform(0.02, 0.16) if flicker else 0.0
    uneven = rng.random() < 0.5
    slow, out = 0.0, np.empty_like(pictures)
    down = np.linspace(-1, 1, h, dtype=np.float32)[:, None, None]
    # grain shows most in the middle tones
    x = np.arange(256, dtype=np.float32) / 255
    amount = strength * (0.35 + 2.6 * x * (1 - x))
    # a few larger fields, shifted and turned over anew for every frame, in place of new noise
    fields = [_noise(rng, h + 64, w + 64, coarse, coloured) for _ in range(6)] if grain else []
    for i in range(n):
        p = pictures[i]
        if flicker:
            slow = 0.6 * slow + 0.5 * rng.normal()
            gain = 1 + depth * (0.6 * slow + 0.6 * rng.normal())
            p = np.clip(p * np.float32(gain) + (p * (depth * np.float32(rng.normal()) * down) if uneven else 0), 0, 255)
        if grain:
            top, left = rng.integers(0, 65, 2)
            noise = fields[int(rng.integers(len(fields)))][top : top + h, left : left + w]
            noise = noise[:: int(rng.choice([-1, 1])), :: int(rng.choice([-1, 1]))]
            p = cv2.LUT(p.astype(np.uint8), amount) * noise + p
        out[i] = np.clip(p + np.float32(0.5), 0, 255).astype(np.uint8)
    return out


def _noise(rng: np.random.Generator, h: int, w: int, coarse: float, coloured: bool) -> NDArray[np.float32]:
    noise = rng.standard_normal((h, w, 3 if coloured else 1), np.float32)
    if coarse:
        noise = cv2.GaussianBlur(noise, (0, 0), coarse).reshape(h, w, -1) * np.float32(1 + 2.2 * coarse)
    return noise


def _scratch(rng: np.random.Generator, pictures: Pictures) -> Pictures:
    """Lines that stay for a while and wander, specks for one frame, a picture that weaves in the gate."""
    n, h, w = pictures.shape[:3]
    out = pictures.copy()
    weave = rng.uniform(0, 0.006) * w
    lines: list[list[float]] = []
    specks = rng.uniform(0.2, 5)
    for i in range(n):
        if rng.random() < 0.05:
            lines.append([rng.uniform(0, w), rng.uniform(-0.2, 0.2), rng.integers(5, 90), rng.choice([20.0, 235.0])])
        shift = np.float32([[1, 0, rng.normal(0, weave)], [0, 1, rng.normal(0, weave)]])
        p = cv2.warpAffine(out[i], shift, (w, h), borderMode=cv2.BORDER_REPLICATE)
        for line in lines:
            x = int(line[0])
            p = cv2.line(p, (x, 0), (x + int(rng.integers(-1, 2)), h), (line[3],) * 3, 1, cv2.LINE_AA)
            line[0], line[2] = line[0] + line[1] + rng.normal(0, 0.3), line[2] - 1
        lines = [line for line in lines if line[2] > 0 and 0 <= line[0] < w]
        for _ in range(rng.poisson(specks)):
            centre = int(rng.integers(0, w)), int(rng.integers(0, h))
            axes = 1 + int(rng.exponential(0.008 * w)), 1 + int(rng.exponential(0.008 * w))
            tone = (float(rng.choice([10, 240])),) * 3
            cv2.ellipse(p, centre, axes, float(rng.uniform(0, 180)), 0, 360, tone, -1, cv2.LINE_AA)
        out[i] = p
    return out


def _starve(rng: np.random.Generator, pictures: Pictures) -> Pictures:
    """Send the film through an encoder that has too few bits; a small film, so that blocks stay visible."""
    crf = rng.uniform(33, 45)
    options = {"preset": "ultrafast" if rng.random() < 0.5 else "veryfast", "crf": f"{crf:.1f}"}
    options |= {"g": str(int(rng.choice([24, 60, 250])))}
    n, h, w = pictures.shape[:3]
    held = io.BytesIO()
    with av.open(held, "w", format="matroska") as container:
        stream = container.add_stream("libx264", rate=24, options=options)
        stream.width, stream.height, stream.pix_fmt = w, h, "yuv420p"
        stream.codec_context.thread_count = 1
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")))
        container.mux(stream.encode(None))
    held.seek(0)
    out = []
    with av.open(held) as container:
        container.streams.video[0].codec_context.thread_count = 1
        out = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return np.stack(out) if len(out) == n else pictures
