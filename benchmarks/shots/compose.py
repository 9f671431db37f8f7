"""Compose films with known boundaries, and traps that are none, from clean pieces of other film.

A film is a list of pieces, each a run of pictures (n, h, w, 3) uint8 without a boundary, joined by transitions drawn at
random from a seed. What was joined how, and where each trap lies, is the truth to judge a detector by.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]
WIPES = ("left", "right", "up", "down", "diagonal", "iris out", "iris in", "doors", "clock", "push left", "push up")
TRAPS = (
    "flash", "strobe", "exposure", "white balance", "lamp", "whip", "crossing", "title pop", "title fade", "subtitle",
    "shake", "zoom", "inset", "repeat", "twos",
)  # fmt: skip
LOOKS = ("plain", "dark", "grain", "colourless", "flicker")


class Joint(NamedTuple):
    """A boundary: frames ``first`` up to ``last`` are the transition, ``at`` where the boundary belongs."""

    kind: str
    look: str
    first: int
    last: int
    at: int


class Trap(NamedTuple):
    """Frames ``first`` up to ``last`` tempt a detector; there is no boundary."""

    name: str
    first: int
    last: int


@dataclass
class Composed:
    """A composed film: ``pictures``, its ``joints`` and its ``traps``."""

    pictures: Pictures
    joints: list[Joint] = field(default_factory=list)
    traps: list[Trap] = field(default_factory=list)


def fit_shape(pictures: Pictures, width: int = 128, height: int = 72) -> Pictures:
    """Crop to the shape asked for, and resize."""
    h, w = pictures.shape[1:3]
    if w * height > h * width:
        cut = h * width // height
        pictures = pictures[:, :, (w - cut) // 2 : (w - cut) // 2 + cut]
    else:
        cut = w * height // width
        pictures = pictures[:, (h - cut) // 2 : (h - cut) // 2 + cut]
    return np.stack([cv2.resize(p, (width, height), interpolation=cv2.INTER_AREA) for p in pictures])


def compose(
    pieces: list[Pictures], seed: int, count: int = 24, look: str = "plain", trap_share: float = 0.5
) -> Composed:
    """Join ``count`` pieces, drawn from ``pieces``, by transitions drawn at random."""
    rng = np.random.default_rng(seed)
    film: list[Pictures] = []
    made = Composed(np.zeros((0, 1, 1, 3), np.uint8))
    length = 0
    tail: Pictures | None = None
    last_piece = -1
    for number in range(count):
        choices = [i for i in range(len(pieces)) if i != last_piece]
        last_piece = int(rng.choice(choices))
        source = pieces[last_piece]
        kind = _draw_kind(rng) if number else "open"
        span = _draw_span(rng, kind)
        span = min(span, len(source) // 3)
        want = int(rng.integers(30, 140)) + 2 * span
        begin = int(rng.integers(0, max(1, len(source) - want)))
        run = source[begin : begin + want].copy()
        if kind == "cut" and tail is not None and rng.random() < 0.2:
            # a cut between alike pictures: the same place from nearer, as a second camera would see it
            run = _punch_in(rng, tail[rng.integers(0, len(tail) // 2) :].copy())
            made.joints.append(Joint("cut", "alike", length, length, length))
            film.append(run)
            length += len(run)
            tail = run
            continue
        if rng.random() < 0.25:
            run = run[:, :, ::-1]
        if rng.random() < trap_share and len(run) > 40 + span:
            trap = str(rng.choice(TRAPS))
            low = span + 6
            run, first, last = _set_trap(rng, run, trap, low, len(run) - 8)
            made.traps.append(Trap(trap, length + first - (span if kind not in ("open", "cut", "fade") else 0), 0))
            made.traps[-1] = made.traps[-1]._replace(last=made.traps[-1].first + last - first)
        if tail is None or kind == "open":
            film.append(run)
            length += len(run)
        elif kind == "cut":
            made.joints.append(Joint("cut", "", length, length, length))
            film.append(run)
            length += len(run)
        elif kind == "fade":
            length = _join_by_fade(rng, film, run, span, made, length)
        else:
            span = max(4, min(span, len(film[-1]) - 12, len(run) - 12))
            a, b = film[-1][-span:], run[:span]
            eased = rng.random() < 0.4
            share = (np.arange(span) + 1.0) / (span + 1.0)
            share = share * share * (3 - 2 * share) if eased else share
            look_name = "linear" if kind == "dissolve" else str(rng.choice(WIPES))
            mixed = np.stack([_mix(x, y, s, kind, look_name) for x, y, s in zip(a, b, share, strict=True)])
            film[-1] = film[-1][:-span]
            film += [mixed, run[span:]]
            first = length - span
            made.joints.append(Joint(kind, look_name, first, length, first + span // 2))
            length += len(run) - span
        tail = run
    made.pictures = _develop(rng, np.concatenate(film), look)
    return made


def _punch_in(rng: np.random.Generator, run: Pictures) -> Pictures:
    h, w = run.shape[1:3]
    scale = rng.uniform(1.25, 1.9)
    ch, cw = int(h / scale), int(w / scale)
    top, left = int(rng.integers(0, h - ch + 1)), int(rng.integers(0, w - cw + 1))
    return np.stack(
        [cv2.resize(p[top : top + ch, left : left + cw], (w, h), interpolation=cv2.INTER_CUBIC) for p in run]
    )


def _draw_kind(rng: np.random.Generator) -> str:
    return str(rng.choice(["cut", "dissolve", "fade", "wipe"], p=[0.55, 0.2, 0.12, 0.13]))


def _draw_span(rng: np.random.Generator, kind: str) -> int:
    return (
        0
        if kind in ("open", "cut")
        else round(float(np.exp(rng.uniform(np.log(6), np.log(96 if kind == "dissolve" else 48)))))
    )


def _join_by_fade(
    rng: np.random.Generator, film: list[Pictures], run: Pictures, span: int, made: Composed, length: int
) -> int:
    colour = np.array([(0, 0, 0), (255, 255, 255), (200, 40, 30)][int(rng.choice(3, p=[0.6, 0.25, 0.15]))], np.float32)
    out, into = max(4, min(span, len(film[-1]) - 8)), max(4, min(span, len(run) - 8))
    flat = int(rng.integers(1, 30))
    a = film[-1]
    share = (np.arange(out) + 1.0) / (out + 1.0)
    a[-out:] = (a[-out:] * (1 - share)[:, None, None, None] + colour * share[:, None, None, None] + 0.5).astype(
        np.uint8
    )
    share = 1.0 - (np.arange(into) + 1.0) / (into + 1.0)
    run[:into] = (run[:into] * (1 - share)[:, None, None, None] + colour * share[:, None, None, None] + 0.5).astype(
        np.uint8
    )
    blank = np.broadcast_to(colour.astype(np.uint8), (flat, *run.shape[1:])).copy()
    film += [blank, run]
    made.joints.append(Joint("fade", "colour", length - out, length + flat + into, length + flat // 2))
    return length + flat + len(run)


def _mix(a: Pictures, b: Pictures, share: float, kind: str, look: str) -> Pictures:
    h, w = a.shape[:2]
    if kind == "dissolve":
        return (a * (1 - share) + b * share + 0.5).astype(np.uint8)
    if look == "push left":
        k = round(share * w)
        return np.concatenate([a[:, k:], b[:, :k]], axis=1)
    if look == "push up":
        k = round(share * h)
        return np.concatenate([a[k:], b[:k]], axis=0)
    y, x = np.mgrid[0:h, 0:w]
    across, down = (x + 0.5) / w, (y + 0.5) / h
    place = {
        "right": across,
        "left": 1 - across,
        "down": down,
        "up": 1 - down,
        "diagonal": (across + down) / 2,
        "iris out": np.hypot((across - 0.5) * w / h, down - 0.5) / np.hypot(0.5 * w / h, 0.5),
        "iris in": 1 - np.hypot((across - 0.5) * w / h, down - 0.5) / np.hypot(0.5 * w / h, 0.5),
        "doors": np.abs(across - 0.5) * 2,
        "clock": (np.arctan2(across - 0.5, 0.5 - down) / (2 * np.pi)) % 1.0,
    }[look]
    soft = 0.03
    mask = np.clip((share * (1 + soft) - place) / soft + 0.5, 0, 1)[..., None]
    return (a * (1 - mask) + b * mask + 0.5).astype(np.uint8)


def _scaled(run: Pictures, gain: NDArray[np.float64]) -> Pictures:
    return np.clip(run * gain + 0.5, 0, 255).astype(np.uint8)


def _set_trap(rng: np.random.Generator, run: Pictures, trap: str, low: int, high: int) -> tuple[Pictures, int, int]:
    """Set one trap between frames ``low`` and ``high``; the run, and where the trap begins and ends."""
    n, h, w = run.shape[:3]
    at = int(rng.integers(low, max(low + 1, high - 24)))
    y, x = np.mgrid[0:h, 0:w]
    if trap == "flash":
        length = int(rng.integers(1, 8))
        decay = rng.random() < 0.5
        for i in range(length):
            strength = rng.uniform(0.4, 1.0) * ((1 - i / length) if decay else 1.0)
            run[at + i] = (run[at + i] * (1 - strength) + 255 * strength).astype(np.uint8)
        return run, at, at + length
    if trap == "strobe":
        on, colour = int(rng.integers(1, 4)), (255, 255, 255) if rng.random() < 0.6 else (0, 0, 0)
        for i in range(20):
            if (i // on) % 2 == 0:
                run[at + i] = (run[at + i] * 0.25 + np.array(colour) * 0.75).astype(np.uint8)
        return run, at, at + 20
    if trap == "exposure":
        run[at:] = _scaled(run[at:], np.array(rng.choice([0.45, 0.6, 1.5, 2.0])))
        return run, at, at + 1
    if trap == "white balance":
        run[at:] = _scaled(run[at:], rng.uniform(0.7, 1.3, 3))
        return run, at, at + 1
    if trap == "lamp":
        cx, cy = rng.uniform(0, w), rng.uniform(0, h)
        glow = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * (0.35 * w) ** 2))[..., None]
        run[at:] = _scaled(run[at:], 0.55 + rng.uniform(0.4, 1.2) * glow)
        return run, at, at + 1
    if trap == "whip":
        length = int(rng.integers(6, 18))
        total = rng.uniform(0.8, 2.5) * w * rng.choice([-1, 1])
        wide = np.concatenate([run, run[:, :, ::-1]], axis=2)
        done = 0.0
        for i in range(n):
            u = np.clip((i - at) / length, 0, 1)
            shift = total * u * u * (3 - 2 * u)
            speed = abs(shift - done)
            done = shift
            rolled = np.roll(wide[i], round(shift), axis=1)
            if speed > 2:
                rolled = cv2.blur(np.concatenate([rolled, rolled[:, :w]], axis=1), (max(1, int(speed / 2)), 1))
            run[i] = rolled[:, :w]
        return run, at, at + length
    if trap == "crossing":
        length = int(rng.integers(8, 24))
        size = rng.uniform(0.3, 0.9) * w
        tone = rng.uniform(10, 90, 3)
        way = rng.choice([-1, 1])
        for i in range(length):
            cx = w / 2 + way * (i / (length - 1) - 0.5) * (w + 2 * size)
            cover = np.clip((size - np.abs(x - cx - 6 * np.sin(y / 9.0))) / 5.0, 0, 1)[..., None]
            run[at + i] = (run[at + i] * (1 - cover) + tone * cover).astype(np.uint8)
        return run, at, at + length
    if trap in ("title pop", "title fade", "subtitle"):
        layer = np.zeros((h, w), np.uint8)
        if trap == "subtitle":
            cv2.putText(layer, "what was it that", (20, h - 6), cv2.FONT_HERSHEY_SIMPLEX, 0.3, 255, 1, cv2.LINE_AA)
        else:
            size = rng.uniform(0.5, 1.1)
            cv2.putText(layer, "SILENT", (8, h // 2), cv2.FONT_HERSHEY_SIMPLEX, size, 255, 2, cv2.LINE_AA)
            cv2.putText(layer, "WATER", (14, h // 2 + 22), cv2.FONT_HERSHEY_SIMPLEX, size, 255, 2, cv2.LINE_AA)
        ramp = int(rng.integers(6, 20)) if trap == "title fade" else 1
        for i in range(at, n):
            share = min(1.0, (i - at + 1) / ramp) * layer[..., None] / 255.0
            run[i] = (run[i] * (1 - share) + 255 * share).astype(np.uint8)
        return run, at, at + ramp
    if trap == "shake":
        for i in range(at, min(n, at + 24)):
            move = np.array([[1, 0, rng.uniform(-8, 8)], [0, 1, rng.uniform(-6, 6)]], np.float32)
            run[i] = cv2.warpAffine(run[i], move, (w, h), borderMode=cv2.BORDER_REFLECT)
        return run, at, min(n, at + 24)
    if trap == "zoom":
        length = int(rng.integers(6, 24))
        most = rng.uniform(1.4, 2.5)
        for i in range(at, n):
            scale = 1 + (most - 1) * min(1.0, (i - at + 1) / length)
            move = cv2.getRotationMatrix2D((w / 2, h / 2), 0, scale)
            run[i] = cv2.warpAffine(run[i], move, (w, h))
        return run, at, at + length
    if trap == "inset":
        inset = cv2.resize(run[-1][:, ::-1], (w // 3, h // 3))
        run[at:, 4 : 4 + h // 3, w - 4 - w // 3 : w - 4] = inset
        return run, at, at + 1
    if trap == "repeat":
        length = int(rng.integers(2, 6))
        run[at : at + length] = run[at]
        return run, at, at + length + 1
    for i in range(0, n - 1, 2):
        run[i + 1] = run[i]
    return run, 0, n


def _develop(rng: np.random.Generator, pictures: Pictures, look: str) -> Pictures:
    """Give the whole film a look."""
    if look == "plain":
        return pictures
    out = np.empty_like(pictures)
    for i, picture in enumerate(pictures):
        p = picture.astype(np.float32)
        if look == "dark":
            p = 255 * (p / 255) ** 1.6 * 0.3 + rng.normal(0, 1.5, p.shape)
        elif look == "grain":
            p = p + rng.normal(0, 12, p.shape[:2])[..., None]
        elif look == "colourless":
            p = np.repeat((p @ np.array([0.2126, 0.7152, 0.0722], np.float32))[..., None], 3, axis=2)
        elif look == "flicker":
            p = p * rng.uniform(0.85, 1.12)
        out[i] = np.clip(p + 0.5, 0, 255).astype(np.uint8)
    return out
