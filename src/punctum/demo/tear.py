"""A tear: it wells up on the lid's rim, then rolls over the cheek and stays at the jaw.

Conventions: as in ``figures``; ``share`` is how far the tear has come, 0 to 1.
"""

import numpy as np

from punctum.demo.faces import Portrait
from punctum.demo.paint import HEIGHT, WIDTH, Picture, Points, Sheet, View, band, curve, disc, lay, leaf
from punctum.demo.palettes import mix
from punctum.demo.stage import Stage, between


def tear_at(portrait: Portrait, share: float, side: int = 1) -> tuple[Points, float]:
    """Return the tear's trail so far, in units, and how full the drop is: it wells up, then rolls."""
    path = portrait.tear_path(side)
    run = between(share, 0.28, 0.95) * 0.9 + 0.1 * max(0.0, (share - 0.28) / 0.72)
    upto = max(2, round(1 + run * (len(path) - 1)))
    return path[:upto], min(1.0, share / 0.25)


def where_tear(stage: Stage, view: View, portrait: Portrait, share: float, side: int = 1) -> tuple[float, float]:
    """Return where the drop is in the picture, as shares of its width and height."""
    tip = tear_at(portrait, share, side)[0][-1]
    x = ((tip[0] - view.x) * view.zoom + WIDTH / 2) * stage.scale / stage.size_px[0]
    y = ((tip[1] - view.y) * view.zoom + HEIGHT / 2) * stage.scale / stage.size_px[1]
    return float(x), float(y)


def lay_tear(
    stage: Stage, picture: Picture, view: View, portrait: Portrait, share: float, side: int = 1, kohl: float = 0.0
) -> None:
    """Lay a tear on a picture, in place; ``kohl`` is how much of the eyes' paint it carries along."""
    palette = stage.palette
    trail, full = tear_at(portrait, share, side)
    size = portrait.size
    tip = trail[-1]
    box = (trail[:, 0].min() - 40, trail[:, 1].min() - 40, np.ptp(trail[:, 0]) + 80, np.ptp(trail[:, 1]) + 90)
    left = (box[0] - view.x) * view.zoom + 480
    top = (box[1] - view.y) * view.zoom + 270
    sheet = Sheet(stage.scale, (left, top, box[2] * view.zoom, box[3] * view.zoom), view)
    wet = mix(portrait.person.skin[0], palette.core, 0.6)
    # first the lid's rim glistens, then the drop hangs from it
    rim = portrait.lid_rim(side)
    sheet.cut(band(rim, leaf(len(rim)) * size * 0.022), wet)
    lay(picture, sheet.finished(), sheet.left_px, sheet.top_px, share=0.6 * full)
    if kohl and len(trail) > 3:
        sheet.pixels[:] = 0
        stain = mix(portrait.person.skin[2], palette.paper, 0.5)
        sheet.cut(band(trail, np.interp(np.linspace(0, 1, len(trail)), [0, 0.1, 1], [0.02, 0.05, 0.03]) * size), stain)
        lay(picture, sheet.finished(), sheet.left_px, sheet.top_px, share=kohl, blur_px=0.9 * stage.scale)
    if len(trail) > 3:
        sheet.pixels[:] = 0
        sheet.cut(band(trail, np.linspace(0.006, 0.026, len(trail)) * size), wet)
        lay(picture, sheet.finished(), sheet.left_px, sheet.top_px, share=0.34, blur_px=0.6 * stage.scale)
    sheet.pixels[:] = 0
    radius = size * (0.012 + 0.022 * full)
    drop = np.array(
        [(0, -1.9), (0.66, -0.4), (0.86, 0.4), (0.5, 0.98), (0, 1.12), (-0.5, 0.98), (-0.86, 0.4), (-0.66, -0.4)]
    )
    sheet.cut(curve(drop * radius + tip), mix(portrait.person.skin[1], portrait.person.skin[2], 0.3))
    sheet.cut(
        curve(drop * radius * 0.74 + tip + np.array([radius * 0.1, radius * 0.2])),
        mix(palette.core, portrait.person.skin[0], 0.25),
    )
    sheet.cut(disc(tip[0] + radius * 0.2, tip[1] - radius * 0.1, radius * 0.3), (255, 255, 252))
    lay(picture, sheet.finished(), sheet.left_px, sheet.top_px, share=min(1.0, full + 0.15))
