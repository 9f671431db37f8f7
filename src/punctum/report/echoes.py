"""What a film echoes, as a page: both scenes side by side, their shots in pairs, the reasons.

Conventions: as in `page`. The page holds its stills; films are played from where they lie, where the browser can, and
else their stills step instead.
"""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, NamedTuple

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from punctum.draw import echo_script, echo_style
from punctum.echo.because import is_convention, name_channel, tell_rank
from punctum.reading.sentences import write_clock
from punctum.report.page import content_policy
from punctum.report.sentences import plain

SHOWN_RANK = 0.2
"""Channels that more of the library's shots match as well are told in one line, not one by one."""


PARTICULAR_E = 0.1
"""Up to this a likeness that no other scene shares is called particular."""


class Still(NamedTuple):
    """A still: when it is, and its JPEG."""

    time_s: float
    jpeg: bytes


class Side(NamedTuple):
    """One of the two films: its title and year, where its file is ("" where it cannot be played), its picture's shape.

    ``shots``: of each aligned shot its number, begin and end in seconds, and its stills.
    """

    title: str
    year: int | None
    film_address: str
    aspect: float
    shots: Sequence[tuple[int, float, float, Sequence[Still]]]


class Shown(NamedTuple):
    """A row of ``tables.ECHOES`` with what its two films show."""

    row: Mapping[str, Any]
    here: Side
    there: Side


def render_echoes(title: str, year: int | None, shown: Sequence[Shown], searched: str, remarks: Sequence[str]) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    title, year : str, int or None
        the film's
    shown : sequence of Shown
    searched : str
        how much was searched, in words
    remarks : sequence of str
        what to know besides
    """
    style, program = echo_style(), echo_script()

    made = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters["capitalise"] = lambda text: text[:1].upper() + text[1:]
    template: Any = made.from_string(files("punctum.report").joinpath("echoes.html.jinja").read_text(encoding="utf-8"))
    return str(
        template.render(
            policy=content_policy(program, style),
            style=Markup(style),  # noqa: S704  (the package's own sheet)
            program=Markup(program),  # noqa: S704  (the package's own script)
            title=plain(title),
            year=year,
            echoes=[_article(one) for one in shown],
            searched=searched,
            remarks=[plain(remark) for remark in remarks],
        )
    )


def _article(one: Shown) -> dict[str, Any]:
    row = one.row
    channels = [
        {"name": name_channel(name), "figures": figures, "rank": tell_rank(rank), "share": rank}
        for name, figures, rank in zip(row["channels"], row["figures"], row["ranks"], strict=True)
    ]
    pairs = [
        {"here": _shot(left), "there": _shot(right)}
        for left, right in zip(one.here.shots, one.there.shots, strict=False)
    ]
    steps = [
        [left[1], left[2], right[1], right[2]] for left, right in zip(one.here.shots, one.there.shots, strict=False)
    ]
    return {
        "kind": row["kind"],
        "lede": _lede(one),
        "chance": _chance(row),
        "convention": _convention(row),
        "said": "" if row["channels"] else row["because"],
        "here": _side(one.here, row["start_s"], row["end_s"]),
        "there": _side(one.there, row["other_start_s"], row["other_end_s"]),
        "pairs": pairs,
        "steps": json.dumps(steps),
        "alike": [channel for channel in channels if channel["share"] <= SHOWN_RANK],
        "rest": [channel for channel in channels if channel["share"] > SHOWN_RANK],
    }


def _lede(one: Shown) -> dict[str, str]:
    verb = {"answers": "answers", "answered": "is answered by"}.get(one.row["order"] or "", "is like")
    if one.row["kind"] == "copy":
        verb = "is footage of"
    mirrored = ", mirrored" if one.row["mirrored"] else ""
    return {"verb": verb, "end": mirrored}


def _chance(row: Mapping[str, Any]) -> str:
    if row["kind"] == "copy":
        return ""
    e_value = row["e_value"]
    if e_value is None:
        return "Ranked only: the library is too small to say what chance does."
    many = "As good a match is expected by chance"
    if e_value >= 1:
        return f"{many} {e_value:.0f} times in a library of this size: it may well be one."
    if e_value >= 0.1:
        return f"{many} {e_value:.1f} times in a library of this size."
    if e_value >= 1e-6:
        return f"{many} once in {_round(1 / e_value)} libraries of this size."
    return f"{many} less than once in a million libraries of this size."


def _round(value: float) -> str:
    step = 10 ** max(len(f"{value:.0f}") - 2, 0)
    return f"{round(value / step) * step:,}".replace(",", " ")


def _convention(row: Mapping[str, Any]) -> str:
    if row["kind"] == "copy" or row["others_as_like"] is None or not row["scenes_searched"]:
        return ""
    others, scenes = row["others_as_like"], row["scenes_searched"]
    if others == 0:
        particular = ": particular to these two" if (row["e_value"] or 1.0) <= PARTICULAR_E else ""
        return f"Of {scenes} scenes none other matches as well in the same respects{particular}."
    if is_convention(others, scenes):
        return f"{others} other of {scenes} scenes match as well in the same respects: a convention."
    return f"{others} other of {scenes} scenes match{'es' * (others == 1)} as well in the same respects."


def _side(side: Side, start_s: float, end_s: float) -> dict[str, Any]:
    stills = [still for shot in side.shots for still in shot[3]]
    return {
        "title": plain(side.title),
        "year": side.year,
        "film": side.film_address,
        "aspect": round(side.aspect, 4),
        "span": f"{write_clock(start_s)}–{write_clock(end_s)}",
        "first": _data(stills[len(stills) // 2].jpeg) if stills else "",
    }


def _shot(shot: tuple[int, float, float, Sequence[Still]]) -> dict[str, Any]:
    number, start_s, end_s, stills = shot
    return {
        "number": number,
        "start": write_clock(start_s),
        "length": f"{end_s - start_s:.1f} s",
        "stills": [
            {"time_s": round(still.time_s, 3), "clock": write_clock(still.time_s), "data": _data(still.jpeg)}
            for still in stills
        ],
    }


def _data(jpeg: bytes) -> str:
    return "data:image/jpeg;base64," + b64encode(jpeg).decode("ascii")
