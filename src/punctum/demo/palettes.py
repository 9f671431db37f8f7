"""Colours of a film: a few deep ones, red, green, blue, 0 to 255."""

import colorsys
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Palette:
    """The colours that every set-up is cut from.

    ``paper`` is the darkest, of which figures are cut; ``night`` and ``dusk`` are the sky's top and foot;
    ``lamp`` the street lamp and ``core`` its heart; ``glass`` the cold light on the windscreen; ``dash`` the
    instruments; skins come as lit, half and shaded.
    """

    paper: Colour
    night: Colour
    dusk: Colour
    haze: Colour
    lamp: Colour
    core: Colour
    window: Colour
    snow: Colour
    glass: Colour
    dash: Colour
    her_skin: tuple[Colour, Colour, Colour]
    him_skin: tuple[Colour, Colour, Colour]
    her_hair: tuple[Colour, Colour]
    him_hair: tuple[Colour, Colour]
    lips: Colour
    iris: Colour
    scarf: Colour
    her_coat: Colour
    him_coat: Colour


@lru_cache(maxsize=4096)
def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Return the colour ``share`` of the way from one to another."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


LAMPLIGHT = Palette(
    paper=(9, 9, 17),
    night=(12, 16, 38),
    dusk=(46, 44, 82),
    haze=(84, 78, 112),
    lamp=(255, 186, 98),
    core=(255, 238, 204),
    window=(244, 164, 74),
    snow=(208, 216, 238),
    glass=(74, 100, 142),
    dash=(66, 150, 148),
    her_skin=((238, 184, 146), (204, 140, 114), (112, 70, 84)),
    him_skin=((222, 164, 124), (182, 122, 98), (86, 58, 72)),
    her_hair=((38, 20, 26), (128, 66, 44)),
    him_hair=((24, 18, 24), (86, 56, 46)),
    lips=(170, 66, 66),
    iris=(66, 74, 78),
    scarf=(172, 36, 44),
    her_coat=(64, 32, 50),
    him_coat=(28, 34, 52),
)

EMBER = Palette(
    paper=(14, 8, 8),
    night=(30, 10, 14),
    dusk=(92, 32, 26),
    haze=(138, 66, 44),
    lamp=(255, 210, 120),
    core=(255, 244, 214),
    window=(255, 198, 92),
    snow=(240, 216, 196),
    glass=(132, 82, 66),
    dash=(184, 120, 60),
    her_skin=((244, 190, 140), (206, 136, 98), (112, 58, 52)),
    him_skin=((226, 164, 114), (186, 116, 80), (92, 50, 46)),
    her_hair=((36, 16, 12), (140, 64, 30)),
    him_hair=((26, 14, 12), (96, 50, 28)),
    lips=(168, 54, 48),
    iris=(72, 58, 46),
    scarf=(38, 84, 92),
    her_coat=(70, 30, 30),
    him_coat=(44, 26, 28),
)

VERDIGRIS = Palette(
    paper=(6, 14, 14),
    night=(6, 26, 30),
    dusk=(24, 72, 70),
    haze=(66, 112, 102),
    lamp=(236, 226, 150),
    core=(252, 250, 214),
    window=(232, 214, 116),
    snow=(206, 230, 222),
    glass=(64, 122, 116),
    dash=(196, 110, 76),
    her_skin=((232, 190, 150), (194, 144, 116), (88, 76, 80)),
    him_skin=((214, 168, 130), (172, 124, 100), (70, 62, 68)),
    her_hair=((20, 24, 24), (92, 78, 54)),
    him_hair=((14, 18, 20), (66, 60, 48)),
    lips=(164, 74, 70),
    iris=(52, 84, 80),
    scarf=(190, 112, 38),
    her_coat=(26, 48, 56),
    him_coat=(18, 34, 36),
)


def _grey(palette: Palette) -> Palette:
    def grey(colour: Colour) -> Colour:
        luma = round(0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2])
        return (luma, luma, luma)

    fields: dict[str, Any] = {}
    for name in palette.__dataclass_fields__:
        value = getattr(palette, name)
        fields[name] = tuple(grey(one) for one in value) if isinstance(value[0], tuple) else grey(value)
    return Palette(**fields)


NITRATE = Palette(
    paper=(10, 10, 10),
    night=(24, 24, 24),
    dusk=(92, 92, 92),
    haze=(134, 134, 134),
    lamp=(222, 222, 222),
    core=(248, 248, 248),
    window=(186, 186, 186),
    snow=(226, 226, 226),
    glass=(118, 118, 118),
    dash=(110, 110, 110),
    her_skin=((226, 226, 226), (176, 176, 176), (84, 84, 84)),
    him_skin=((204, 204, 204), (152, 152, 152), (70, 70, 70)),
    her_hair=((44, 44, 44), (158, 158, 158)),
    him_hair=((20, 20, 20), (88, 88, 88)),
    lips=(78, 78, 78),
    iris=(66, 66, 66),
    scarf=(198, 198, 198),
    her_coat=(64, 64, 64),
    him_coat=(36, 36, 36),
)

PALETTES: dict[str, Palette] = {
    "lamplight": LAMPLIGHT,
    "ember": EMBER,
    "verdigris": VERDIGRIS,
    "silver": _grey(LAMPLIGHT),
    "nitrate": NITRATE,
}
"""Every palette there is."""

COLOURLESS = ("silver", "nitrate")
"""The palettes of films without colour."""


def _turned(colour: Colour, turn: float, lift: float, keep: bool) -> Colour:
    """Return a colour with its hue turned (in turns), unless it is to keep it, and lifted towards white."""
    hue, light, strength = colorsys.rgb_to_hls(*(one / 255 for one in colour))
    if not keep:
        hue = (hue + turn) % 1.0
    red, green, blue = colorsys.hls_to_rgb(hue, light + (1 - light) * lift, strength * (1 - 0.3 * lift))
    return round(red * 255), round(green * 255), round(blue * 255)


@lru_cache(maxsize=64)
def find_palette(name: str) -> Palette | None:
    """Return a palette by name: one of ``PALETTES``, or ``night N`` and ``day N``, hues turned by N degrees.

    Examples
    --------
    >>> find_palette("night 0") == LAMPLIGHT
    True
    >>> find_palette("mud") is None
    True
    """
    kind, _, turn = name.partition(" ")
    if kind not in ("night", "day") or not turn.isdecimal():
        return PALETTES.get(name)
    lifts = {"night": 0.62, "dusk": 0.5, "haze": 0.45, "glass": 0.4, "snow": 0.2} if kind == "day" else {}
    fields: dict[str, Any] = {}
    for field in LAMPLIGHT.__dataclass_fields__:
        value = getattr(LAMPLIGHT, field)
        lift, keep = lifts.get(field, 0.0), "skin" in field or "hair" in field or field in ("lips", "paper")
        many = isinstance(value[0], tuple)
        turned = [_turned(one, int(turn) / 360, lift, keep) for one in (value if many else (value,))]
        fields[field] = tuple(turned) if many else turned[0]
    return Palette(**fields)
