"""Write docs/tables.md and the errors in docs/measures.md. ``--check`` exits with 1 where a file on disk is another."""

import re
import sys
from pathlib import Path

from punctum.essay import measures_rows
from punctum.tables import SCHEMA, TABLES, error_rows

HERE = Path(__file__).parent

WHAT = {
    "frames": "one row a frame (of a quick reading, a key frame)",
    "grid": "a small picture of every frame; may be deleted",
    "loudness": "one row for every 100 ms of sound",
    "hearing": "one row for every 20 ms of sound that was read: how loud four bands are, what is heard",
    "own": "one row for every frame and measure of your own, where `--measure` named any",
    "drifts": "one row for every pair of frames in which what falls or drifts was sought; a bundle may lack it",
    "glints": "one row for every pair of frames with a face large enough; a bundle may lack it",
    "sounds": "one row a span of what is heard",
    "boundaries": "what the detector found, before a person's word: one row a boundary",
    "shots": "one row a shot",
    "words": "one row a line: what is said, sung or noted in one go",
    "faces": "one row a face in a frame that was looked at",
    "tracks": "one row a face followed within a shot",
    "characters": "one row a person, as far as tracks could be told to be the same one's",
    "figures": "one row a montage figure",
    "scenes": "one row a scene",
    "arcs": "one row a second",
    "build_ups": "one row a stretch in which tension builds beyond chance",
    "moments": "one row a moment that departs from its scene beyond chance",
    "readings": "one row a statement",
    "signatures": "one row a shot: what it is compared by in other films; a bundle may lack it",
    "echoes": "one row an echo or copy that `punctum echo` found; a new reading or a correction empties it",
}


def tables_page() -> str:
    """Give the text of docs/tables.md."""
    lines = [
        "# Tables",
        "",
        f"Generated from `tables/` by `make docs`. Schema `{SCHEMA}`. A bundle holds each table as `NAME.parquet`.",
        "Every table has all of its columns; what was not measured is null. No unit: a share from 0 to 1.",
    ]
    for name, columns in TABLES.items():
        lines += ["", f"## {name}", "", f"{WHAT[name][0].upper()}{WHAT[name][1:]}.", ""]
        lines += ["| column | type | unit | decimals | meaning |", "|---|---|---|---|---|"]
        for column, kind in columns.items():
            meaning = kind.meaning.replace("|", "\\|")
            decimals = "" if kind.decimals is None else kind.decimals
            lines.append(f"| `{column}` | {kind.dtype} | {kind.unit} | {decimals} | {meaning} |")
    return "\n".join(lines) + "\n"


def measures_page(text: str) -> str:
    """Give the text of docs/measures.md with the errors as they were measured last."""
    lines = ["| figure | unit | error | provisional error | pairs |", "|---|---|---|---|---|"]
    for row in error_rows():
        errors = [row[name] or "—" for name in ("error", "provisional_error")]
        lines.append(f"| `{row['figure']}` | {row['unit']} | {errors[0]} | {errors[1]} | {row['pairs']} |")
    named = ["| measure | unit | meaning | over |", "|---|---|---|---|", *measures_rows()]
    text = re.sub(
        r"(?s)<!-- essays -->.*<!-- /essays -->",
        lambda _: "\n".join(["<!-- essays -->", *named, "<!-- /essays -->"]),
        text,
    )
    return re.sub(
        r"(?s)<!-- errors -->.*<!-- /errors -->",
        lambda _: "\n".join(["<!-- errors -->", *lines, "<!-- /errors -->"]),
        text,
    )


def main() -> int:
    """Write or check."""
    measures = HERE / "measures.md"
    wanted = {HERE / "tables.md": tables_page(), measures: measures_page(measures.read_text("utf-8"))}
    if "--check" in sys.argv:
        stale = [path for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text]
        for path in stale:
            print(f"{path.name} is not what the code says: run `make docs`")
        return 1 if stale else 0
    for path, text in wanted.items():
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
