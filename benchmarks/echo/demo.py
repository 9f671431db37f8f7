"""Try the demonstration of echoes with *Procession* changed: ``python benchmarks/echo/demo.py DIR``.

DIR is what ``punctum demo --echo --into DIR`` drew and read. *Procession* is drawn anew in each of its variants
(mirrored, colourless, in colour, a fifth slower, with another last shot), read, and put into a copy of that library in
the place of the one that is there; all endings are asked about. Told is whether *Windscreen*'s ending answers
*Procession*'s close-up first, whether the two are first of all pairs, and with which E-value. Nothing in the echo code
is fitted to it.
"""

import argparse
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from punctum.demo import PROCESSION_STAGING, PROCESSION_VARIANTS
from punctum.library.demonstration import joins_close_ups, pair_up
from punctum.library.echoing import find_library_echoes
from punctum.library.reading import read_library
from punctum.pipeline.demo import draw_films

PROCESSION, WINDSCREEN = "procession-1964", "windscreen-2024"


def try_variant(name: str, changes: dict[str, object], drawn: Path, folder: Path) -> str:
    """Put a variant into a copy of the library and ask; a row of the table."""
    for bundle in drawn.glob("*.punctum"):
        if bundle.stem != PROCESSION:
            shutil.copytree(bundle, folder / bundle.name)
    shutil.copy(drawn / f"{WINDSCREEN}.json", folder)
    if changes:
        [film] = draw_films(folder, [replace(PROCESSION_STAGING, **changes)])  # type: ignore[arg-type]
        [result] = read_library([film])
        if result.error:
            sys.exit(f"{name}: {result.error}")
    else:
        shutil.copytree(drawn / f"{PROCESSION}.punctum", folder / f"{PROCESSION}.punctum")
        shutil.copy(drawn / f"{PROCESSION}.json", folder)
    answers = {}
    for bundle in sorted(folder.glob("*.punctum")):
        answers[bundle.name] = find_library_echoes(bundle, folder, "ending", write=False, copies=False).echoes
    pairs = pair_up(answers)
    ours = {f"{PROCESSION}.punctum", f"{WINDSCREEN}.punctum"}
    place = next((i for i, pair in enumerate(pairs, 1) if {pair.film, pair.other_film} == ours), 0)
    e_value = f"{pairs[place - 1].e_value:.2g}" if place else "—"
    first = joins_close_ups(
        answers[f"{WINDSCREEN}.punctum"], folder / f"{WINDSCREEN}.mp4", folder / f"{PROCESSION}.mp4"
    )
    others = [pair.e_value for pair in pairs if {pair.film, pair.other_film} != ours]
    nearest = f"{others[0]:.2g}" if others and others[0] is not None else "—"
    return f"| {name} | {'yes' if first else 'no'} | {place or 'none'} of {len(pairs)} | {e_value} | {nearest} |"


def main() -> None:
    """Try every variant and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args()
    print("| *Procession* | its close-up is first | place among pairs | E-value | E-value of the best other pair |")
    print("|---|---|---|---|---|")
    for name, changes in {"as it is": {}, **PROCESSION_VARIANTS}.items():
        with tempfile.TemporaryDirectory() as place:
            print(try_variant(name, dict(changes), asked.folder, Path(place)), flush=True)


if __name__ == "__main__":
    main()
