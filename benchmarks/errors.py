"""Measure every figure's error: the same film, changed in ways that do not change what it shows, read again.

``python benchmarks/errors.py [FILM …]`` writes ``src/punctum/errors.csv``. Films: two stagings of *Windscreen*
and whatever is named on the command line. Each is re-encoded (x264 at crf 20 and 30, MPEG-4 part 2), resized to 0.75
and 0.5, shifted by one frame, and given grain of 2 and 5 code values; the error of a figure is the 95th percentile
of its absolute differences to the unchanged film's, over all frames, shots or films. Frames are matched by time;
shots where both readings have the same bounds (within a frame). The provisional error is the same between a
reading of the key frames and the whole one.
"""

import csv
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import polars as pl

from punctum import open_bundle
from punctum.demo import Staging, draw_windscreen
from punctum.film import Bundle
from punctum.media import write_film
from punctum.pipeline import read_film
from punctum.tables import FRAMES, SHOTS

TARGET = Path(__file__).parent.parent / "src" / "punctum" / "errors.csv"
Found = dict[str, list[np.ndarray]]
Picture = Callable[[np.ndarray, int], np.ndarray]


def grain(strength: float) -> Picture:
    """Add grain of this standard deviation, in code values."""

    def change(frame: np.ndarray, number: int) -> np.ndarray:
        noise = np.random.default_rng(number).normal(0, strength, (*frame.shape[:2], 1))
        return np.clip(frame + noise, 0, 255).astype(np.uint8)

    return change


def resized(share: float) -> Picture:
    """Make the picture smaller."""

    def change(frame: np.ndarray, _: int) -> np.ndarray:
        size = (int(frame.shape[1] * share) // 2 * 2, int(frame.shape[0] * share) // 2 * 2)
        return cv2.resize(frame, size, interpolation=cv2.INTER_AREA)

    return change


CHANGES: dict[str, dict[str, Any]] = {
    "crf 20": {"options": {"crf": "20"}},
    "crf 30": {"options": {"crf": "30"}},
    "MPEG-4": {"codec": "mpeg4", "options": {"b": "3M"}},
    "0.75": {"picture": resized(0.75)},
    "0.5": {"picture": resized(0.5)},
    "one frame later": {"skip": 1},
    "grain 2": {"picture": grain(2)},
    "grain 5": {"picture": grain(5)},
}


def frames_of(film: Path, picture: Picture | None, skip: int) -> Iterator[np.ndarray]:
    """Decode a film's frames as RGB, changed."""
    with av.open(str(film)) as source:
        stream = source.streams.video[0]
        stream.thread_type = "AUTO"
        for number, frame in enumerate(source.decode(stream)):
            if number >= skip:
                array = frame.to_ndarray(format="rgb24")
                array = array[: array.shape[0] // 2 * 2, : array.shape[1] // 2 * 2]
                yield picture(array, number) if picture else array


def changed(film: Path, target: Path, how: dict[str, Any]) -> Path:
    """Write a changed copy of a film; its sound comes along as it is decoded."""
    with av.open(str(film)) as source:
        rate = source.streams.video[0].average_rate or Fraction(25)
        sound, sample_rate = None, 48000
        if source.streams.audio:
            sample_rate = source.streams.audio[0].rate
            pieces = [frame.to_ndarray() for frame in source.decode(audio=0)]
            sound = np.concatenate(pieces, axis=1).astype(np.float32) if pieces else None
    skip = how.get("skip", 0)
    if sound is not None:
        sound = sound[:, int(skip / rate * sample_rate) :]
    options = {"options": how.get("options", {"crf": "14"}), "codec": how.get("codec", "libx264")}
    frames = frames_of(film, how.get("picture"), skip)
    write_film(target, frames, fps=rate, sound=sound, sample_rate_hz=sample_rate, **options)
    return target


def read(film: Path, *, quick: bool = False) -> Bundle:
    """Read a film into a bundle beside it."""
    out = film.with_name(f"{film.stem}-{'quick' if quick else 'whole'}.punctum")
    return open_bundle(read_film(film, out=out, quick=quick, force=True).folder)


def differences(
    first: Bundle, second: Bundle, shift_s: float, found: dict[str, list[np.ndarray]], sparse: bool
) -> None:
    """Gather absolute differences of all figures of two readings of one film."""
    step = (
        float(np.median(np.diff(first.tables["frames"]["time_s"].to_numpy()))) if first.film.frame_count > 1 else 0.04
    )
    ours = first.tables["frames"].sort("time_s")
    theirs = second.tables["frames"].with_columns(pl.col("time_s") + shift_s).sort("time_s")
    if not sparse:
        pairs = ours.join_asof(theirs, on="time_s", strategy="nearest", tolerance=step / 2, suffix="_2")
        gather("frames", pairs, FRAMES, found)
    ours, theirs = first.tables["shots"], second.tables["shots"].with_columns(pl.col("start_s", "end_s") + shift_s)
    pairs = ours.sort("start_s").join_asof(
        theirs.sort("start_s"), on="start_s", strategy="nearest", tolerance=step * 1.5, suffix="_2"
    )
    pairs = pairs.filter((pl.col("end_s") - pl.col("end_s_2")).abs() <= step * 1.5)
    gather("shots", pairs, SHOTS, found)
    pairs = first.tables["readings"].join(second.tables["readings"], on=["span", "measure"], suffix="_2")
    for row in pairs.iter_rows(named=True):
        if row["value"] is not None and row["value_2"] is not None:
            found[f"readings.{row['measure']}"].append(np.array([abs(row["value"] - row["value_2"])]))


def gather(table: str, pairs: pl.DataFrame, columns: Any, found: Found) -> None:
    """Gather absolute differences of a table's floating-point columns."""
    for name, column in columns.items():
        if not column.dtype.is_float() or name in ("time_s", "start_s", "end_s", "length_s", "doubt"):
            continue
        if f"{name}_2" in pairs.columns:
            gap = (pairs[name] - pairs[f"{name}_2"]).abs().drop_nulls().to_numpy()
            found[f"{table}.{name}"].append(gap.astype(np.float64))


def unit_of(figure: str, readings: dict[str, str]) -> str:
    """Give a figure's unit."""
    table, _, name = figure.partition(".")
    return readings.get(name, "") if table == "readings" else {"frames": FRAMES, "shots": SHOTS}[table][name].unit


def main() -> None:
    """Read everything, write the table."""
    whole: dict[str, list[np.ndarray]] = defaultdict(list)
    provisional: dict[str, list[np.ndarray]] = defaultdict(list)
    units: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        films = []
        for number, staging in enumerate(stagings()):
            drawing = draw_windscreen(staging)
            film = folder / f"drawn{number}.mp4"
            write_film(film, drawing.frames(), fps=24, sound=drawing.sound, sample_rate_hz=48000, options={"g": "48"})
            films.append(film)
        for film in [*films, *map(Path, sys.argv[1:])]:
            plain = changed(film, folder / f"{film.stem}-plain.mp4", {"options": {"crf": "14", "g": "48"}})
            first = read(plain)
            units |= {row["measure"]: row["unit"] for row in first.tables["readings"].iter_rows(named=True)}
            differences(first, read(plain, quick=True), 0.0, provisional, sparse=True)
            for what, how in CHANGES.items():
                second = read(changed(plain, folder / "changed.mp4", how))
                step = first.film.duration_s / max(first.film.frame_count, 1)
                differences(first, second, how.get("skip", 0) * step, whole, sparse=False)
                print(f"{film.name}: {what}", file=sys.stderr, flush=True)
    with TARGET.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"# written by `make errors`, {len(films)} drawn films and {len(sys.argv) - 1} others\n")
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["figure", "unit", "error", "provisional_error", "pairs"])
        for figure in sorted({*whole, *provisional}):
            errors = [spread(values[figure]) if figure in values else "" for values in (whole, provisional)]
            pairs = sum(values.size for values in whole.get(figure, []))
            table.writerow([figure, unit_of(figure, units), *errors, pairs])


def stagings() -> list[Staging]:
    """Stagings of the drawn films."""
    small = {"width_px": 480, "height_px": 270, "speed": 2.0}
    return [Staging(**small), Staging(seed=2, mirror=True, palette="verdigris", **small)]


def spread(values: list[np.ndarray]) -> str:
    """Give the 95th percentile, with two figures."""
    joined = np.concatenate(values)
    return f"{np.percentile(joined, 95):.2g}" if joined.size else ""


if __name__ == "__main__":
    main()
