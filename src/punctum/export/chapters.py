"""Chapters as FFmpeg reads them (ffmetadata), and shot lists as Cinemetrics has them.

Conventions: chapters are the scenes (the shots where there are none), in milliseconds rounded up. A shot list has a
line a shot; its lengths add up to the film.
"""

import csv
import io
import re

from punctum.export.tiers import whole_ms
from punctum.export.vtt import chapters_of
from punctum.film import Bundle

_SPECIAL = re.compile(r"([=;#\\\n])")


def write_chapters(bundle: Bundle) -> str:
    """Write chapters as ffmetadata: ``ffmpeg -i film -i film.ffmetadata -map_chapters 1 -codec copy out.mkv``.

    Source: FFmpeg formats documentation, "Metadata".
    """
    lines = [";FFMETADATA1"]
    for start_s, end_s, name in chapters_of(bundle):
        start, end = whole_ms(start_s), whole_ms(end_s)
        lines += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={start}", f"END={max(end, start + 1)}"]
        # FFmpeg takes a line whose last sign is a backslash, escaped or not, for one that goes on
        lines.append(f"title={_SPECIAL.sub(_escape, name)}{' ' if name.endswith(chr(92)) else ''}")
    return "\n".join([*lines, ""])


def _escape(sign: re.Match[str]) -> str:
    return "\\" + sign[1]


def write_cinemetrics(bundle: Bundle) -> str:
    """Write shots as a Cinemetrics-style list: number, when it is cut to, its length, its scale.

    Columns: ``shot`` from 1, ``cut_s`` and ``length_s`` in seconds with three decimals, ``type`` the shot scale, empty
    where nobody is seen. All of the film is in it, credits and black, too: ``scene`` says what each shot belongs to.
    """
    scenes = {
        shot: row["kind"]
        for row in bundle.tables["scenes"].iter_rows(named=True)
        for shot in range(row["first_shot"], row["end_shot"])
    }
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(("shot", "cut_s", "length_s", "type", "scene"))
    for row in bundle.tables["shots"].iter_rows(named=True):
        start, end = round(row["start_s"] * 1000), round(row["end_s"] * 1000)
        table.writerow(
            (
                row["shot"] + 1,
                f"{start / 1000:.3f}",
                f"{(end - start) / 1000:.3f}",
                row["scale"] or "",
                scenes.get(row["shot"], ""),
            )
        )
    return out.getvalue()
