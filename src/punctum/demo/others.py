"""Films in quantity, from seeds: thirty that are no echoes, as many unrelated ones as wanted, a scene staged again.

Conventions: a film is a `Staging`; the staging of a shot is its set-up and ``key``, what it is drawn with the film's
seed. Nothing here was fitted to what finds echoes, nor the other way round.
"""

from dataclasses import replace

import numpy as np

from punctum.demo.sketches import face_plan
from punctum.demo.staging import Begins, ShotPlan, Staging

SHAPES = ((384, 216), (384, 216), (384, 208), (320, 240), (384, 164))
"""Pictures in pixels: 16:9 twice as often, 1.85, 4:3, 2.35."""

FIRST_WORDS = ("A Cold", "The Last", "Paper", "Seven", "The Long", "Under", "Salt", "No", "Winter", "The Quiet",
               "Glass", "Every", "After the", "Blue", "The Other", "Small")  # fmt: skip
LAST_WORDS = ("Harbour", "Letter", "Orchard", "Hours", "Platform", "Bread", "Window", "Tide", "Neighbour", "Alphabet",
              "Garden", "Signal", "Stairs", "August", "Ferry", "Clock")  # fmt: skip

NEAR_MISSES = (
    "held without the turn",
    "turn from afar",
    "same palette",
    "in the middle",
    "tear cut short",
    "not alone",
)
"""Those of the thirty that come near, each in one respect only; see `near_miss`."""


def unrelated(seed: int, width_px: int = 0, shorter: float = 1.0) -> Staging:
    """Return a film of 40 to 70 s, its shape, palette, cutting, scales, sound and ending all drawn.

    Parameters
    ----------
    seed : int
        another one is another film
    width_px : int
        of the picture; as drawn where 0
    shorter : float
        the film's length is divided by this, its shots' are not
    """
    chance = np.random.default_rng([seed, 971])
    width, height = SHAPES[int(chance.integers(len(SHAPES)))]
    if width_px:
        width, height = width_px, round(height * width_px / width / 2) * 2
    kind = ("night", "night", "day", "silver", "verdigris", "ember")[int(chance.integers(6))]
    palette = f"{kind} {int(chance.integers(0, 12)) * 30}" if kind in ("night", "day") else kind
    return Staging(
        title=title_of(seed),
        year=int(chance.integers(1930, 2025)),
        score="ambience" if chance.random() < 0.9 else "",
        grain=float(chance.choice([0.0, 0.0, 1.5])),
        seed=seed,
        palette=palette,
        tear=False,
        shots=_shots(seed, chance, float(chance.uniform(40, 70)) / shorter),
        width_px=width,
        height_px=height,
    )


def title_of(seed: int) -> str:
    """Return a film's title.

    Examples
    --------
    >>> title_of(3)
    'The Quiet Clock'
    """
    # 53 and 256 have no common divisor: 256 films in a row have as many titles
    first, last = divmod(seed * 53 % 256, 16)
    return f"{FIRST_WORDS[first]} {LAST_WORDS[last]}"


def _shots(seed: int, chance: np.random.Generator, length_s: float) -> tuple[ShotPlan, ...]:
    """Return a film's shots: scenes of a few set-ups that alternate, at a pace of its own."""
    pace_s, spread = float(np.exp(chance.uniform(np.log(1.4), np.log(7.0)))), float(chance.uniform(0.25, 0.7))
    fond = chance.dirichlet(np.array([2.2, 1.2, 1.4, 1.0, 0.9, 0.8, 0.4]))
    names = ("face", "pair", "people", "land", "room", "thing", "falling")
    plans: list[ShotPlan] = []
    how: tuple[Begins, float]
    total, key = 0.0, seed * 1000
    while total < length_s:
        set_ups = []
        for _ in range(int(chance.integers(2, 5))):
            key += 1
            set_ups.append((names[int(chance.choice(len(names), p=fond))], key))
        for number in range(int(chance.integers(3, 8))):
            long = float(np.clip(pace_s * np.exp(spread * chance.standard_normal()), 0.7, 16.0))
            name, which = set_ups[int(chance.integers(len(set_ups)))] if number > 1 else set_ups[number]
            if plans and plans[-1].key == which:
                continue
            how = ("cut", 0.0)
            if not plans:
                how = ("open", float(chance.choice([0.0, 0.5, 1.0])))
            elif number == 0 and plans[-1].length_s > 1.5 and chance.random() < 0.4:
                how = ("fade" if chance.random() < 0.3 else "dissolve", 0.5)
            long = max(long, 1.6) if how[0] != "cut" else long
            plans.append(ShotPlan(name, round(long, 2), how[0], how[1], "", which))
            total += long
            if total >= length_s:
                break
    plans[-1] = replace(plans[-1], length_s=max(1.6, plans[-1].length_s))
    if chance.random() < 0.35:
        how = ("cut", 0.0) if chance.random() < 0.5 else ("fade", 0.6)
        plans.append(ShotPlan("black", float(chance.uniform(1.2, 3.0)), *how))
    if chance.random() < 0.4:
        how = ("fade", 0.6) if plans[-1].set_up == "black" else ("cut", 0.0)
        plans.append(ShotPlan("credits", float(chance.uniform(4, 7)), *how))
    return tuple(plans)


def near_miss(which: str, seed: int, width_px: int = 0) -> Staging:
    """Return a film that comes near the demonstration's two endings in one respect only.

    Parameters
    ----------
    which : str
        one of ``NEAR_MISSES``: a held closing close-up, black after it, but no turn before it and no tear; a turn in a
        long shot, held as long; *Windscreen*'s palette, another staging; turn, close-up and tear in the middle of a
        film that goes on; turn and tear, cut after two seconds, a long shot after them; two people or a shoulder, held
        as long, black after them
    seed : int
        draws all the rest
    width_px : int
        of the picture; as drawn where 0
    """
    film = unrelated(seed, width_px)
    key = 900_000_000 + seed * 100
    body = tuple(plan for plan in film.shots if plan.set_up not in ("black", "credits"))
    face = face_key(key, act="still", least=0.20, most=0.28)
    turn = face_key(key + 20_000, act="turn", least=0.12, most=0.22)
    far = ShotPlan("land", 5.0, key=key + 3)
    black = ShotPlan("black", 3.0)
    if which == "held without the turn":
        shots = (*body, ShotPlan("room", 3.0, key=key + 4), ShotPlan("face", 13.0, key=face), black)
    elif which == "turn from afar":
        shots = (*body, ShotPlan("people", 14.0, action="turn", key=key + 5), black)
    elif which == "same palette":
        return replace(film, palette="lamplight")
    elif which == "in the middle":
        half = len(body) // 2
        middle = (ShotPlan("face", 5.0, key=turn), ShotPlan("face", 14.0, action="tear", key=face))
        shots = (*body[:half], *middle, *body[half:])
    elif which == "tear cut short":
        shots = (*body, ShotPlan("face", 3.0, key=turn), ShotPlan("face", 2.0, action="tear", key=face), far)
    else:
        shots = (*body, ShotPlan("pair", 14.0, key=key + 6), black)
    return replace(film, shots=shots)


def face_key(start: int, act: str, least: float, most: float) -> int:
    """Return the first key from ``start`` on whose face does ``act``, its size between two shares of the height."""
    return next(
        key for key in range(start, start + 10_000) if face_plan(key)[1] == act and least <= face_plan(key)[0] <= most
    )


def thirty(seed: int = 4100, width_px: int = 0) -> tuple[Staging, ...]:
    """Return the thirty films of the demonstration that are no echoes: 24 unrelated ones, then the near misses."""
    films = [unrelated(seed + number, width_px) for number in range(24)]
    films += [near_miss(which, seed + 24 + number, width_px) for number, which in enumerate(NEAR_MISSES)]
    return tuple(films)


def staged_again(
    scene: tuple[ShotPlan, ...], into: Staging, speed: float = 1.0, mirror: bool = False, palette: str = ""
) -> Staging:
    """Return a film whose ending is a scene of another film, staged again: its own people, trees and lights.

    Parameters
    ----------
    scene : tuple of ShotPlan
        shots of the other film
    into : Staging
        the film that is to end with them; what it ended with goes
    speed : float
        how many times as fast the scene is cut and played
    mirror : bool
        left and right exchanged, in the whole film
    palette : str
        colours of the whole film; its own where ""
    """
    body = [plan for plan in into.shots if plan.set_up not in ("black", "credits")]
    again = [replace(plan, length_s=plan.length_s / speed, transition_s=plan.transition_s / speed) for plan in scene]
    again[0] = replace(again[0], begins="cut", transition_s=0.0)
    return replace(into, shots=(*body, *again), mirror=mirror, palette=palette or into.palette)
