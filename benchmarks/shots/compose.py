"""Compose films with known boundaries, and traps that are none, from clean pieces of other film.

A film is a row of shots: each a window on a piece, with its own colour, speed and camera, joined to the one before by a
transition; all of it drawn from a seed. What was joined how, and where each trap lies, is the truth to judge by.

Where a boundary lies: a cut at the first frame of the new shot; a dissolve or wipe at its middle; a fade at the middle
of its flat part. A flat part of 2 s, or of 0.5 s with a hard cut at either end, is a shot of its own with a boundary at
both ends (none is drawn near these limits).

``draw_film(side, seed)`` composes one film with everything drawn, to train on as many as one likes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

import cv2
import numpy as np
from camera import Path, Size, hand, move_camera, moving_path, rest_path, see_from_elsewhere, shoot
from looks import LOOKS, develop
from material import Piece, load_pieces
from numpy.typing import NDArray
from transitions import dissolve, draw_shares, fade, wipe
from traps import CAMERA, SETTERS, TRAPS, add_life, set_inset

__all__ = ["LOOKS", "TRAPS", "Composed", "Joint", "Trap", "compose", "draw_film", "fit_shape", "side_pieces"]

Pictures = NDArray[np.uint8]

KINDS = ("cut", "dissolve", "fade", "wipe")
RATES_HZ = (10.0, 12.5, 15.0, 18.0, 24.0, 25.0, 30.0, 48.0, 50.0, 60.0)
SEEN = 9.0
"""Two shots joined differ by so many code values in the mean, or another is drawn: what nobody sees is no boundary."""


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
    """A composed film: ``pictures``, its ``joints`` and its ``traps``; ``fps`` frames a second, its ``look``."""

    pictures: Pictures
    joints: list[Joint] = field(default_factory=list)
    traps: list[Trap] = field(default_factory=list)
    fps: float = 24.0
    look: str = "plain"


class _Shot(NamedTuple):
    """A shot as it was filmed: pictures, the trap in it, and what a second camera could film again."""

    run: Pictures
    trap: Trap | None
    piece: int
    start: float
    window: Path


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
    pieces: Sequence[Piece | Pictures],
    seed: int,
    count: int = 24,
    look: str = "plain",
    trap_share: float = 0.5,
    *,
    size: tuple[int, int] | None = None,
    fps: float = 24.0,
    kinds: Sequence[float] = (0.55, 0.2, 0.12, 0.13),
    traps: Sequence[str] = TRAPS,
    core: tuple[float, float, float] = (10, 42, 140),
) -> Composed:
    """Compose a film of ``count`` shots.

    Parameters
    ----------
    pieces : sequence of Piece, or of np.ndarray [shape=(n, h, w, 3), dtype=uint8]
        what shots are made of
    seed : int
        of everything drawn
    count : int
        shots
    look : str
        one of ``LOOKS``, or several joined by "+"
    trap_share : float
        share of shots that hold a trap
    size : (width, height), optional
        of the film in pixels; by default that of the pieces where all have one, else 128 x 72
    fps : float
        frames a second
    kinds : four floats
        shares of cuts, dissolves, fades and wipes
    traps : sequence of str
        which traps to draw from
    core : three floats
        least, median and greatest length of what stands between two transitions, in 24ths of a second

    Returns
    -------
    film : Composed
    """
    held = [p if isinstance(p, Piece) else Piece(p, "") for p in pieces]
    if size is None:
        shapes = {p.pictures.shape[1:3] for p in held}
        size = next(iter(shapes))[::-1] if len(shapes) == 1 else (128, 72)
    return _Composer(held, np.random.default_rng(seed), Size(*size), fps, tuple(traps), core).compose(
        count, look, trap_share, kinds
    )


@cache
def side_pieces(side: str) -> list[Piece]:
    """All pieces of a side, loaded once."""
    return load_pieces(side)


def draw_film(
    side: str, seed: int, count: int = 12, *, wide: int = 128, pieces: Sequence[Piece] | None = None
) -> Composed:
    """Compose a film with look, frame rate, shape, pace and share of traps drawn from the seed.

    Parameters
    ----------
    side : str
        "build" or "calibrate" to train on, "judge" to judge
    seed : int
        the same film for the same seed and material
    count : int
        shots
    wide : int
        longer side in pixels
    pieces : sequence of Piece, optional
        to compose it of, instead of the side's

    Returns
    -------
    film : Composed
        about 60 frames a shot
    """
    rng = np.random.default_rng([seed, 77])
    look = str(rng.choice(["plain", "some"], p=[0.3, 0.7]))
    if look == "some":
        shares = {"dark": 0.3, "grain": 0.35, "colourless": 0.3, "flicker": 0.2, "scratches": 0.12,
                  "low bit rate": 0.25, "twos": 0.06}  # fmt: skip
        look = "+".join(name for name, share in shares.items() if rng.random() < share) or "grain"
    fps = float(rng.choice([24.0, 25.0, 30.0])) if rng.random() < 0.65 else float(rng.choice(RATES_HZ))
    shape = float(rng.choice([9 / 16, 3 / 4, 1 / 1.85, 1 / 2.35], p=[0.55, 0.2, 0.1, 0.15]))
    pace = float(np.exp(rng.uniform(np.log(0.5), np.log(1.6))))
    return compose(
        side_pieces(side) if pieces is None else pieces,
        int(rng.integers(1 << 31)),
        count,
        look,
        float(rng.uniform(0.2, 0.9)),
        size=(wide, round(wide * shape / 2) * 2),
        fps=fps,
        core=(8, 42 * pace, 160 * pace),
    )


class _Composer:
    """Films shots and joins them."""

    def __init__(
        self,
        pieces: list[Piece],
        rng: np.random.Generator,
        size: Size,
        fps: float,
        traps: tuple[str, ...],
        core: tuple[float, float, float],
    ) -> None:
        self.pieces, self.rng, self.size, self.fps, self.traps, self.core = pieces, rng, size, fps, traps, core
        self.rate = fps / 24.0
        sources = sorted({p.source for p in pieces})
        share = {s: 1 / (sum(p.source == s for p in pieces)) ** 0.4 for s in sources}
        # films are few and drawn scenes many, but film is what it is all about
        by_kind = {"photo": 1.0, "drawn": 0.4}
        weights = np.array([share[p.source] * by_kind.get(p.source.split(" ")[0], 4.0) for p in pieces])
        self.weights = weights / weights.sum()
        self.rates = rng.random() < 0.5

    def compose(self, count: int, look: str, trap_share: float, kinds: Sequence[float]) -> Composed:
        rng, made = self.rng, Composed(np.zeros((0, 1, 1, 3), np.uint8), fps=self.fps, look=look)
        film: list[Pictures] = []
        length, last = 0, None
        drawn = ["open", *(str(rng.choice(KINDS, p=np.asarray(kinds) / np.sum(kinds))) for _ in range(count - 1))]
        spans = [self._draw_span(kind) for kind in drawn] + [0]
        for number in range(count):
            kind, before, after = drawn[number], spans[number], spans[number + 1]
            shot = self._film(before, after, trap_share, last, kind)
            if kind in ("dissolve", "wipe"):
                span = min(before, len(film[-1]) - 2, len(shot.run) - 2)
                a, b = film[-1][-span:], shot.run[:span]
                mixed, name = dissolve(rng, a, b) if kind == "dissolve" else wipe(rng, a, b)
                film[-1] = film[-1][:-span]
                film += [mixed, shot.run[span:]]
                made.joints.append(Joint(kind, name, length - span, length, length - span + span // 2))
                begin = length - span
            elif kind == "fade":
                begin = self._join_by_fade(film, shot.run, before, made, length)
            else:
                if kind == "cut":
                    alike = last is not None and last.piece == shot.piece
                    made.joints.append(Joint("cut", "alike" if alike else "", length, length, length))
                film.append(shot.run)
                begin = length
            if shot.trap is not None:
                made.traps.append(Trap(shot.trap.name, begin + shot.trap.first, begin + shot.trap.last))
            length = begin + len(shot.run)
            last = shot
        made.pictures = develop(rng, np.concatenate(film), look)
        return made

    def _draw_span(self, kind: str) -> int:
        """Frames of a transition; of a fade, of each of its halves."""
        if kind in ("open", "cut"):
            return 0
        most = {"dissolve": 96, "wipe": 60, "fade": 60}[kind]
        frames = float(np.exp(self.rng.uniform(np.log(6), np.log(most)))) * self.rate
        return int(np.clip(round(frames), 4, 144))

    def _film(self, before: int, after: int, trap_share: float, last: _Shot | None, kind: str) -> _Shot:
        """Film a shot with so many frames more at either end as its transitions take."""
        rng = self.rng
        least, median, most = self.core
        core = float(np.clip(median * np.exp(0.6 * rng.normal()), least, most))
        name = ""
        if rng.random() < trap_share and self.traps:
            name = str(rng.choice(self.traps))
            core = max(core, rng.uniform(30, 60))
        n = before + after + max(5, round(core * self.rate))
        alike = kind == "cut" and last is not None and rng.random() < 0.2
        for attempt in range(8):
            piece = last.piece if alike and last is not None and attempt < 4 else self._draw_piece(last, name)
            shot = self._try(piece, n, before, after, name, last if alike else None)
            if last is None or self._differ(last.run, shot.run, before) >= SEEN:
                break
        return shot

    def _draw_piece(self, last: _Shot | None, name: str) -> int:
        weights = self.weights.copy()
        if last is not None:
            weights[last.piece] = 0
        if name == "whip":
            # a whip pan wants a wide picture
            weights *= [4.0 if len(p.pictures) == 1 else 1.0 for p in self.pieces]
        if name == "drop":
            weights *= [0.2 if len(p.pictures) == 1 else 1.0 for p in self.pieces]
        if not weights.any():
            return int(self.rng.integers(len(self.pieces)))
        return int(self.rng.choice(len(self.pieces), p=weights / weights.sum()))

    def _differ(self, old: Pictures, new: Pictures, span: int) -> float:
        return float(np.mean(cv2.absdiff(old[-1 - span // 2], new[min(len(new) - 1, span // 2)])))

    def _try(self, number: int, n: int, before: int, after: int, name: str, like: _Shot | None) -> _Shot:
        rng, size, rate = self.rng, self.size, self.rate
        piece = self.pieces[number]
        photo = len(piece.pictures) == 1
        first = piece.pictures[0]
        start, sources = self._choose_frames(piece, n, like)
        n = len(sources)
        # enough of either end is kept free of the trap, so that the transition is the transition it says
        low, high = before + 3, n - after - 4
        if high - low < 12:
            name = ""
        at = int(rng.integers(low, max(low + 1, high - max(8, (high - low) // 3)))) if name else 0
        if photo:
            # a path is drawn for 24 frames a second and then walked at the film's pace
            slow = moving_path(rng, max(2, round(n / rate)), first, size)
            path = np.stack([np.interp(np.linspace(0, 1, n), np.linspace(0, 1, len(slow)), c) for c in slow.T], axis=1)
        else:
            path = rest_path(rng, n, first, size, 0.65, 1.0)
        if name == "whip":
            path[:, 2] = rng.uniform(0.2, 0.5) if photo else rng.uniform(0.35, 0.5)
        if like is not None:
            path = see_from_elsewhere(rng, like.window, path)
        if rng.random() < 0.25 or (photo and rng.random() < 0.4):
            path = path + hand(rng, n, rng.uniform(0.001, 0.008) * float(path[0, 2]))
        span = (at, at)
        if name in CAMERA:
            path, span = move_camera(rng, name, path, at, high, first, size, rate)
        run = shoot(sources, path, size)
        if rng.random() < 0.3:
            run = run[:, :, ::-1].copy()
        if photo and rng.random() < 0.5:
            run = add_life(rng, run, cv2.resize(first, size, interpolation=cv2.INTER_AREA), rate)
        run = self._grade(run, like)
        trap = None
        if name in CAMERA:
            trap = Trap(name, *span)
        elif name:
            run, a, b = self._set(name, run, at)
            trap = Trap(name, a, b)
        return _Shot(run, trap, number, start, path)

    def _choose_frames(self, piece: Piece, n: int, like: _Shot | None) -> tuple[float, list[Pictures]]:
        """Choose which frames of a piece the shot shows; there and back again where the piece is short."""
        rng, count = self.rng, len(piece.pictures)
        step = piece.fps / self.fps
        if self.fps > 30 and self.rates:
            step = 1.0  # shot at this rate, and so slower than it was
        step *= rng.choice([1.0, 1.0, 1.0, rng.uniform(0.6, 1.6)])
        start = float(rng.uniform(0, max(1.0, count - 1 - n * step)))
        if like is not None and rng.random() < 0.5:
            start = float((like.start + len(like.run) * step) % max(1, count))
        numbers = np.floor(start + step * np.arange(n)).astype(np.int64)
        if count > 1:
            numbers = numbers % (2 * count - 2)
            numbers = np.where(numbers >= count, 2 * count - 2 - numbers, numbers)
        else:
            numbers = np.zeros(n, np.int64)
        return start, [piece.pictures[i] for i in numbers]

    def _grade(self, run: Pictures, like: _Shot | None) -> Pictures:
        """Give a shot colours of its own, as another camera, stock or time of day would."""
        rng = self.rng
        if rng.random() < (0.8 if like is not None else 0.4):
            return run
        x = np.arange(256) / 255
        table = np.stack([np.clip(x ** rng.uniform(0.75, 1.3) * rng.uniform(0.85, 1.12), 0, 1) for _ in range(3)])
        common = rng.uniform(0.7, 1.4)
        table = np.clip(255 * table**common + 0.5, 0, 255).astype(np.uint8)
        whole = run.reshape(-1, run.shape[2], 3)
        out = cv2.LUT(whole, np.ascontiguousarray(table.T[None]))
        vivid = rng.uniform(0.3, 1.2)
        if rng.random() < 0.4:
            weights = np.float32([[0.2126, 0.7152, 0.0722]])
            mix = np.eye(3, dtype=np.float32) * vivid + (1 - vivid) * weights
            out = cv2.transform(out, mix)
        return out.reshape(run.shape)

    def _set(self, name: str, run: Pictures, at: int) -> tuple[Pictures, int, int]:
        if name != "inset":
            return SETTERS[name](self.rng, run, at, self.rate)
        other = self.pieces[self._draw_piece(None, "")]
        _, sources = self._choose_frames(other, len(run) - at, None)
        path = rest_path(self.rng, len(sources), sources[0], self.size, 0.6, 1.0)
        return set_inset(self.rng, run, at, self.rate, shoot(sources, path, self.size))

    def _join_by_fade(self, film: list[Pictures], run: Pictures, span: int, made: Composed, length: int) -> int:
        """Fade out and in, or hard on one side; returns where the new shot begins."""
        rng, fps = self.rng, self.fps
        choices: list[NDArray[np.float64]] = [np.zeros(3), np.full(3, 255.0), rng.uniform(0, 255, 3)]
        colour = choices[int(rng.choice(3, p=[0.65, 0.22, 0.13]))]
        name = ("black", "white", "colour")[next(i for i, c in enumerate(choices) if c is colour)]
        form = str(rng.choice(["both", "cut in", "cut out", "blackout"], p=[0.7, 0.13, 0.13, 0.04]))
        out = 0 if form in ("cut out", "blackout") else max(3, min(span, len(film[-1]) - 4))
        into = 0 if form in ("cut in", "blackout") else max(3, min(span, len(run) - 4))
        own = form == "blackout" or rng.random() < (0.12 if form == "both" else 0.35)
        if own:
            flat_s = rng.uniform(2.3, 3.2) if form == "both" else rng.uniform(0.65, 1.6)
        else:
            flat_s = (
                float(np.exp(rng.uniform(np.log(0.05), np.log(1.6)))) if form == "both" else rng.uniform(0.05, 0.38)
            )
        flat = max(1, round(flat_s * fps))
        if out:
            film[-1][-out:] = fade(film[-1][-out:], colour, False, draw_shares(rng, out)[0])
        if into:
            run[:into] = fade(run[:into], colour, True, draw_shares(rng, into)[0])
        blank = np.broadcast_to((colour + 0.5).astype(np.uint8), (flat, *run.shape[1:])).copy()
        film += [blank, run]
        first, last = length - out, length + flat + into
        if own:
            for at, low, high in ((length, first, length), (length + flat, length + flat, last)):
                made.joints.append(Joint("fade" if high > low else "cut", f"{name}, {form}, own", low, high, at))
        else:
            made.joints.append(Joint("fade", f"{name}, {form}", first, last, length + flat // 2))
        return length + flat
