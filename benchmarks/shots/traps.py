"""Traps: what tempts a detector and is no boundary, set into a run of pictures of one shot.

Conventions: a trap function takes ``(rng, run, at, rate)``, the run uint8 (n, h, w, 3), the frame it begins with and
the film's frames a second over 24; it returns the run changed and the trap's frames, half-open. Light is added and
multiplied as light (exponent 2.4). What lasts (an exposure, a lamp, a title) lasts to the run's end or goes again.

What counts as no boundary: everything that one camera sees in one go, however much the picture changes. A whip pan on
to another view, a zoom, a strobe, a lens covered and uncovered are no boundary; nor is anything laid over a picture
that goes on beneath it, nor a frame lost or shown twice.
"""

from collections.abc import Callable

import cv2
import numpy as np
from drawn import cloud, figure
from light import to_code, to_light
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]
Floats = NDArray[np.float32]
Set = tuple[Pictures, int, int]

CAMERA = ("whip", "shake", "zoom")
"""Traps made by moving the camera, in ``compose``."""


def _gain(run: Pictures, gain: Floats | float, add: Floats | float = 0.0) -> Pictures:
    return to_code(to_light(run) * gain + add)


def _length(rng: np.random.Generator, rate: float, least: float, most: float) -> int:
    return max(1, round(float(np.exp(rng.uniform(np.log(least), np.log(most)))) * rate))


def glow(rng: np.random.Generator, h: int, w: int, width: float = 0.35) -> Floats:
    """Light falling off around a drawn place: (h, w, 1), 1 at most."""
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    cx, cy, size = rng.uniform(-0.1, 1.1) * w, rng.uniform(-0.1, 1.0) * h, width * w * rng.uniform(0.6, 1.8)
    return np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * size**2))[..., None].astype(np.float32)


def set_flash(rng: np.random.Generator, run: Pictures, at: int, rate: float) -> Set:
    """A flash light, lightning, an explosion: up at once or in two frames, then dying away."""
    n, h, w = run.shape[:3]
    bursts = int(rng.choice([1, 1, 1, 2, 3]))
    colour = np.array(
        [1, 1, 1] if rng.random() < 0.7 else [1, rng.uniform(0.5, 0.9), rng.uniform(0.1, 0.6)], np.float32
    )
    field = glow(rng, h, w) * 0.7 + 0.3 if rng.random() < 0.6 else np.ones((h, w, 1), np.float32)
    begin, end = at, at
    for _ in range(bursts):
        tau = rng.choice([0.25, rng.uniform(0.5, 6) * rate])
        peak, lift = rng.uniform(0.15, 1.6), rng.uniform(0, 5)
        for i in range(min(n - begin, round(4 * tau) + 1)):
            strength = np.float32(np.exp(-i / tau))
            if strength < 0.04:
                break
            run[begin + i] = _gain(run[begin + i], 1 + lift * strength * field, peak * strength * field * colour)
            end = begin + i + 1
        begin += _length(rng, rate, 2, 9)
        if begin >= n - 6:
            break
    return run, at, end


def set_strobe(rng: np.random.Generator, run: Pictures, at: int, rate: float) -> Set:
    """Light that goes on and off: a club, a failing tube, gunfire."""
    n = len(run)
    on, off = _length(rng, rate, 1, 4), _length(rng, rate, 1, 5)
    low, high = rng.choice([0.02, 0.1, 0.3, 1.0]), rng.choice([1.0, 1.5, 3.0])
    high = high if low < 1 else max(high, 2.5)
    colour = np.array([1, 1, 1] if rng.random() < 0.6 else rng.uniform(0.3, 1.2, 3), np.float32)
    add = rng.choice([0.0, 0.1, 0.4]) * colour if high > 1 else 0 * colour
    end = min(n - 4, at + _length(rng, rate, 16, 60))
    i = at
    while i < end:
        for j in range(i, min(end, i + on)):
            run[j] = _gain(run[j], high * colour, add)
        for j in range(i + on, min(end, i + on + off)):
            run[j] = _gain(run[j], np.float32(low))
        i += on + off
        if rng.random() < 0.3:
            on, off = _length(rng, rate, 1, 4), _length(rng, rate, 1, 5)
    return run, at, end


def set_lamp(rng: np.random.Generator, run: Pictures, at: int, rate: float) -> Set:
    """A lamp, or several, switched on or off; with a glow of its own and its own colour."""
    n, h, w = run.shape[:3]
    warm = np.array([1, rng.uniform(0.7, 1), rng.uniform(0.4, 1)], np.float32)
    lit = glow(rng, h, w) * warm * rng.uniform(0.8, 3.5) + rng.uniform(0.15, 0.6)
    dark = np.float32(rng.uniform(0.05, 0.5))
    if rng.random() < 0.3:
        lit, dark = np.ones((1, 1, 1), np.float32), np.float32(rng.uniform(0.04, 0.35))
    ramp = 1 if rng.random() < 0.7 else _length(rng, rate, 2, 6)
    goes_on = rng.random() < 0.5
    share = np.clip((np.arange(n) - at + 1) / ramp, 0, 1)
    share = share if goes_on else 1 - share
    end = at + ramp
    if rng.random() < 0.3 and at + 20 * rate < n - 8:
        back = int(rng.integers(at + round(12 * rate), n - 6))
        share[back:] = share[at - 1]
        end = back + 1
    for i in range(n):
        s = np.float32(share[i])
        run[i] = _gain(run[i], s * lit + (1 - s) * dark)
    return run, at, end


def set_exposure(rng: np.random.Generator, run: Pictures, at: int, _rate: float, ramp: int = 1) -> Set:
    """Exposure that changes at once, as of a camera's automatic or a print's timing."""
    stops = rng.uniform(0.5, 1.8) * rng.choice([-1, 1])
    share = np.clip((np.arange(len(run)) - at + 1) / ramp, 0, 1)
    begin = 0.0 if rng.random() < 0.7 else -stops / 2
    for i in range(len(run)):
        run[i] = _gain(run[i], np.float32(2 ** (begin + stops * share[i])))
    return run, at, min(len(run), at + ramp)


def set_exposure_ramp(rng: np.random.Generator, run: Pictures, at: int, rate: float) -> Set:
    """Exposure that changes over some frames to a second or two."""
    return set_exposure(rng, run, at, rate, min(len(run) - at - 2, _length(rng, rate, 4, 48)))


def set_white_balance(rng: np.random.Generator, run: Pictures, at: int, rate: float) -> Set:
    """The colour of white changes, at once or over some frames."""
    ramp = 1 if rng.random() < 0.6 else min(len(run) - at - 2, _length(rng, rate, 3, 24))
    warmth, green = rng.uniform(0.2, 0.7) * rng.choice([-1, 1]), rng.uniform(-0.2, 0.2)
    gains = np.exp(np.array([warmth, green, -warmth]))
    share = np.clip((np.arange(len(run)) - at + 1) / ramp, 0, 1)
    for i in range(at, len(run)):
        run[i] = _gain(run[i], (gains ** share[i]).astype(np.float32))
    return run, at, at + ramp


def set_crossing(rng: np.random.Generator, run: Pictures, at: int, rate: float) -> Set:
    """Someone or something passes close before the lens: blurred, textured, soft at its edges."""
    n, h, w = run.shape[:3]
    first, end = at, at
    for _ in range(int(rng.choice([1, 1, 2]))):
        length = min(n - 4 - at, _length(rng, rate, 5, 30))
        if length < 4:
            break
        half = rng.uniform(0.12, 0.75) * w
        span = int(2 * half) + 24
        body = cloud(rng, span, h, rng.uniform(0.1, 0.5) * h, 3)[..., None]
        # clothes: dark or grey more often than bright, and their folds
        body = (rng.uniform(5, 110) + body * rng.uniform(10, 110)) * np.exp(rng.normal(0, 0.15, 3))
        for _ in range(int(rng.integers(0, 4))):
            left = int(rng.integers(0, span))
            body[:, left : left + int(rng.integers(3, span // 3 + 4))] *= rng.uniform(0.4, 1.6)
        y, x = np.mgrid[0:h, 0:span].astype(np.float32)
        # from the shoulders up it narrows to a head
        head = rng.uniform(-0.3, 0.45) * h
        wide = half * np.where(y > head + 0.25 * h, 1.0, 0.45 + 0.55 * np.clip((y - head) / (0.25 * h), 0, 1))
        wide *= 1 + 0.06 * np.sin(y / h * rng.uniform(4, 14) + rng.uniform(0, 6))
        soft = rng.uniform(0.02, 0.12) * w
        cover = np.clip((wide - np.abs(x - span / 2)) / soft, 0, 1) * (y > head)
        way, rest = rng.choice([-1, 1]), rng.uniform(0.0, 0.5)
        for i in range(length):
            t = (i + 0.5) / length
            t = t + rest * np.sin(2 * np.pi * t) / (2 * np.pi)
            cx = w / 2 + way * (t - 0.5) * (w + span)
            speed = (w + span) / length / 2
            layer = np.dstack([body.astype(np.float32), cover.astype(np.float32)])
            layer = cv2.blur(layer, (max(1, int(speed)), 1), borderType=cv2.BORDER_CONSTANT)
            move = np.array([[1, 0, cx - span / 2], [0, 1, 3 * np.sin(t * 9)]], np.float32)
            layer = cv2.warpAffine(layer, move, (w, h), borderMode=cv2.BORDER_CONSTANT, borderValue=(0, 0, 0, 0))
            alpha = layer[..., 3:]
            run[at + i] = np.clip(run[at + i] * (1 - alpha) + layer[..., :3] * alpha + 0.5, 0, 255).astype(np.uint8)
        end = at + length
        at = end + _length(rng, rate, 2, 20)
    return run, first, end


def _lay(picture: Pictures, layer: Floats, colour: NDArray[np.float64] | float, strength: float = 1.0) -> Pictures:
    alpha = (layer * strength)[..., None]
    return (picture * (1 - alpha) + np.asarray(colour, np.float32) * alpha + 0.5).astype(np.uint8)


def set_snow(rng: np.random.Generator, run: Pictures, _at: int, rate: float) -> Set:
    """Flakes near and far, falling and drifting before the picture, throughout."""
    n, h, w = run.shape[:3]
    count = int(rng.integers(40, 500))
    depth = rng.uniform(0.15, 1, count) ** 2
    size = np.maximum(0.5, depth * rng.uniform(0.01, 0.05) * w)
    fall, drift = rng.uniform(0.01, 0.05) / rate, rng.uniform(-0.03, 0.03) / rate
    x0, y0, sway = rng.random(count), rng.random(count), rng.uniform(0, 6, count)
    bright = rng.uniform(150, 255)
    for i in range(n):
        layer = np.zeros((h, w), np.float32)
        x = (x0 + (drift + 0.004 / rate * np.sin(i * 0.15 / rate + sway)) * i * (0.3 + depth)) % 1.1 - 0.05
        y = (y0 + fall * i * (0.3 + depth)) % 1.1 - 0.05
        for k in range(count):
            centre = round(x[k] * w * 8), round(y[k] * h * 8)
            cv2.circle(
                layer, centre, max(4, round(size[k] * 8)), 0.85 - 0.5 * depth[k] * (size[k] > 2), -1, cv2.LINE_AA, 3
            )
        run[i] = _lay(run[i], cv2.GaussianBlur(layer, (0, 0), 0.6), bright)
    return run, 0, n


def set_rain(rng: np.random.Generator, run: Pictures, _at: int, _rate: float) -> Set:
    """Streaks that fall anew in every frame, throughout."""
    n, h, w = run.shape[:3]
    count, lean = int(rng.integers(30, 300)), rng.uniform(-0.3, 0.3)
    long, bright = rng.uniform(0.05, 0.35) * h, rng.uniform(120, 230)
    strength = rng.uniform(0.2, 0.7)
    for i in range(n):
        layer = np.zeros((h, w), np.float32)
        for x, y, part in zip(rng.random(count) * w, rng.uniform(-0.2, 1, count) * h, rng.random(count), strict=True):
            end = int(x + lean * long * part), int(y + long * part)
            cv2.line(layer, (int(x), int(y)), end, float(0.3 + 0.7 * part), 1, cv2.LINE_AA)
        run[i] = _lay(run[i], layer, bright, strength)
    return run, 0, n


def set_fire(rng: np.random.Generator, run: Pictures, _at: int, rate: float) -> Set:
    """Flames before the picture, and their flicker upon it, throughout."""
    n, h, w = run.shape[:3]
    field, fine = (cloud(rng, w, h * 4, coarse * h) for coarse in (0.35, 0.12))
    field, fine = (np.concatenate([f, f[::-1]]) for f in (field, fine))
    rise, high = rng.uniform(0.02, 0.07) * h / rate, rng.uniform(0.4, 1.4)
    down = np.linspace(0, 1, h, dtype=np.float32)[:, None]
    lit, beat = rng.uniform(0.1, 0.8), rng.uniform(0.3, 1.0) / rate
    unrest = 0.0
    for i in range(n):
        flames = np.roll(field, -round(rise * i), 0)[:h] * 0.6 + np.roll(fine, -round(1.8 * rise * i), 0)[:h] * 0.6
        heat = np.clip((flames * (0.3 + 1.4 * down) - (1.15 - 0.5 * high)) * 2.2, 0, 1.3)[..., None]
        unrest = 0.7 * unrest + 0.3 * rng.normal()
        level = 1 + lit * (0.5 * np.sin(beat * i) + unrest)
        add = np.concatenate([np.clip(heat * 1.5, 0, 1), heat**1.8, 0.6 * heat**4], axis=2)
        run[i] = _gain(
            run[i], np.array([1, 0.9, 0.8], np.float32) * np.float32(max(0.3, level)), add.astype(np.float32)
        )
    return run, 0, n


FACES = (
    cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX, cv2.FONT_HERSHEY_PLAIN,
)  # fmt: skip


def words(rng: np.random.Generator, least: int, most: int) -> str:
    """Draw some words made of letters."""
    return " ".join(
        "".join(rng.choice(list("AEIOURSTNLMDCBPGKHabceimnorstu"), int(rng.integers(2, 9))))
        for _ in range(int(rng.integers(least, most + 1)))
    )


def _text(rng: np.random.Generator, h: int, w: int, lines: list[str], top: float, tall: float, fill: float) -> Floats:
    """Lines of text, centred, as a layer from 0 to 1; ``tall`` is a letter's height, ``fill`` the most width taken."""
    layer = np.zeros((h * 2, w * 2), np.uint8)
    face = int(rng.choice(FACES))
    y = top * 2 * h
    for line in lines:
        scale = cv2.getFontScaleFromHeight(face, max(4, int(tall * 2 * h)), 1)
        thick = max(1, round(scale * rng.uniform(1, 3)))
        (wide, high), _ = cv2.getTextSize(line, face, scale, thick)
        if wide > fill * 2 * w:
            scale *= fill * 2 * w / wide
            (wide, high), _ = cv2.getTextSize(line, face, scale, thick)
        cv2.putText(layer, line, (int(w - wide / 2), int(y)), face, scale, 255, thick, cv2.LINE_AA)
        y += 1.8 * high
    return cv2.resize(layer, (w, h), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def set_title(rng: np.random.Generator, run: Pictures, at: int, rate: float, ramp: int = 1) -> Set:
    """A title that pops on, and often off again."""
    n, h, w = run.shape[:3]
    lines = [words(rng, 1, 3) for _ in range(int(rng.integers(1, 5)))]
    layer = _text(rng, h, w, lines, rng.uniform(0.2, 0.6), rng.uniform(0.05, 0.24), 0.95)
    colour = np.full(3, 255.0) if rng.random() < 0.6 else rng.uniform(0, 255, 3)
    box = np.zeros((h, w), np.float32)
    if rng.random() < 0.3:
        y0, y1 = sorted(rng.uniform(0.05, 0.95, 2) * h)
        box[int(y0) : int(y1) + 8] = rng.uniform(0.3, 1.0)
    ground = rng.uniform(0, 255, 3)
    share = np.clip((np.arange(n) - at + 1) / ramp, 0, 1)
    end = at + ramp
    if rng.random() < 0.6 and n - at > 24 * rate + 2 * ramp:
        off = int(rng.integers(at + ramp + round(12 * rate), n - ramp - 2))
        share = np.minimum(share, np.clip(1 - (np.arange(n) - off + 1) / ramp, 0, 1))
        end = off + ramp
    for i in range(at, n):
        if share[i] > 0:
            run[i] = _lay(_lay(run[i], box, ground, float(share[i])), layer, colour, float(share[i]))
    return run, at, end


def set_title_fade(rng: np.random.Generator, run: Pictures, at: int, rate: float) -> Set:
    """A title that fades on, and often off again."""
    return set_title(rng, run, at, rate, min((len(run) - at) // 2, _length(rng, rate, 5, 36)))


def set_subtitle(rng: np.random.Generator, run: Pictures, at: int, rate: float) -> Set:
    """Subtitles that come, change and go."""
    n, h, w = run.shape[:3]
    colour = np.array([255, 255, 255] if rng.random() < 0.7 else [255, 240, 60], np.float64)
    first, shown = at, at
    while at < n - 8:
        length = _length(rng, rate, 14, 60)
        lines = [words(rng, 2, 5) for _ in range(int(rng.integers(1, 3)))]
        layer = _text(rng, h, w, lines, 0.97 - 0.1 * len(lines), rng.uniform(0.045, 0.075), 0.8)
        rim = cv2.dilate(layer, np.ones((3, 3), np.uint8))
        for i in range(at, min(n, at + length)):
            run[i] = _lay(_lay(run[i], rim, 0.0, 0.8), layer, colour)
        shown = min(n, at + length)
        at = shown + (0 if rng.random() < 0.3 else _length(rng, rate, 2, 20))
    return run, first, shown


def set_inset(rng: np.random.Generator, run: Pictures, at: int, rate: float, other: Pictures | None = None) -> Set:
    """A picture in the picture that pops on, and may go again; moving, of another source where one is given."""
    n, h, w = run.shape[:3]
    size = rng.uniform(0.2, 0.5)
    ih, iw = max(4, round(size * h)), max(4, round(size * w))
    top = int(rng.choice([0.06, 0.5 - size / 2, 0.94 - size]) * h)
    left = int(rng.choice([0.05, 0.95 - size]) * w)
    off = n if rng.random() < 0.5 or n - at < 30 * rate else int(rng.integers(at + round(15 * rate), n - 4))
    source = run[:, :, ::-1].copy() if other is None else other
    ramp = 1 if rng.random() < 0.7 else _length(rng, rate, 4, 12)
    for i in range(at, off):
        inset = cv2.resize(source[(i - at) % len(source)], (iw, ih), interpolation=cv2.INTER_AREA)
        share = min(1.0, (i - at + 1) / ramp)
        under = run[i, top : top + ih, left : left + iw]
        run[i, top : top + ih, left : left + iw] = cv2.addWeighted(inset, share, under, 1 - share, 0)
    return run, at, off + 1 if off < n else at + ramp


def set_interlace(rng: np.random.Generator, run: Pictures, _at: int, _rate: float) -> Set:
    """Fields of two moments woven into one frame: throughout, or two frames of five as 3:2 pulldown leaves them."""
    n = len(run)
    after = run[np.minimum(np.arange(n) + 1, n - 1)]
    pulldown = rng.random() < 0.5
    woven = run.copy()
    if rng.random() < 0.6 or run.shape[1] < 100:
        # at the size of a thumb, or once rescaled, lines of both fields have merged
        woven = ((run.astype(np.uint16) + after) // 2).astype(np.uint8)
    else:
        woven[:, 1::2] = after[:, 1::2]
    hit = np.arange(n) % 5 >= 3 if pulldown else np.ones(n, np.bool_)
    run[hit] = woven[hit]
    return run, 0, n


def set_drop(rng: np.random.Generator, run: Pictures, at: int, rate: float) -> Set:
    """Some frames are missing: the motion jumps."""
    lost = min(len(run) - at - 6, _length(rng, rate, 1, 8))
    return np.concatenate([run[:at], run[at + lost :]]), at, at + 1


def set_repeat(rng: np.random.Generator, run: Pictures, at: int, rate: float) -> Set:
    """The picture freezes for some frames, then goes on: after a jump, or from where it stood."""
    length = min(len(run) - at - 4, _length(rng, rate, 2, 16))
    if rng.random() < 0.5:
        run[at : at + length] = run[at]
        return run, at, at + length + 1
    return np.concatenate([run[:at], np.repeat(run[at : at + 1], length, 0), run[at:]])[: len(run)], at, at + length + 1


def set_twos(rng: np.random.Generator, run: Pictures, _at: int, _rate: float) -> Set:
    """Every picture shown twice or three times, as animation is."""
    each = int(rng.choice([2, 2, 3]))
    return run[np.arange(len(run)) // each * each], 0, len(run)


def add_life(rng: np.random.Generator, run: Pictures, texture: Pictures, rate: float) -> Pictures:
    """Let soft cuttings of a photograph, or drawn people, move before it, nearer than it and so faster."""
    n, h, w = run.shape[:3]
    things: list[tuple[Floats, Floats, NDArray[np.float64], NDArray[np.float64], float]] = []
    for _ in range(int(rng.integers(1, 4))):
        th = int(rng.uniform(0.12, 0.7) * h)
        tw = int(np.clip(th * rng.uniform(0.4, 1.6), 6, w - 2))
        top, left = int(rng.integers(0, texture.shape[0] - th + 1)), int(rng.integers(0, texture.shape[1] - tw + 1))
        patch = np.roll(texture[top : top + th, left : left + tw], 1, axis=2).astype(np.float32) * rng.uniform(0.4, 1.2)
        y, x = np.mgrid[-1 : 1 : th * 1j, -1 : 1 : tw * 1j].astype(np.float32)
        alpha = np.clip((1 - np.hypot(x, y) + 0.2 * np.sin(5 * np.arctan2(y, x))) * rng.uniform(2, 8), 0, 1)
        speed = rng.normal(0, 0.012, 2) * (w, 0.3 * h) / rate
        place = rng.uniform(-0.1, 1.0, 2) * (w, h)
        things.append((np.clip(patch, 0, 255), alpha.astype(np.float32), place, speed, rng.uniform(0, 4)))
    people = [(figure(rng), rng.uniform(0, w), rng.normal(0, 0.006) * w / rate, rng.uniform(0.2, 1.1) * h)] * int(
        rng.random() < 0.4
    )
    for i in range(n):
        p = run[i].astype(np.float32)
        for patch, alpha, place, speed, bob in things:
            x, y = place + speed * i + (0, bob * np.sin(i * 0.3 / rate))
            move = np.array([[1, 0, x], [0, 1, y]], np.float32)
            layer = cv2.warpAffine(np.dstack([patch, alpha]), move, (w, h), borderValue=(0, 0, 0, 0))
            p = p * (1 - layer[..., 3:]) + layer[..., :3] * layer[..., 3:]
        for draw, x, speed_x, size in people:
            draw(p, x + speed_x * i, h * 0.98, size, i * 0.35 / rate)
        run[i] = np.clip(p + 0.5, 0, 255).astype(np.uint8)
    return run


SETTERS: dict[str, Callable[[np.random.Generator, Pictures, int, float], Set]] = {
    "flash": set_flash, "strobe": set_strobe, "lamp": set_lamp, "exposure": set_exposure,
    "exposure ramp": set_exposure_ramp, "white balance": set_white_balance, "crossing": set_crossing,
    "snow": set_snow, "rain": set_rain, "fire": set_fire, "title pop": set_title, "title fade": set_title_fade,
    "subtitle": set_subtitle, "inset": set_inset, "interlace": set_interlace, "drop": set_drop,
    "repeat": set_repeat, "twos": set_twos,
}  # fmt: skip
TRAPS = (*SETTERS, *CAMERA)
