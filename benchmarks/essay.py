"""How long essays take: check and build of 100 essays with 30 claims each over 50 films of two hours.

    python benchmarks/essay.py            # the whole of it
    python benchmarks/essay.py --essays 10 --films 5

Films are drawn tables without pictures, written as bundles; half of each essay's claims are of spans, so that they are
worked out and not only looked up. Times are of this process, in seconds.
"""

import argparse
import random
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.page_bundles import make_bundle

from punctum.bundle import write_bundle
from punctum.publish import Shelf, build_site, open_manuscript
from punctum.reading import find_readings
from punctum.tables import SCENES, SCHEMA, TABLES, conform, empty

MEASURES = (
    "shot_count",
    "average_shot_length_s",
    "longest_shot_s",
    "brightness",
    "contrast",
    "integrated_loudness_lufs",
)


def draw_film(folder: Path, number: int) -> None:
    """Two hours at 24 frames a second, 1,800 shots, 90 scenes."""
    rng = np.random.default_rng(number)
    lengths = np.maximum(rng.lognormal(4.1, 0.8, 1800), 8)
    lengths = (lengths * 172_800 / lengths.sum()).astype(int) + 1
    bundle = make_bundle(
        lengths.tolist(), seed=number, stills=False, film={"film_id": f"{number:032x}", "title": f"Film {number}"}
    )
    shots = bundle.tables["shots"]
    starts = shots["start_s"].to_numpy()[::20]
    ends = np.append(starts[1:], shots["end_s"][-1])
    scenes = conform(
        pl.DataFrame({"scene": range(len(starts)), "start_s": starts, "end_s": ends, "kind": ["story"] * len(starts)}),
        SCENES,
    )
    tables = {name: empty(columns) for name, columns in TABLES.items() if name not in ("grid", "boundaries")}
    tables |= {**bundle.tables, "scenes": scenes}
    tables["readings"] = find_readings(bundle.film, tables)
    grid = folder / f"film{number}.grid"
    bundle.grid.collect().head(10).write_parquet(grid)
    tables["boundaries"] = empty(TABLES["boundaries"])
    made = {"schema": SCHEMA, "versions": {"punctum": "0"}, "settings": {}, "faults": {}}
    film = replace(bundle.film, stretches=bundle.film.stretches)
    write_bundle(folder / f"film{number}.punctum", film, tables, made, "", grid_file=grid, stills=[])
    grid.unlink()


def write_essay(folder: Path, number: int, films: int) -> Path:
    chance = random.Random(number)
    keys = chance.sample(range(films), min(3, films))
    head = "\n".join(f"  f{key}: film{key}.punctum" for key in keys)
    lines = []
    for claim in range(30):
        key, measure = chance.choice(keys), chance.choice(MEASURES)
        span = f'span="scene {chance.randrange(80)}" ' if claim % 2 else ""
        lines.append(f'Words and [a claim]{{film=f{key} {span}measure={measure} is="> -1000"}} among more words.\n')
    path = folder / f"essay{number}.md"
    path.write_text(
        f"---\ntitle: Essay {number}\ndate: 2026-01-01\nfilms:\n{head}\n---\n\n" + "\n".join(lines), "utf-8"
    )
    return path


def timed(what: str, work: object) -> object:
    start, wall = time.process_time(), time.perf_counter()
    done = work()  # type: ignore[operator]
    cpu, wall = time.process_time() - start, time.perf_counter() - wall
    print(f"{what:<32}{cpu:8.2f} s of processor time{wall:8.2f} s of wall time")
    return done


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--essays", type=int, default=100)
    parser.add_argument("--films", type=int, default=50)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for number in range(asked.films):
            draw_film(folder, number)
        paths = [write_essay(folder, number, asked.films) for number in range(asked.essays)]

        def check() -> list:
            shelf = Shelf()
            return [open_manuscript(path, shelf) for path in paths]

        print(f"{asked.essays} essays of 30 claims over {asked.films} films of two hours")
        essays = timed("check", check)
        assert all(one.checked.sound and one.checked.understood == 30 for one in essays)
        built = timed("build", lambda: build_site(essays, folder / "site"))
        assert built.written == asked.essays
        built = timed("build again, nothing changed", lambda: build_site(essays, folder / "site"))
        assert built.written == 0
        paths[0].write_text(paths[0].read_text("utf-8") + "\nMore.\n", "utf-8")
        essays = check()
        built = timed("build again, one essay changed", lambda: build_site(essays, folder / "site"))
        assert built.written == 1
        sizes = [(folder / "site" / name).stat().st_size / 1000 for name in ("essay0/index.html", "punctum.css")]
        print(f"a page: {sizes[0]:.0f} kB without stills; style sheet {sizes[1]:.0f} kB")


if __name__ == "__main__":
    main()
