"""The command that lists who is seen: ``faces``."""

import argparse
from pathlib import Path
from typing import Any

from punctum.cli.listing import NOT_SOUGHT
from punctum.cli.rows import print_json, print_table, rounded
from punctum.cli.telling import Meter, print_out, say
from punctum.cli.times import parse_span, timecode
from punctum.cli.typed import add, add_bundle
from punctum.errors import UsageWrong


def offer(added: Any) -> None:
    """Add the command's parser."""
    parser = add(
        added,
        "faces",
        faces,
        "list the faces, or look again at a scene",
        "punctum faces film.punctum --span 1:02-1:20",
    )
    add_bundle(parser)
    parser.add_argument("--span", metavar="FROM-TO", help="look at every frame of this part; the bundle stays as it is")
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--people", action="store_true", help="list who is seen instead: names, time on screen, closeness"
    )
    what.add_argument("--figures", action="store_true", help="list montage figures, approaches, contacts instead")
    parser.add_argument("--csv", action="store_true", help="as CSV, without the landmarks")


def faces(asked: argparse.Namespace) -> int:
    """Print the faces that were seen, or look again at a span."""
    from punctum.tables import FACES

    if asked.people or asked.figures:
        return _people(asked)
    if asked.span is not None:
        from punctum.pipeline import look_closer

        with Meter(Path(asked.bundle).name) as meter:
            found = look_closer(asked.bundle, parse_span(asked.span), report=meter.show, say=say)
        why = "no face was found there"
    else:
        from punctum.bundle import open_bundle

        bundle = open_bundle(asked.bundle)
        found = bundle.tables["faces"]
        told = bundle.made.get("faces", {})
        why = f"no faces: {told.get('why') or 'none were found'}" if told else f"no faces: {NOT_SOUGHT}"
    found = found.drop("look", "identity")
    if asked.json:
        print_json([rounded(row, FACES) | {"landmarks": _landmarks(row)} for row in found.iter_rows(named=True)])
    elif asked.csv:
        import polars as pl

        places = pl.col("points").list.eval(pl.element().cast(pl.Float64).round(4).cast(pl.String))
        print_out(found.drop("landmarks").with_columns(places.list.join(" ")).write_csv().rstrip("\n"))
    else:
        for row in found.iter_rows(named=True):
            print_out(_face(row))
    if not found.height:
        say(why)
    return 0


def _people(asked: argparse.Namespace) -> int:
    """Print who is seen, or what shots and people make together."""
    from punctum.bundle import open_bundle
    from punctum.tables import TABLES

    if asked.span is not None:
        raise UsageWrong(
            "`--span` looks for faces; it takes neither `--people` nor `--figures`", "leave one of them out"
        )
    name = "characters" if asked.people else "figures"
    table = open_bundle(asked.bundle).tables[name]
    print_table(table, asked, TABLES[name], _character if asked.people else _figure)
    if not table.height:
        say("nobody was told apart" if asked.people else "no figure was found")
    return 0


def _character(row: dict[str, Any]) -> str:
    """Write who somebody is: name, time on screen, where, how near."""
    between = f"{timecode(row['first_s'])} to {timecode(row['last_s'])}"
    near = f"face {row['height']:.2f}, nearest {row['nearest_height']:.2f} of the picture's height"
    return f"{row['name']:<12} {row['on_screen_s']:>8.1f} s in {row['shots']:>3} shots, {between}; {near}"


def _figure(row: dict[str, Any]) -> str:
    """Write a figure: where, what, by which rule."""
    span = f"{timecode(row['start_s']):>11} to {timecode(row['end_s']):>11}"
    return f"{span}  {row['kind']:<17} {row['rule']}"


def _landmarks(row: dict[str, Any]) -> dict[str, list[list[float]]] | None:
    """Give a face's points by part."""
    from punctum.measure.faces import unpack_landmarks
    from punctum.tables import LANDMARKS

    if row["landmarks"] is None:
        return None
    points = iter([[round(x, 5), round(y, 5)] for x, y in unpack_landmarks(row["landmarks"]).tolist()])
    return {part: [next(points) for _ in range(count)] for part, count in LANDMARKS.items()}


def _face(row: dict[str, Any]) -> str:
    """Write a face's row: when, where, and what was measured in it."""
    place = f"{row['left']:6.1%} {row['top']:6.1%}  {row['width']:5.1%} x {row['height']:5.1%}"
    line = f"{row['frame']:>7} {timecode(row['time_s']):>11}  at {place}  score {row['score']:.2f}"
    if row["lacks"]:
        return f"{line}  {row['lacks']}"
    turn = f"turned {row['yaw_deg']:+.0f}° {row['pitch_deg']:+.0f}° {row['roll_deg']:+.0f}°"
    return f"{line}  {turn}  eyes {row['eye_opening']:.2f}  gaze {row['gaze']:.2f}  mouth {row['mouth_opening']:.2f}"
