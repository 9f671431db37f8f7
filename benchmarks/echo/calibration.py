"""Whether E-values are what they say, and whether a scene staged again is found: drawn films, or drawn signatures.

    python benchmarks/echo/calibration.py --in DIR [--plot docs/echo-calibration.svg]
    python benchmarks/echo/calibration.py --drawn 200

``--in``: a folder of bundles of films that have nothing to do with each other (``films.py`` draws and reads them). The
last three shots of each film ask all the others; counted are, a query, the scenes with E up to 0.1, 1 and 10.
``--drawn``: as many films of signatures drawn from seeds (``tests/drawn_signatures.py``), which cost no drawing and
reading; there last scenes are also drawn again: with other noise, mirrored, a fifth slower, without colour.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.drawn_signatures import draw_film, table_of, vary

from punctum.bundle.shelf import list_bundles, scan_tables
from punctum.echo.channels import Signatures, gather_signatures
from punctum.echo.searching import find_echoes, is_flat

AT = (0.1, 0.3, 1.0, 3.0, 10.0)


def load(folder: str) -> list[pl.DataFrame]:
    """Signatures of the bundles in a folder."""
    shelved, _ = list_bundles(folder)
    table, _ = scan_tables(shelved, "signatures")
    story = table.collect().filter(pl.col("to_end_s").fill_null(0.0) >= 0)  # as `library.echoing`: credits left out
    return story.partition_by("film_id", maintain_order=True, include_key=False)


def ending_of(library: Signatures, film: int) -> np.ndarray:
    """The last shots of a film's story that are pictures: up to three of its last scene."""
    rows = np.flatnonzero((library.film == film) & ~is_flat(library))
    # credits have nothing left of the story, nor has the story's last shot
    left = np.flatnonzero(library.after[rows, 2] > 0)
    story = rows[: left[-1] + 2] if left.size else rows
    return story[library.scene[story] == library.scene[story[-1]]][-3:]


def count_hits(tables: list[pl.DataFrame]) -> tuple[np.ndarray, int, float]:
    """Hits a query at each of ``AT``, queries, processor seconds a query."""
    library = gather_signatures(tables)
    begun, hits, queries = time.process_time(), np.zeros(len(AT)), 0
    for film in range(len(tables)):
        answer = find_echoes(library, ending_of(library, film), listed=60)
        values = np.array([match.e_value for match in answer.matches if match.e_value is not None])
        hits += [(values <= at).sum() for at in AT]
        queries += 1
    return hits / queries, queries, (time.process_time() - begun) / queries


def count_found(films: list, tables: list[pl.DataFrame], how: dict) -> tuple[int, int, float]:
    """How many endings staged again find theirs first; of how many; median E-value."""
    found, values = 0, []
    for number in range(0, len(films), max(len(films) // 40, 1)):
        again = [*draw_film(50_000 + number, 3), [vary(shot, number, **how) for shot in films[number][-1]]]
        library = gather_signatures([table_of(again), *tables])
        answer = find_echoes(library, np.flatnonzero(library.scene == library.scene[library.film == 0].max()), listed=1)
        first = answer.matches[0] if answer.matches else None
        found += bool(first and library.film[first.other_rows[0]] == number + 1)
        values.append(first.e_value if first and first.e_value is not None else np.nan)
    return found, len(values), float(np.nanmedian(values))


def draw_plot(hits: np.ndarray, queries: int) -> str:
    """Plot hits a query against E, both logarithmic, with the band of a factor of two."""
    low, high, size = 0.03, 30.0, 320

    def place(value: float) -> float:
        return 46 + (size - 66) * (np.log(value) - np.log(low)) / (np.log(high) - np.log(low))

    def point(x: float, y: float) -> str:
        return f"{place(x):.1f},{size - place(y):.1f}"

    corners = [(low, low), (high / 2, high), (high, high), (high, high / 2), (2 * low, low)]
    band = " ".join(point(x, y) for x, y in corners)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" font-family="sans-serif" font-size="11">',
        f'<polygon points="{band}" fill="#2a7fae" opacity=".15"/>',
        f'<polyline points="{point(low, low)} {point(high, high)}" stroke="#6d665c" fill="none"/>',
    ]
    for value in (0.1, 1, 10):
        x, y = place(value), size - place(value) + 4
        lines.append(f'<text x="{x:.1f}" y="{size - 30}" text-anchor="middle" fill="#6d665c">{value:g}</text>')
        lines.append(f'<text x="40" y="{y:.1f}" text-anchor="end" fill="#6d665c">{value:g}</text>')
    for at, value in zip(AT, hits, strict=True):
        if value > 0:
            x, y = place(at), size - place(min(max(value, low), high))
            lines.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="#b3341f"/>')
    lines.append(f'<text x="{size / 2:.0f}" y="{size - 12}" text-anchor="middle" fill="#1f1c19">E-value</text>')
    lines.append(f'<text x="50" y="16" fill="#1f1c19">scenes found a query, {queries} queries</text></svg>')
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--in", dest="folder", default="")
    parser.add_argument("--drawn", type=int, default=0)
    parser.add_argument("--plot", default="")
    asked = parser.parse_args()
    films = [draw_film(seed, 4) for seed in range(asked.drawn)]
    tables = [table_of(film) for film in films] if asked.drawn else load(asked.folder)
    hits, queries, cost_s = count_hits(tables)
    print(f"{len(tables)} films, {queries} queries, {cost_s:.2f} s of processor time each")
    for at, value in zip(AT, hits, strict=True):
        print(f"  E up to {at:<4g} {value:.3f} a query")
    if asked.plot:
        Path(asked.plot).write_text(draw_plot(hits, queries), "utf-8")
    if asked.drawn:
        ways = {"drawn anew": {}, "mirrored": {"mirror": True}, "slower": {"slower": 1.2}, "grey": {"colour": False}}
        for name, how in ways.items():
            found, of, value = count_found(films, tables, how)
            print(f"  {name}: first {found} of {of}, median E {value:.1e}")


if __name__ == "__main__":
    main()
