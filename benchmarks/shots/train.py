"""Train the network that finds shots: ``python benchmarks/shots/train.py [--films N] [--steps N] [--only STEP]``.

    compose    films of *build* are composed, worn and measured (about 1.5 s of CPU each), once: they are kept
    train      the network is trained on windows of them, drawn at random; seeds are fixed
    calibrate  of the boundaries found in films of *calibrate*, other sources, how many are right: doubts are fitted

The weights in the package were trained in legs: 277 films for 2,000 steps, then ``--onward`` with titles laid over: 280
films for 700 steps, 473 for 2,600. They are written to ``src/punctum/segment/network.f16``. Needs PyTorch (``pip
install torch``), and material as told in ``material.py``. Nothing here sees films of *judge*.
"""

import argparse
import multiprocessing
import os
import time
from itertools import pairwise
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import polars as pl
from lessons import Lesson, lesson, prepare
from numpy.typing import NDArray
from scipy.optimize import minimize

try:
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError:
    raise SystemExit("PyTorch is missing: pip install torch") from None

from punctum import tables
from punctum.segment import find_boundaries, network
from punctum.segment.cues import COLUMNS, MAPS, NUMBERS, PLACES, REACH, find_cues, thin_columns
from punctum.segment.detection import TOP_RATE_HZ
from punctum.segment.network import ANSWERS, MAP_WIDTH, SHAPES, SPACINGS, WIDTH

FILMS, CALIBRATION_FILMS = 280, 30
STEPS, BATCH, WINDOW = 2600, 12, 384
BORDER = 48
"""Frames at both ends of a window that are not learnt from: they lack a part of what they depend on."""

PAD = 80
"""Frames of standstill added at both ends of a film."""

TOP_RATE = 2.5e-3
WEIGHTS = Path(network.__file__).with_name("network.f16")


class Example:
    """A film's cues as float16, and for every frame what is right."""

    def __init__(self, film: Lesson) -> None:
        thin = max(1, int(np.ceil(film.fps / TOP_RATE_HZ - 0.05)))
        raw = film.raw[::thin]
        n = len(raw)
        raw = np.concatenate([np.repeat(raw[:1], REACH + PAD, 0), raw, np.repeat(raw[-1:], REACH + PAD, 0)])
        columns = np.full((n + 2 * PAD, len(COLUMNS)), np.nan, np.float32)
        columns[PAD : PAD + n] = thin_columns(film.columns, thin)
        found = find_cues(raw, columns)
        self.numbers = torch.from_numpy(found.numbers).half()
        self.maps = torch.from_numpy(found.maps).half()
        self.right, self.kind = (torch.from_numpy(x) for x in _truth(film, n, thin))

    def __len__(self) -> int:
        return len(self.right)


def with_titles(film: Lesson, seed: int) -> Lesson:
    """The same film with titles and pictures that fade in and out over its shots, laid over the cells themselves.

    The columns, which speak of pixels, are left out of such shots.
    """
    rng = np.random.default_rng([seed, 3])
    raw, columns = film.raw.astype(np.float32).reshape(len(film.raw), 9, 16, 3), film.columns.copy()
    rate = film.fps / 24.0
    edges = sorted({0, len(raw), *(x for joint in film.joints for x in joint[2:4])})
    for low, high in pairwise(edges):
        if high - low < 24 * rate or rng.random() < 0.3:
            continue
        wide, tall = int(rng.integers(2, 15)), int(rng.integers(1, 8))
        left, top = int(rng.integers(0, 17 - wide)), int(rng.integers(0, 10 - tall))
        cover = np.zeros((9, 16, 1), np.float32)
        cover[top : top + tall, left : left + wide, 0] = rng.uniform(0.1, 1.0) * rng.uniform(0.2, 1.0, (tall, wide))
        tone = np.array([rng.choice([255, 0, rng.uniform(0, 255)], p=[0.6, 0.15, 0.25]), 128, 128], np.float32)
        if rng.random() < 0.25:
            tone = tone + rng.normal(0, [60, 12, 12], (9, 16, 3)).astype(np.float32)
        begin = int(rng.integers(low, high - 8))
        ramps = np.maximum(1, np.exp(rng.uniform(np.log(2), np.log(70), 2)) * rate)
        last = high if rng.random() < 0.5 else int(rng.integers(begin + 4, high + 1))
        at = np.arange(low, high)
        share = np.clip((at - begin) / ramps[0], 0, 1)
        if last < high:
            share = np.minimum(share, np.clip((last - at) / ramps[1], 0, 1))
        laid = share.astype(np.float32)[:, None, None, None] * cover
        raw[low:high] = raw[low:high] * (1 - laid) + tone * laid
        columns[low:high] = np.nan
    return film._replace(raw=np.clip(np.rint(raw), 0, 255).astype(np.uint8).reshape(film.raw.shape), columns=columns)


def _truth(film: Lesson, n: int, thin: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Cut, middle, inside and weight of each frame (n + 2 PAD, 4); number of the kind, -1 outside of transitions."""
    right, kinds = np.zeros((n + 2 * PAD, 4), np.float32), np.full(n + 2 * PAD, -1, np.int64)
    right[:, 3] = 1.0
    for kind, _, first, last, at in film.joints:
        low, high, middle = (PAD + -(-x // thin) for x in (first, last, at))
        if not PAD < middle < PAD + n:
            continue
        if kind == "cut":
            right[middle, 0] = 1.0
            continue
        wide = max(1, (high - low) // 8)
        right[middle - wide : middle + wide + 1, 1] = 1.0
        right[low:high, 2] = 1.0
        kinds[low:high] = ANSWERS.index(kind) - 3
    for name, first, last in film.traps:
        if name != "twos":
            right[PAD + max(0, first // thin - 2) : PAD + last // thin + 3, 3] = 2.0
    return right, kinds


class Network(nn.Module):
    """What ``punctum.segment.network`` works out."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(NUMBERS))
        self.register_buffer("spread", torch.ones(NUMBERS))
        self.maps = nn.ModuleList([nn.Linear(PLACES, MAP_WIDTH) for _ in range(MAPS)])
        self.first = nn.Linear(NUMBERS + MAPS * MAP_WIDTH, WIDTH)
        self.look = nn.ModuleList([nn.Conv1d(WIDTH, WIDTH, 3, dilation=d, padding=d) for d in SPACINGS])
        self.add = nn.ModuleList([nn.Conv1d(WIDTH, WIDTH, 1) for _ in SPACINGS])
        self.last = nn.Linear(WIDTH, len(ANSWERS))
        self.drop = nn.Dropout1d(0.1)
        for layer in self.add:
            nn.init.normal_(layer.weight, std=0.02)
            nn.init.zeros_(layer.bias)
        with torch.no_grad():
            self.last.bias[:] = torch.tensor([-4.0, -3.0, -2.0, 0.0, 0.0, 0.0])

    def forward(self, numbers: torch.Tensor, maps: torch.Tensor, noise: float = 0.0) -> torch.Tensor:
        x = (numbers - self.mean) / self.spread
        if noise:
            x = x + noise * torch.randn_like(x)
        seen = [functional.relu(layer(maps[:, :, i])) for i, layer in enumerate(self.maps)]
        state = functional.relu(self.first(torch.cat([x, *seen], 2))).transpose(1, 2)
        for look, add in zip(self.look, self.add, strict=True):
            state = state + add(self.drop(functional.relu(look(state))))
        answer: torch.Tensor = self.last(functional.relu(state.transpose(1, 2)))
        return answer

    def take(self, weights: dict[str, NDArray[np.float64]]) -> None:
        """Take weights as ``network.SHAPES`` names them; the inverse of ``arrays``."""

        def put(tensor: torch.Tensor, value: NDArray[np.float64]) -> None:
            tensor.copy_(torch.from_numpy(np.ascontiguousarray(value)))

        with torch.no_grad():
            put(self.mean, weights["mean"])
            put(self.spread, weights["spread"])
            for name, layer in (("first", self.first), ("last", self.last)):
                put(layer.weight, weights[name].T)
                put(layer.bias, weights[f"{name}_bias"])
            for i, layer in enumerate(self.maps):
                put(layer.weight, weights["maps"][i].T)
                put(layer.bias, weights["maps_bias"][i])
            for i, (look, add) in enumerate(zip(self.look, self.add, strict=True)):
                put(look.weight, weights["look"][i].transpose(2, 1, 0))
                put(look.bias, weights["look_bias"][i])
                put(add.weight, weights["add"][i].T[:, :, None])
                put(add.bias, weights["add_bias"][i])

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """The weights as ``network.SHAPES`` names them."""

        def of(tensor: torch.Tensor) -> NDArray[np.float64]:
            return tensor.detach().double().numpy()

        return {
            "mean": of(self.mean),
            "spread": of(self.spread),
            "maps": np.stack([of(m.weight).T for m in self.maps]),
            "maps_bias": np.stack([of(m.bias) for m in self.maps]),
            "first": of(self.first.weight).T,
            "first_bias": of(self.first.bias),
            "look": np.stack([of(m.weight).transpose(2, 1, 0) for m in self.look]),
            "look_bias": np.stack([of(m.bias) for m in self.look]),
            "add": np.stack([of(m.weight)[:, :, 0].T for m in self.add]),
            "add_bias": np.stack([of(m.bias) for m in self.add]),
            "last": of(self.last.weight).T,
            "last_bias": of(self.last.bias),
            "sure": np.array([[1.0, 0.0], [1.0, 0.0]]),
        }


def _loss(answer: torch.Tensor, right: torch.Tensor, kind: torch.Tensor) -> torch.Tensor:
    own = slice(BORDER, -BORDER)
    answer, right, kind = answer[:, own], right[:, own], kind[:, own]
    each = functional.binary_cross_entropy_with_logits(answer[..., :3], right[..., :3], reduction="none")
    weighed = (each * right[..., 3:]).mean(dim=(0, 1))
    total = 4.0 * weighed[0] + weighed[1] + 0.5 * weighed[2]
    inside = kind >= 0
    if bool(inside.any()):
        total = total + 0.3 * inside.float().mean() * functional.cross_entropy(answer[..., 3:][inside], kind[inside])
    return total


def _draw_batch(examples: list[Example], rng: np.random.Generator) -> list[torch.Tensor]:
    """Windows of films; where in the picture is mirrored at random."""
    drawn = []
    for _ in range(BATCH):
        film = examples[int(rng.integers(len(examples)))]
        low = int(rng.integers(0, len(film) - WINDOW + 1))
        window = slice(low, low + WINDOW)
        maps = film.maps[window].float().view(WINDOW, MAPS, 9, 16)
        flips = [axis for axis in (2, 3) if rng.random() < 0.5]
        maps = maps.flip(flips).reshape(WINDOW, MAPS, PLACES)
        drawn.append((film.numbers[window].float(), maps, film.right[window], film.kind[window]))
    return [torch.stack(parts) for parts in zip(*drawn, strict=True)]


def train(examples: list[Example], steps: int, *, onward: bool) -> Network:
    """Train a network, or the one in the package onward."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    examples = [e for e in examples if len(e) >= WINDOW]
    net = Network()
    some = torch.cat([e.numbers.float() for e in examples[::4]])
    net.mean.copy_(some.mean(0))
    net.spread.copy_(some.std(0) + 0.05)
    top = TOP_RATE
    if onward:
        net.take(network.read_weights())
        top = TOP_RATE / 2
    optimizer = torch.optim.AdamW(net.parameters(), lr=top, weight_decay=0.02)
    begun, recent = time.time(), 0.0
    for step in range(steps):
        rate = top * min(1.0, step / 100) * 0.5 * (1 + np.cos(np.pi * step / steps)) + 1e-5
        optimizer.param_groups[0]["lr"] = rate
        numbers, maps, right, kind = _draw_batch(examples, rng)
        loss = _loss(net(numbers, maps, noise=0.1), right, kind)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        recent += loss.item() / 100
        if step % 100 == 99:
            print(f"step {step + 1}: loss {recent:.4f}, {time.time() - begun:.0f} s", flush=True)
            recent = 0.0
    return net.eval()


def write(arrays: dict[str, NDArray[np.float64]]) -> None:
    """Write the weights into the package."""
    assert {name: array.shape for name, array in arrays.items()} == SHAPES
    WEIGHTS.write_bytes(np.concatenate([arrays[name].ravel() for name in SHAPES]).astype("<f2").tobytes())
    network.read_weights.cache_clear()


def as_tables(film: Lesson) -> tuple[pl.DataFrame, pl.LazyFrame]:
    """A film as the tables that ``find_boundaries`` takes."""
    number = np.arange(len(film.raw))
    frames = {"frame": number, "time_s": number / film.fps, "damaged": np.zeros(len(number), bool)}
    frames |= {name: film.columns[:, i] for i, name in enumerate(COLUMNS)}
    grid = pl.DataFrame({"frame": number, "cells": [row.tobytes() for row in film.raw]})
    return tables.conform(pl.DataFrame(frames), tables.FRAMES), tables.conform(grid, tables.GRID).lazy()


def calibrate(films: list[Lesson]) -> None:
    """Fit, for cuts and for the others, how probable it is that what was found is right."""
    held = {name: array.copy() for name, array in network.read_weights().items()}
    held["sure"] = np.array([[1.0, 0.0], [1.0, 0.0]])
    write(held)
    answers: tuple[list[float], list[float]] = ([], [])
    right: tuple[list[bool], list[bool]] = ([], [])
    for film in films:
        found = find_boundaries(*as_tables(film))[1:-1]
        left = list(found.select("frame", "kind", "doubt").iter_rows())
        true = []
        for kind, _, first, last, at in film.joints:
            low, high = (at - 1, at + 1) if kind == "cut" else (first - 1, last + 1)
            near = sorted((abs(b[0] - at), b) for b in left if low <= b[0] <= high)
            if near:
                left.remove(near[0][1])
                true.append(near[0][1])
        for boundary, is_right in [*((b, True) for b in true), *((b, False) for b in left)]:
            gradual = int(boundary[1] != "cut")
            sure = min(max(1.0 - boundary[2], 1e-4), 1 - 1e-4)
            answers[gradual].append(float(np.log(sure / (1 - sure))))
            right[gradual].append(is_right)
    for i, name in enumerate(("cuts", "others")):
        held["sure"][i] = _fit_line(np.array(answers[i]), np.array(right[i]))
        print(f"{name}: {len(right[i])} found, {np.mean(right[i]):.4f} right; {held['sure'][i]}")
    write(held)


def _fit_line(answers: NDArray[np.float64], right: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Logistic regression of one number, drawn a little to the answer as it stands."""

    def cost(line: NDArray[np.float64]) -> float:
        odds = answers * line[0] + line[1]
        return float(np.logaddexp(0.0, np.where(right, -odds, odds)).sum() + 0.5 * ((line - [1.0, 0.0]) ** 2).sum())

    return np.asarray(minimize(cost, [1.0, 0.0], method="Nelder-Mead").x)


def main() -> None:
    """Compose, train, calibrate."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--films", type=int, default=FILMS)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--onward", action="store_true", help="train the network in the package further")
    parser.add_argument("--only", choices=("compose", "train", "calibrate"))
    asked = parser.parse_args()
    sides = {"build": range(asked.films), "calibrate": range(CALIBRATION_FILMS)}
    if asked.only in (None, "compose"):
        with multiprocessing.get_context("spawn").Pool(asked.processes) as pool:
            pool.starmap(
                prepare, [(s, r, i, asked.processes) for s, r in sides.items() for i in range(asked.processes)]
            )
    if asked.only in (None, "train"):
        films = [lesson("build", seed) for seed in sides["build"]]
        examples = [Example(film) for film in films]
        examples += [Example(with_titles(film, seed)) for seed, film in enumerate(films)]
        print(f"{len(examples)} films, {sum(map(len, examples))} frames", flush=True)
        write(train(examples, asked.steps, onward=asked.onward).arrays())
    if asked.only in (None, "calibrate"):
        calibrate([lesson("calibrate", seed) for seed in sides["calibrate"]])


if __name__ == "__main__":
    main()
