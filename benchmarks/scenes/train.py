"""Fit what ``find_scenes`` weighs its evidence by: ``python benchmarks/scenes/train.py``, some minutes.

Material of the side *build* only. First the likelihood that two shots are one set-up (logistic regression), then how
far colours and sound beds spread within scenes and between them, then the field's weights, by the likelihood of the
true divisions (Sarawagi and Cohen, NIPS 2004). Writes ``src/punctum/segment/scenes.json``.
"""

import json
import sys
from pathlib import Path

import numpy as np
from compose_scenes import Film, compose_film
from scipy.linalg import eigh
from scipy.optimize import minimize
from set_up_stock import load_set_ups

import punctum.segment.scenes as scenes
from punctum.segment import scene_evidence as evidence
from punctum.segment import set_ups
from punctum.segment.partition import sum_up

FILMS = 60
TARGET = Path(scenes.__file__).with_name("scenes.json")


def fit_logistic(x: np.ndarray, y: np.ndarray, prior: float, ridge: float = 1e-3) -> np.ndarray:
    """Weights of a logistic regression by Newton's steps, its prior taken out of the intercept."""
    w = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ w))
        step = np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + ridge * np.eye(len(w)), x.T @ (y - p) - ridge * w)
        w += step
        if np.abs(step).max() < 1e-9:
            break
    w[0] -= np.log(prior / (1 - prior))
    return w


def _look(film: Film) -> set_ups.Looks:
    return set_ups.look_at_shots(film.tables["shots"], film.tables["frames"], film.grid)


def fit_set_ups(films: list[Film]) -> np.ndarray:
    """Pairs of shots up to 60 apart, of one set-up or of two."""
    xs, ys = [], []
    for film in films:
        apart, spread = set_ups.measure_apart(_look(film).cells)
        for k in range(min(apart.shape[1], len(apart) - 1)):
            xs.append(set_ups.set_up_features(apart[k + 1 :, k], np.minimum(spread[k + 1 :], spread[: -k - 1])))
            ys.append(film.set_up[k + 1 :] == film.set_up[: -k - 1])
    x, y = np.concatenate(xs), np.concatenate(ys).astype(float)
    prior = float(y.mean())
    w = fit_logistic(x, y, prior)
    right = np.mean((x @ w + np.log(prior / (1 - prior)) > 0) == y)
    print(f"set-ups: {len(y)} pairs, {prior:.3f} the same; told apart {right:.4f}")
    return w


def fit_axes(values: list[np.ndarray], scene: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Axes on which a scene's shots have variance 1, and the variance of scenes' means on them."""
    within, between = [], []
    for v, s in zip(values, scene, strict=True):
        v = v - np.median(v, axis=0)
        means = np.stack([v[s == i].mean(axis=0) for i in np.unique(s)])
        within.append(v - means[np.unique(s, return_inverse=True)[1]])
        between.append(means)
    w, b = np.cov(np.concatenate(within).T), np.cov(np.concatenate(between).T)
    spread, axes = eigh(b, w)
    return axes.T, np.maximum(spread, 0.01)


def truth_score(film: Film, total: np.ndarray, edge: np.ndarray) -> float:
    """Score of the true division."""
    ends = [*film.starts[1:], len(film.set_up)]
    return float(sum(total[a, b - a - 1] for a, b in zip(film.starts, ends, strict=True)) + edge[film.starts[1:]].sum())


def gradient_of(film: Film, blocks: np.ndarray, edges: np.ndarray, weights: np.ndarray) -> tuple[float, np.ndarray]:
    """Negative log likelihood of the truth, and its gradient: expected features less true ones."""
    m = len(blocks)
    total, edge = np.tensordot(weights[:m], blocks, 1), np.tensordot(weights[m:], edges, 1)
    before, after, entry = sum_up(total, edge)
    n, longest = total.shape
    begin, count = np.arange(n)[:, None], np.arange(longest)[None, :]
    end = begin + count + 1
    inside = end <= n
    gain = np.append(entry, 0.0)
    stop = np.minimum(end, n)
    log = before[begin] + entry[begin] + total + gain[stop] * (stop < n) + after[stop] - before[n]
    chance = np.where(inside, np.exp(np.where(inside, log, 0.0)), 0.0)
    begun = np.where(np.arange(n) > 0, chance.sum(axis=1), 0.0)
    expected = np.concatenate([(blocks * chance).sum(axis=(1, 2)), edges @ begun])
    ends = np.array([*film.starts[1:], n])
    true = np.concatenate(
        [blocks[:, film.starts, ends - film.starts - 1].sum(axis=1), edges[:, film.starts[1:]].sum(axis=1)]
    )
    return float(before[n] - weights @ true), expected - true


def fit_field(films: list[Film], names: list[str]) -> np.ndarray:
    """Weights of the field by maximum likelihood, with a slight pull towards 0."""
    held = []
    for film in films:
        found = set_ups.find_set_ups(film.tables["shots"], film.tables["frames"], film.grid)
        blocks, edges = scenes.features(film.tables, found)
        held.append(
            (
                film,
                np.stack([blocks[n] for n in evidence.BLOCK_FEATURES]),
                np.stack([edges[n] for n in evidence.EDGE_FEATURES]),
            )
        )
    start = np.array(
        [1.0 if name in ("set_up", "colour", "sound") else -1.0 if name == "scene" else 0.0 for name in names]
    )

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = 0.05 * float(w @ w), 0.1 * w
        for film, blocks, edges in held:
            v, g = gradient_of(film, blocks, edges, w)
            value, slope = value + v, slope + g
        return value / len(held), slope / len(held)

    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 80})
    print(f"field: {found.fun:.3f} nats a film; {found.message}")
    return np.asarray(found.x)


def write(weights: dict[str, object]) -> None:
    TARGET.write_text(json.dumps(weights, indent=1) + "\n", encoding="utf-8")
    set_ups.scene_weights.cache_clear()


def main() -> None:
    """Fit, step by step, and write."""
    stock = load_set_ups("build")
    films = [compose_film(stock, seed) for seed in range(FILMS)]
    print(f"{len(stock)} set-ups; {FILMS} films, {sum(len(f.set_up) for f in films)} shots")
    weights: dict[str, object] = {"set_up": [round(float(w), 5) for w in fit_set_ups(films)]}
    spreads = np.concatenate([set_ups.measure_apart(_look(film).cells, 1)[1] for film in films])
    weights["spread_range"] = [round(float(v), 4) for v in np.quantile(spreads, (0.02, 0.98))]
    scene = [np.searchsorted(f.starts, np.arange(len(f.set_up)), side="right") for f in films]
    looks = [_look(film) for film in films]
    for name, values in (
        ("colour", [evidence.measure_colour(look) for look in looks]),
        ("sound", [evidence.measure_bed(f.tables["shots"], f.tables["hearing"]) for f in films]),
    ):
        axes, between = fit_axes(values, scene)
        weights[f"{name}_axes"] = [round(float(v), 4) for v in axes.ravel()]
        weights[f"{name}_between"] = [round(float(v), 3) for v in between]
    fresh = np.mean(
        [
            len(set(f.set_up[a:b])) - 1
            for f in films
            for a, b in zip(f.starts, [*f.starts[1:], len(f.set_up)], strict=True)
        ]
    )
    others = np.mean([b - a - 1 for f in films for a, b in zip(f.starts, [*f.starts[1:], len(f.set_up)], strict=True)])
    weights["new"] = [round(float(fresh / others), 3)]
    names = [*evidence.BLOCK_FEATURES, *evidence.EDGE_FEATURES]
    weights["names"], weights["field"] = names, [0.0] * len(names)
    write(weights)
    weights["field"] = [round(float(w), 4) for w in fit_field(films, names)]
    write(weights)
    print(dict(zip(names, weights["field"], strict=True)), file=sys.stderr)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
