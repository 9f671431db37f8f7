"""Letters on the picture and on black: the title, the credits.

Conventions: units as in ``paint``; the credits roll upwards at a steady pace.
"""

import numpy as np

from punctum.demo.letters import write
from punctum.demo.paint import HEIGHT, WIDTH, Picture, Sheet, lay
from punctum.demo.palettes import mix
from punctum.demo.stage import Moment, Stage
from punctum.demo.staging import TITLE_S, Staging

PARTS = 8
"""Into how many parts a pixel is divided for the places of the roll."""


TITLES = {"Windscreen": (430.0, 96.0, 33.0), "Procession": (250.0, 96.0, 30.0)}
"""Where a film's title stands and how tall its letters are; a film that is not here has none."""


def credit_lines(staging: Staging) -> tuple[tuple[str, str], ...]:
    """Return what the credits say, role and name; a lone title has no role."""
    if staging.title == "Procession":
        return (
            ("", "PROCESSION"),
            ("THE WOMAN", "PAPER AND MOONLIGHT"),
            ("THE STRANGERS", "ONE SHEET, NINE SEEDS"),
            ("THE WALTZ", "THREE CHORDS IN A MINOR"),
            ("LANTERNS", "DISCS OUT OF FOCUS"),
            ("DRAWN BY", "PUNCTUM"),
        )
    if staging.title != "Windscreen":
        return (("", staging.title.upper()), ("DRAWN BY", "A SEEDED NUMBER"), ("SEED", str(staging.seed)))
    period = f"{staging.wiper_period_s:.2f}".rstrip("0").rstrip(".")
    return (
        ("", "WINDSCREEN"),
        ("THE WOMAN", "PAPER AND LAMPLIGHT"),
        ("THE MAN", "PAPER AND SHADOW"),
        ("THE WIPERS", f"EVERY {period} SECONDS"),
        ("SNOW", "A SEEDED NUMBER"),
        ("MUSIC", "FOUR CHORDS IN D MINOR"),
        ("AFTER", "LOTTE REINIGER"),
        ("DRAWN BY", "PUNCTUM"),
    )


class Cards:
    """The title and the roll of credits, cut once."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        palette = stage.palette
        self.ink = mix(palette.snow, palette.core, 0.5)
        title = stage.staging.title
        x, y, tall = TITLES.get(title, (0.0, 96.0, 0.0))
        sheet = Sheet(stage.scale, (20, 60, 840, 110))
        if tall:
            write(sheet, title.upper(), x, y, tall, self.ink, 0.062, 0.52)
        self.title = sheet
        self.title_paper = sheet.finished()
        lines = credit_lines(stage.staging)
        tall = 80.0 + 52.0 * len(lines)
        self.tall = tall
        roll = Sheet(stage.scale, (0, 0, WIDTH, tall))
        middle = stage.size_px[0] / stage.scale / 2
        for index, (role, name) in enumerate(lines):
            y = 20 + index * 52.0 + (34 if index else 0)
            if role:
                write(roll, role, middle - 54, y, 12, mix(self.ink, (0, 0, 0), 0.42), 0.1, 0.42, 1.0)
                write(roll, name, middle - 10, y, 12, self.ink, 0.1, 0.42, 0.0)
            else:
                write(roll, name, middle, y, 24, self.ink, 0.07, 0.56)
        whole = roll.finished()
        used = np.flatnonzero(whole[:, :, 3].any(axis=0))
        self.roll_left_px = int(used[0])
        whole = np.ascontiguousarray(whole[:, used[0] : used[-1] + 1])
        self.roll = [shifted(whole, part / PARTS) for part in range(PARTS)]

    def lay_title(self, picture: Picture, action_s: float) -> None:
        """Lay the title on a picture where it is its time, fading in and out."""
        start, end = TITLE_S
        share = min(1.0, (action_s - start) / 0.9, (end - action_s) / 0.9)
        if share > 0:
            lay(picture, self.title_paper, self.title.left_px, self.title.top_px, share=0.92 * share)

    def roll_credits(self, moment: Moment) -> Picture:
        """Draw one frame of the credits over black."""
        picture = self.stage.blank()
        way = 150.0
        top = (HEIGHT - self.tall) / 2 + way * (0.5 - moment.share)
        # a roll moves by whole and broken pixels alike, or it would stutter
        place = top * self.stage.scale
        whole, part = divmod(round(place * PARTS), PARTS)
        lay(picture, self.roll[part], self.roll_left_px, whole)
        return picture


def shifted(paper: Picture, part_px: float) -> Picture:
    """Return paper moved down by part of a pixel, one row taller."""
    taller = np.zeros((paper.shape[0] + 1, *paper.shape[1:]), np.float32)
    taller[:-1] += paper * np.float32(1 - part_px)
    taller[1:] += paper * np.float32(part_px)
    return np.asarray(np.rint(taller), np.uint8)
