"""Make src/punctum/reading/population_134.csv from the shot lengths of 134 Hollywood films.

    python benchmarks/population.py cutting.csv [TARGET]

`cutting.csv` is `data/cutting.csv` of the repository DrNickRedfern/hollywood-hawkes (MIT licence): a column a
film, headed "Title (year)", shot lengths in seconds in the order of the film. The figures are those of
`punctum.reading.lengths`; `population.md`, beside the table, says what they are and what was left out.
"""

import csv
import re
import sys
from pathlib import Path

import numpy as np

from punctum.reading.lengths import describe_lengths, measure_tail
from punctum.reading.population import COLUMNS

EXCESS = 1.05
"""A film is left out when its shots sum to more than this times its published running time."""

RUNNING_TIMES_MIN = {
    "Detour": 68,
    "The Great Dictator": 125,
    "Blood on the Sun": 94,
    "What's New Pussycat": 108,
    "Leave Her to Heaven": 110,
    "The Letter": 95,
}
"""Published running times, looked up for the films whose shots sum to more than seemed likely. The other films were
not looked up one by one."""

TARGET = Path(__file__).parent.parent / "src" / "punctum" / "reading" / "population_134.csv"


def read_lengths(path: Path) -> dict[tuple[str, int], np.ndarray]:
    """Shot lengths by title and year; empty cells at a column's end are left out, any other is an error."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        header, *rows = csv.reader(lines)
    films = {}
    for column, name in enumerate(header):
        match = re.fullmatch(r"(.+?)\s*\((\d{4})\)", name.strip())
        if match is None:
            raise SystemExit(f"column {column + 1} is headed {name!r}, not `Title (year)`")
        cells = [row[column].strip() for row in rows]
        while cells and not cells[-1]:
            cells.pop()
        lengths_s = np.array([float(cell) for cell in cells])
        if not lengths_s.size or not np.all(lengths_s > 0):
            raise SystemExit(f"{name!r} has no shots, or shots without length")
        films[match[1], int(match[2])] = lengths_s
    return films


def make_row(title: str, year: int, lengths_s: np.ndarray) -> dict[str, object]:
    """The film's row of the table."""
    whole = describe_lengths(lengths_s)
    twentieth, tenth = measure_tail(lengths_s, 0.05), measure_tail(lengths_s, 0.1)
    assert whole is not None
    assert twentieth is not None
    assert tenth is not None
    minutes = whole.total_s / 60
    published_min = RUNNING_TIMES_MIN.get(title)
    left_out = published_min is not None and minutes > EXCESS * published_min
    figures = {
        "minutes": minutes,
        "average_shot_length_s": whole.average_s,
        "median_shot_length_s": whole.median_s,
        "lower_quartile_s": whole.lower_quartile_s,
        "upper_quartile_s": whole.upper_quartile_s,
        "log_length_sd": whole.log_sd,
        "lag1_autocorrelation": whole.lag1,
        "longest_shot_s": whole.longest_s,
        "last_shot_s": whole.last_s,
        "last_5_average_s": twentieth.average_s,
        "last_5_longest_s": twentieth.longest_s,
        "last_10_average_s": tenth.average_s,
        "last_10_longest_s": tenth.longest_s,
    }
    return {
        "title": title,
        "year": year,
        "shot_count": whole.shot_count,
        **{name: f"{value:.4f}" for name, value in figures.items()},
        "left_out": f"shots sum to {minutes:.1f} min, running time {published_min} min" if left_out else "",
    }


def main() -> None:
    films = read_lengths(Path(sys.argv[1]))
    rows = [make_row(title, year, lengths) for (title, year), lengths in films.items()]
    rows.sort(key=lambda row: (row["year"], row["title"]))
    target = Path(sys.argv[2]) if len(sys.argv) > 2 else TARGET
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    for name, kept in (("all", rows), ("kept", [row for row in rows if not row["left_out"]])):
        last = np.array([float(str(row["last_shot_s"])) for row in kept])
        print(f"{name}: {len(kept)} films, {sum(int(str(row['shot_count'])) for row in kept)} shots")
        print(f"  last shot: median {np.median(last):.2f} s, {last.min():.1f} to {last.max():.1f}")
        for part in ("last_5", "last_10"):
            ratio = [float(str(r[f"{part}_average_s"])) / float(str(r["average_shot_length_s"])) for r in kept]
            print(f"  {part} %: {np.median(ratio):.3f} of the film's average shot length")


if __name__ == "__main__":
    main()
