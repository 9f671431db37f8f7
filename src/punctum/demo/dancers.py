"""People seen whole, as jointed figures cut from paper: they walk, dance, play.

Conventions: a figure is modelled 1 tall, its feet at the origin, y down, facing the picture's right; ``facing``
−1 turns it left, and shares between foreshorten it. Limbs are angles in degrees from hanging straight down,
positive forwards. ``phase`` counts steps in turns: 1 is two steps of a walk, two beats of a dance.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from punctum.demo.paint import Points, Sheet, band, curve, disc, leaf
from punctum.demo.palettes import Colour, mix

HIP = np.array([0.0, -0.50])
NECK = np.array([0.015, -0.815])
THIGH, CALF, UPPER, FORE = 0.255, 0.245, 0.165, 0.165


@dataclass(frozen=True)
class Limbs:
    """How a figure is held: each pair is near limb, far limb; ``hop`` lifts it, ``lean`` tilts its trunk."""

    thighs: tuple[float, float]
    knees: tuple[float, float]
    arms: tuple[float, float]
    elbows: tuple[float, float]
    hop: float = 0.0
    lean: float = 0.0
    nod: float = 0.0


@dataclass(frozen=True)
class Look:
    """What a figure wears and carries.

    ``prop`` is "", ``lantern``, ``accordion``, ``guitar`` or ``tambourine``; ``hat`` is "", ``cone`` or ``brim``.
    """

    cloth: Colour
    skin: Colour
    trim: Colour
    rim: Colour
    hair: Colour
    skirt: bool = False
    hat: str = ""
    prop: str = ""


def standing(sway: float = 0.0) -> Limbs:
    """Return the limbs of someone who stands."""
    return Limbs((4, -4), (2, 2), (4 + 3 * sway, -6), (10, 8), 0.0, sway)


def walking(phase: float, bowed: float = 0.0) -> Limbs:
    """Return the limbs of a walk; ``bowed`` bends the head, degrees."""
    turn = 2 * np.pi * phase
    swing, lift = np.sin(turn), np.cos(turn)
    return Limbs(
        (23 * swing, -23 * swing),
        (6 + 38 * max(0.0, lift), 6 + 38 * max(0.0, -lift)),
        (-17 * swing, 17 * swing),
        (14 + 6 * swing, 14 - 6 * swing),
        0.012 * abs(lift),
        2.0,
        bowed,
    )


def dancing(phase: float, kind: int = 0) -> Limbs:
    """Return the limbs of a hopping dance, arms up in one of a few ways."""
    turn = 2 * np.pi * phase
    left, beat = np.sin(turn), abs(np.sin(turn))
    up = (float(np.clip(left, 0, 1)), float(np.clip(-left, 0, 1)))
    raised = ((132, 118), (150, 60), (96, 140), (78, 70))[kind % 4]
    return Limbs(
        (6 + 62 * up[0], -8 + 58 * up[1]),
        (8 + 74 * up[0], 10 + 70 * up[1]),
        (raised[0] + 14 * left, raised[1] - 16 * left),
        (26 + 22 * beat, 30 - 18 * beat),
        0.055 * beat,
        7 * left * (1 if kind % 2 else -1),
        -8 * beat,
    )


def playing(phase: float, prop: str) -> Limbs:
    """Return the limbs of someone who walks and plays."""
    walk = walking(phase)
    pull = np.sin(2 * np.pi * phase)
    arms, elbows = ((38 + 10 * pull, 34 - 10 * pull), (82, 78)) if prop == "accordion" else ((30, 24), (96, 70))
    if prop == "lantern":
        arms, elbows = ((104 + 3 * pull, -10), (18, 12))
    if prop == "tambourine":
        arms, elbows = ((138 + 12 * pull, 60), (30, 60))
    return Limbs(walk.thighs, walk.knees, arms, elbows, walk.hop * 2, 2 + 3 * pull, 5 * pull)


def reach(from_: Points, angle_deg: float, length: float) -> Points:
    """Return the end of a limb."""
    angle = np.radians(angle_deg)
    return np.asarray(from_ + length * np.array([np.sin(angle), np.cos(angle)]))


def cut_figure(sheet: Sheet, x: float, y: float, tall: float, facing: float, limbs: Limbs, look: Look) -> None:
    """Cut a figure whose feet stand at x, y; a rim of light lies on the side that its ``look`` names a colour for."""
    lean = np.radians(limbs.lean)
    tilt = np.array([[np.cos(lean), np.sin(lean)], [-np.sin(lean), np.cos(lean)]])
    base = np.array([x, y - limbs.hop * tall])

    def put(points: ArrayLike) -> Points:
        return np.asarray(np.asarray(points, dtype=np.float64) * np.array([facing, 1.0]) * tall + base)

    def trunk(points: ArrayLike) -> Points:
        return np.asarray((np.asarray(points, dtype=np.float64) - HIP) @ tilt + HIP)

    def limb(points: list[Points], wide: tuple[float, ...], colour: Colour) -> None:
        line = curve(np.asarray(points), closed=False, steps=5)
        width = np.interp(np.linspace(0, 1, len(line)), np.linspace(0, 1, len(wide)), wide)
        sheet.cut(band(put(line), width * tall), colour)

    shoulder = trunk([(0.0, -0.775)])[0]
    far_cloth, dark = mix(look.cloth, (0, 0, 0), 0.28), mix(look.cloth, (0, 0, 0), 0.5)

    def leg(index: int, colour: Colour) -> None:
        hip = HIP + np.array([0.012 * (1 - 2 * index), 0.0])
        knee = reach(hip, limbs.thighs[index], THIGH)
        ankle = reach(knee, limbs.thighs[index] - limbs.knees[index], CALF)
        limb([hip, knee, ankle], (0.098, 0.062, 0.034), colour)
        toe = np.array(
            [(-0.022, -0.012), (0.0, -0.03), (0.03, -0.018), (0.085, 0.006), (0.082, 0.018), (-0.022, 0.018)]
        )
        sheet.cut(curve(put(toe + ankle), steps=3), dark)

    def arm(index: int, colour: Colour) -> Points:
        elbow = reach(shoulder, limbs.arms[index], UPPER)
        hand = reach(elbow, limbs.arms[index] + limbs.elbows[index], FORE)
        limb([shoulder, elbow, hand], (0.064, 0.05, 0.032), colour)
        palm = reach(hand, limbs.arms[index] + limbs.elbows[index], 0.012)
        sheet.cut(put(disc(palm[0], palm[1], 0.021, count=10)), look.skin)
        return hand

    arm(1, far_cloth)
    leg(1, far_cloth)
    leg(0, look.cloth)
    # neck and head, a profile that hardly shows
    nod = np.radians(limbs.nod)
    turn = np.array([[np.cos(nod), np.sin(nod)], [-np.sin(nod), np.cos(nod)]])
    head = np.array([(0.012, -0.155), (0.045, -0.145), (0.062, -0.115), (0.063, -0.092), (0.078, -0.075),
                     (0.066, -0.066), (0.068, -0.048), (0.058, -0.03), (0.02, -0.026), (-0.04, -0.04),
                     (-0.062, -0.085), (-0.048, -0.135)])  # fmt: skip
    neck = trunk([NECK])[0]
    limb([neck + np.array([0, 0.05]), neck + np.array([0.004, -0.04])], (0.052, 0.046), look.skin)
    sheet.cut(curve(put((head @ turn) + neck), steps=4), look.skin)
    hair = np.array([(0.05, -0.142), (0.03, -0.178), (-0.03, -0.182), (-0.078, -0.145), (-0.086, -0.08),
                     (-0.066, -0.02), (-0.036, -0.04), (-0.026, -0.085), (-0.01, -0.12)])  # fmt: skip
    if look.skirt:
        hair = hair * np.array([1.05, 1.0]) + np.array([0.0, 0.004])
    sheet.cut(curve(put((hair @ turn) + neck), steps=4), look.hair)
    if look.hat == "cone":
        cone = np.array([(-0.066, -0.13), (-0.022, -0.34), (0.05, -0.155)])
        sheet.cut(put((cone @ turn) + neck), look.trim)
    if look.hat == "brim":
        brim = np.array(
            [(-0.11, -0.135), (-0.06, -0.15), (-0.05, -0.215), (0.04, -0.215), (0.05, -0.155), (0.105, -0.14)]
        )
        sheet.cut(put((brim @ turn) + neck), dark)
    # the trunk, and a skirt that swings after it
    if look.skirt:
        swing = 0.05 * np.sin(np.radians(limbs.thighs[0]) * 2.2)
        skirt = [(-0.055, -0.575), (0.06, -0.575), (0.11, -0.45), (0.165 + swing, -0.25), (0.07 + swing, -0.226),
                 (-0.03 + swing, -0.235), (-0.15 + swing, -0.25), (-0.10, -0.45)]  # fmt: skip
        sheet.cut(curve(put(trunk(skirt))), look.cloth)
    body = [(-0.052, -0.81), (0.03, -0.822), (0.076, -0.77), (0.082, -0.68), (0.062, -0.58), (0.068, -0.485),
            (-0.064, -0.485), (-0.058, -0.58), (-0.074, -0.69), (-0.082, -0.775)]  # fmt: skip
    sheet.cut(curve(put(trunk(body))), look.cloth)
    if look.rim != look.cloth:
        edge = curve(np.array([(0.03, -0.826), (0.078, -0.77), (0.084, -0.68), (0.066, -0.58)]), closed=False)
        sheet.cut(band(put(trunk(edge)), leaf(len(edge)) * tall * 0.014), look.rim)
        edge = curve((np.array([(0.02, -0.178), (0.05, -0.15), (0.066, -0.115)]) @ turn) + neck, closed=False)
        sheet.cut(band(put(edge), leaf(len(edge)) * tall * 0.012), look.rim)
    _prop(sheet, put, trunk, limbs, look, tall)
    hand = arm(0, mix(look.cloth, look.rim, 0.06))
    if look.prop == "lantern":
        pole = np.array([hand, hand + np.array([0.10, -0.28])])
        sheet.cut(band(put(pole), 0.012 * tall), dark)
        sway = 0.02 * np.sin(np.radians(limbs.thighs[0]) * 3)
        lamp = disc(hand[0] + 0.10 + sway, hand[1] - 0.21, 0.048, 0.062, 16)
        sheet.cut(put(lamp), look.trim)
    if look.prop == "tambourine":
        sheet.cut(band(put(disc(hand[0], hand[1] - 0.05, 0.07, 0.06, 18)), 0.016 * tall), look.trim)


def _prop(
    sheet: Sheet,
    put: Callable[[ArrayLike], Points],
    trunk: Callable[[ArrayLike], Points],
    limbs: Limbs,
    look: Look,
    tall: float,
) -> None:
    """Cut what is played before the trunk."""
    if look.prop == "accordion":
        wide = 0.06 + 0.045 * np.sin(np.radians(limbs.arms[0] - 38) * 9)
        box = [(0.03, -0.745), (0.10 + wide, -0.765), (0.12 + wide, -0.575), (0.035, -0.585)]
        sheet.cut(put(trunk(box)), mix(look.cloth, (0, 0, 0), 0.6))
        for share in np.linspace(0.15, 0.85, 5):
            fold = np.array(
                [(0.03 + (0.08 + wide) * share, -0.75 - 0.014 * share), (0.035 + (0.08 + wide) * share, -0.585)]
            )
            sheet.cut(band(put(trunk(fold)), 0.007 * tall), look.trim)
    if look.prop == "guitar":
        for px, py, wide in ((0.05, -0.60, 0.082), (0.115, -0.655, 0.062)):
            sheet.cut(put(trunk(disc(px, py, wide, wide, 18))), mix(look.cloth, (0, 0, 0), 0.5))
        sheet.cut(put(trunk(disc(0.085, -0.63, 0.024, 0.024, 12))), (0, 0, 0))
        sheet.cut(
            band(put(trunk(np.array([(0.12, -0.66), (0.33, -0.80)]))), 0.024 * tall), mix(look.cloth, (0, 0, 0), 0.5)
        )
