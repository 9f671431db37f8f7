"""The commands: each calls one function of a room and prints its answer.

Rooms are imported when a command needs them, so that ``punctum --help`` is instant.
"""

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from punctum.cli.telling import Meter, complain, print_out, say
from punctum.cli.times import parse_length, parse_span, timecode
from punctum.errors import PunctumError, UsageWrong, quoted


def read(asked: argparse.Namespace) -> int:
    """Read films into bundles."""
    if asked.out is not None and len(asked.films) > 1:
        raise UsageWrong("`--out` names one bundle, but several films are given", "`--into DIR` receives many")
    if "" in (asked.out, asked.into):
        raise UsageWrong("an empty name is no place for a bundle", "`--out film.punctum`, or `--into DIR`")
    if asked.threads < 0:
        raise UsageWrong("`--threads` takes 0 or more", "0 lets the decoder choose")
    if asked.quick and asked.fast:
        raise UsageWrong("`--quick` and `--fast` exclude each other", "`--quick` is the quicker one")
    if asked.quick and (asked.span is not None or asked.last is not None):
        raise UsageWrong("`--quick` reads key frames only: it takes no span", "leave one of them out")
    span = parse_span(asked.span) if asked.span is not None else None
    last_s = parse_length(asked.last) if asked.last is not None else None
    if last_s == 0:
        raise UsageWrong("`--last 0` holds nothing", "write 12m, 90s, 1h30m or 12:30")
    from punctum.bundle import made_of, place_beside
    from punctum.pipeline import read_film

    worst, answers = 0, []
    for film in asked.films:
        out = asked.out if asked.into is None else Path(asked.into) / place_beside(film).name
        try:
            with Meter(Path(film).name) as meter:
                outcome = read_film(
                    film,
                    out=out,
                    quick=asked.quick,
                    span=span,
                    last_s=last_s,
                    force=asked.force,
                    threads=asked.threads,
                    fast=asked.fast,
                    lang=asked.lang,
                    audio=asked.audio,
                    script=asked.script,
                    recognise=asked.recognise,
                    titles=asked.titles,
                    faces=asked.faces,
                    measures=asked.measure,
                    report=meter.show,
                    say=say,
                    first_page=meter.show_page,
                )
        except PunctumError as error:
            complain(error)
            worst = max(worst, error.exit_code)
            answers.append({"film": film, "error": error.message, "hint": error.hint})
            continue
        remarks = (made_of(outcome.folder) or {}).get("remarks", [])
        answers.append(
            {
                "film": film,
                "bundle": str(outcome.folder),
                "page": str(outcome.folder / "page.html"),
                "lines": list(outcome.lines),
                "coverage": outcome.coverage,
                "faults": dict(outcome.faults),
                "remarks": remarks,
                "already": outcome.already,
            }
        )
        if not asked.json:
            _tell(outcome, remarks)
    if asked.json:
        print_out(json.dumps(answers, ensure_ascii=False, indent=1))
    return worst


def _tell(outcome: Any, remarks: Sequence[str] = ()) -> None:
    print_out(str(outcome.folder / "page.html"))
    for line in outcome.lines:
        print_out(f"  {line}")
    if outcome.coverage == "key frames":
        say("provisional, from key frames only: `punctum read` without --quick reads every frame")
    for remark in remarks:
        say(f"remark: {remark}")
    for fault, count in outcome.faults.items():
        say(f"remark: {count} × {fault}")


def view(asked: argparse.Namespace) -> int:
    """Open a bundle's page."""
    from punctum.bundle import find_bundle, open_bundle

    page = (Path(open_bundle(find_bundle(asked.bundle)).address) / "page.html").resolve()
    print_out(json.dumps({"page": str(page)}) if asked.json else str(page))
    if not asked.no_open:
        _open(page)
    return 0


def shots(asked: argparse.Namespace) -> int:
    """Print the shots."""
    from punctum.bundle import open_bundle

    shots = open_bundle(asked.bundle).tables["shots"]
    if asked.json:
        print_out(json.dumps([rounded(row) for row in shots.iter_rows(named=True)], ensure_ascii=False, indent=1))
    elif asked.csv:
        print_out(flatten(shots).write_csv().rstrip("\n"))
    else:
        for row in shots.iter_rows(named=True):
            doubt = "?" if row["provisional"] else "*" if row["corrected"] else " "
            print_out(
                f"{row['shot']:>5}{doubt} {timecode(row['start_s']):>11}  {row['length_s']:>8.2f} s"
                f"  {row['begins']:<9} frames {row['start_frame']}-{row['end_frame']}"
            )
    return 0


def scenes(asked: argparse.Namespace) -> int:
    """Print the scenes."""
    from punctum.bundle import open_bundle
    from punctum.tables import SCENES

    found = open_bundle(asked.bundle).tables["scenes"]
    if asked.json:
        rows = [rounded(row, SCENES) for row in found.iter_rows(named=True)]
        print_out(json.dumps(rows, ensure_ascii=False, indent=1))
    elif asked.csv:
        print_out(flatten(found).write_csv().rstrip("\n"))
    else:
        for row in found.iter_rows(named=True):
            mark = "*" if row["corrected"] else "?" if (row["doubt"] or 0.0) >= 0.25 else " "
            kind = (row["heading"] or "") if row["kind"] == "story" else row["kind"].replace("_", " ")
            count = row["end_shot"] - row["first_shot"]
            print_out(
                f"{row['scene']:>5}{mark} {timecode(row['start_s']):>11}  {row['length_s']:>8.1f} s"
                f"  {count:>4} shot{'s' if count != 1 else ' '}  {kind}".rstrip()
            )
        if not found.height:
            say("no scenes: they were not worked out when this bundle was made; `punctum read` works them out")
    return 0


NOT_SOUGHT = "they were not looked for when this bundle was made; `punctum read` looks"


def words(asked: argparse.Namespace) -> int:
    """Print the words, or those lines that hold a text."""
    from punctum.bundle import open_bundle
    from punctum.measure.words import find_lines
    from punctum.tables import WORDS

    bundle = open_bundle(asked.bundle)
    found = find_lines(bundle.tables["words"], asked.find)
    if asked.json:
        rows = [rounded(row, WORDS) for row in found.iter_rows(named=True)]
        print_out(json.dumps(rows, ensure_ascii=False, indent=1))
    elif asked.csv:
        print_out(found.write_csv().rstrip("\n"))
    else:
        for row in found.iter_rows(named=True):
            print_out(f"{row['line']:>5}  {timecode(row['start_s']):>11}  {_line(row)}")
        if not found.height:
            why = bundle.made.get("words", {}).get("why_none", "")
            say(
                f"no line holds that: {asked.find}"
                if bundle.tables["words"].height
                else f"no words: {why or NOT_SOUGHT}"
            )
    return 0


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
    found = found.drop("look")
    if asked.json:
        rows = [rounded(row, FACES) | {"landmarks": _landmarks(row)} for row in found.iter_rows(named=True)]
        print_out(json.dumps(rows, ensure_ascii=False, indent=1))
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
    if asked.json:
        rows = [rounded(row, TABLES[name]) for row in table.iter_rows(named=True)]
        print_out(json.dumps(rows, ensure_ascii=False, indent=1))
    elif asked.csv:
        import polars as pl

        lists = [column for column, kind in table.schema.items() if isinstance(kind, pl.List)]
        flat = table.with_columns(pl.col(lists).cast(pl.List(pl.String)).list.join(" ")) if lists else table
        print_out(flat.write_csv().rstrip("\n"))
    else:
        for row in table.iter_rows(named=True):
            print_out(_character(row) if asked.people else _figure(row))
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


def _line(row: dict[str, Any]) -> str:
    """Write a line of the words as a reader of subtitles knows it."""
    text = {"note": "[{}]", "song": "♪ {} ♪", "title": "“{}”"}.get(row["kind"], "{}").format(row["text"])
    return f"{row['speaker']}: {text}" if row["speaker"] else text


def rounded(row: dict[str, Any], columns: Any = None) -> dict[str, Any]:
    """Give a row's figures with the decimals they are kept with; single precision would print others."""
    from punctum.tables import SHOTS

    kept = SHOTS if columns is None else columns

    def one(value: Any, decimals: int | None) -> Any:
        if isinstance(value, list):
            return [one(part, decimals) for part in value]
        return round(value, decimals) if isinstance(value, float) and decimals is not None else value

    return {name: one(value, kept[name].decimals) for name, value in row.items()}


def flatten(table: Any) -> Any:
    """Give a table without lists: what they hold is joined by spaces."""
    import polars as pl

    lists = (name for name, kind in table.schema.items() if isinstance(kind, pl.List))
    return table.with_columns(pl.col(name).cast(pl.List(pl.String)).list.join(" ") for name in lists)


def correct(asked: argparse.Namespace) -> int:
    """Take a correction, or list those that hold."""
    from punctum.bundle import open_bundle, standing
    from punctum.pipeline import correct_bundle

    if asked.list or not asked.what:
        if not asked.list:
            raise UsageWrong("no correction is given", 'for instance: punctum correct film.punctum "cut 1:02.4"')
        notes = [dict(note) for note in standing(open_bundle(asked.bundle).notes) if note.get("kind") == "correction"]
        if asked.json:
            print_out(json.dumps(notes, ensure_ascii=False, indent=1))
        for note in [] if asked.json else notes:
            what = " ".join(str(note[key]) for key in ("what", "at_s", "to_s", "boundary", "name") if key in note)
            print_out(f"{note['id']}  {note.get('when', '')}  {note.get('who', '')}  {what}")
        return 0
    said = correct_bundle(asked.bundle, asked.what, asked.who)
    print_out(json.dumps({"said": said}, ensure_ascii=False) if asked.json else said)
    return 0


def diff(asked: argparse.Namespace) -> int:
    """Say what differs between two bundles."""
    from punctum.bundle import diff_bundles

    found = diff_bundles(asked.first, asked.second)
    if asked.json:
        print_out(json.dumps([row._asdict() for row in found], ensure_ascii=False, indent=1))
    else:
        for row in found:
            size = "" if row.most is None else f", at most {row.most:g}"
            kind = "rounding" if row.rounding else "differs"
            print_out(f"{row.table}.{row.column or '*'}: {row.rows} {kind}{size} ({row.what})")
        if not found:
            print_out("no difference")
    return 0 if all(row.rounding for row in found) else 1


def models(asked: argparse.Namespace) -> int:
    """List the models that can be fetched, or fetch one."""
    from punctum.models import fetch_model, list_models, named_model

    if asked.what == "fetch":
        model = named_model(asked.name)
        if model.asks and not asked.yes and not _agreed(model.name, model.licence, model.finds):
            return 1
        folder = fetch_model(model.name)
        print_out(json.dumps({"name": model.name, "folder": str(folder)}) if asked.json else str(folder))
        return 0
    if asked.name:
        raise UsageWrong(f"`list` takes no name: {quoted(asked.name)}", "`punctum models fetch NAME` fetches a model")
    rows = [
        {
            "name": standing.model.name,
            "state": standing.state,
            "finds": standing.model.finds,
            "licence": standing.model.licence,
            "package": standing.model.package,
            "needs": standing.model.needs,
            "folder": str(standing.folder),
            "files": [
                {"name": part.name, "size_bytes": part.size_bytes, "sha256": part.sha256}
                for part in standing.model.files
            ],
        }
        for standing in list_models()
    ]
    if asked.json:
        print_out(json.dumps(rows, ensure_ascii=False, indent=1))
        return 0
    for standing in list_models():
        model = standing.model
        print_out(f"{model.name}: {standing.state}")
        print_out(f"  finds    {model.finds}")
        print_out(f"  licence  {model.licence}")
        print_out(f"  package  {model.package}; runs on {model.needs}")
        print_out(f"  folder   {standing.folder}")
        for part in model.files:
            print_out(f"  {part.name:<12} {part.size_bytes:>11,} bytes  sha256 {part.sha256}".replace(",", " "))
    return 0


def _agreed(name: str, licence: str, finds: str) -> bool:
    """Ask whether weights of no known licence shall be fetched; without a person to ask, no."""
    say(f"{name} finds {finds}.")
    say(f"Its licence: {licence}. Whether you may use it, and for what, is for you to find out.")
    if not sys.stdin or not sys.stdin.isatty():
        raise UsageWrong(f"{name} is not fetched without your word", f"`punctum models fetch {name} --yes` gives it")
    say("Fetch it? [y/N]")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def demo(asked: argparse.Namespace) -> int:
    """Draw the sample film, read it and open its page."""
    if not asked.into:
        raise UsageWrong("an empty name is no folder", "`--into DIR` names one")
    from punctum.pipeline.demo import make_demo

    with Meter("Windscreen") as meter:
        outcome = make_demo(Path(asked.into), report=meter.show)
    page = outcome.folder / "page.html"
    if asked.json:
        print_out(json.dumps({"page": str(page), "lines": list(outcome.lines)}, ensure_ascii=False, indent=1))
    else:
        _tell(outcome)
    if not asked.no_open:
        _open(page.resolve())
    return 0


def _open(page: Path) -> None:
    """Open a page where there is a screen; silent where there is none."""
    import webbrowser

    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    with contextlib.suppress(webbrowser.Error, OSError):
        webbrowser.open(page.as_uri())
