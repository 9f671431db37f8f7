"""Write docs/tables.md from tables.py. ``--check`` exits with 1 where the file on disk is another."""

import sys
from pathlib import Path

from punctum.tables import SCHEMA, TABLES

HERE = Path(__file__).parent

WHAT = {
    "frames": "one row a frame (of a quick reading, a key frame)",
    "grid": "a small picture of every frame; may be deleted",
    "loudness": "one row for every 100 ms of sound",
    "shots": "one row a shot",
    "readings": "one row a statement",
}


def tables_page() -> str:
    """Give the text of docs/tables.md."""
    lines = [
        "# Tables",
        "",
        f"Generated from `tables.py` by `make docs`. Schema `{SCHEMA}`. A bundle holds each table as `NAME.parquet`. Every table",
        "has all of its columns; what was not measured is null. No unit and no other word means a share from 0 to 1.",
    ]
    for name, columns in TABLES.items():
        lines += ["", f"## {name}", "", f"{WHAT[name][0].upper()}{WHAT[name][1:]}.", ""]
        lines += ["| column | type | unit | decimals | meaning |", "|---|---|---|---|---|"]
        for column, kind in columns.items():
            meaning = kind.meaning.replace("|", "\\|")
            decimals = "" if kind.decimals is None else kind.decimals
            lines.append(f"| `{column}` | {kind.dtype} | {kind.unit} | {decimals} | {meaning} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write or check."""
    wanted = {HERE / "tables.md": tables_page()}
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
