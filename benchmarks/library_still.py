"""How surely `punctum find still.png` finds the frame of a picture that was changed, and how often another film's.

``python benchmarks/library_still.py LIBRARY FILMS… [--frames 40]``: frames spread over each film are decoded, changed
in each way, and looked for in the library's bundles (each film has one, by its name). Right is a frame within half a
second of the one shown, or one whose picture is the same (correlation of lightness over 0.995: held shots repeat).
Prints a Markdown table by kind of change: found (the likeliest frame of the likeliest film is right), of those called
`shown`, and how often a frame of another film is called shown where the film itself is not in the library.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np

from punctum.bundle.shelf import list_bundles, scan_tables
from punctum.echo.still import Query, look_for, prepare_query
from punctum.film import Box
from punctum.library.finding import LIKE
from punctum.measure.bars import find_edges

Picture = np.ndarray


def as_it_is(picture: Picture) -> Picture:
    return picture


def small(picture: Picture) -> Picture:
    return cv2.resize(
        picture, (320, max(2, round(320 * picture.shape[0] / picture.shape[1]))), interpolation=cv2.INTER_AREA
    )


def jpeg(picture: Picture) -> Picture:
    coded = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 25])[1]
    return cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1]


def crop(share: float, at: float) -> Callable[[Picture], Picture]:
    def cut(picture: Picture) -> Picture:
        h, w = picture.shape[:2]
        top, left = round((1 - share) * h * at), round((1 - share) * w * at)
        return picture[top : top + round(share * h), left : left + round(share * w)]

    return cut


def sides(picture: Picture) -> Picture:
    w = picture.shape[1]
    return picture[:, w // 8 : w - w // 8]


def subtitled(picture: Picture) -> Picture:
    made = np.ascontiguousarray(picture).copy()
    h, w = made.shape[:2]
    for line, text in enumerate(("She said nothing, and then", "she said it once again.")):
        cv2.putText(
            made, text, (round(0.16 * w), round((0.83 + 0.09 * line) * h)), cv2.FONT_HERSHEY_SIMPLEX, w / 700,
            (255, 255, 255), max(1, round(w / 320)), cv2.LINE_AA,
        )  # fmt: skip
    return made


def recoloured(picture: Picture) -> Picture:
    turned = picture[..., [1, 2, 0]].astype(np.float32) * 0.35 + picture * (0.75, 0.55, 0.4) + 14
    return np.clip(turned, 0, 255).astype(np.uint8)


def colourless(picture: Picture) -> Picture:
    return np.repeat(cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)


def darker(picture: Picture) -> Picture:
    return np.clip(255 * (picture / 255.0) ** 1.6 * 0.85, 0, 255).astype(np.uint8)


def letterboxed(picture: Picture) -> Picture:
    h = picture.shape[0]
    return cv2.copyMakeBorder(np.ascontiguousarray(picture), h // 6, h // 6, 0, 0, cv2.BORDER_CONSTANT, value=(0, 0, 0))


def mirrored(picture: Picture) -> Picture:
    return picture[:, ::-1]


def all_of_it(picture: Picture) -> Picture:
    return jpeg(subtitled(recoloured(crop(0.9, 0.5)(picture))))


CHANGES: dict[str, Callable[[Picture], Picture]] = {
    "as it is": as_it_is, "320 px wide": small, "JPEG, quality 25": jpeg, "crop to 90 %": crop(0.9, 0.5),
    "crop to 75 %, off centre": crop(0.75, 0.2), "crop to 55 %": crop(0.55, 0.6), "sides cut off (4:3 of 16:9)": sides,
    "two lines of subtitles": subtitled, "recoloured": recoloured, "colourless": colourless, "darker": darker,
    "letterboxed": letterboxed, "mirrored": mirrored, "crop 90 %, recoloured, subtitles, JPEG": all_of_it,
}  # fmt: skip


def main() -> None:
    """Draw from films, change, look, count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("library")
    parser.add_argument("films", nargs="+")
    parser.add_argument("--frames", type=int, default=40)
    asked = parser.parse_args()
    shelved, _ = list_bundles(asked.library)
    grids = {}
    for one in shelved:
        table = scan_tables([one], "grid")[0].select("frame", "cells").collect()
        raw = np.frombuffer(b"".join(table["cells"].to_list()), np.uint8).reshape(table.height, -1, 3)
        times = scan_tables([one], "frames")[0].select("frame", "time_s").collect()
        grids[one.film.file_name] = (
            np.ascontiguousarray(raw[..., 0]),
            times.filter(times["frame"].is_in(table["frame"].implode()))["time_s"].to_numpy(),
            one.film.active_box_px,
        )
    films = [Path(film) for film in asked.films if Path(film).name in grids]
    print(f"{len(films)} films, {asked.frames} frames each; shown means a likeness of {LIKE} and more\n")
    print("| change | pictures | found | called shown | another film shown, this one left out |")
    print("|---|---|---|---|---|")
    pictures = [(film.name, *drawn) for film in films for drawn in draw(film, asked.frames, grids[film.name])]
    for name, change in CHANGES.items():
        counts = np.zeros(3, int)
        for film, row, picture in pictures:
            query = prepare_query(bare(np.ascontiguousarray(change(picture))))
            counts += judge(query, film, row, grids)
        shares = " | ".join(f"{count / len(pictures):.1%}" for count in counts)
        print(f"| {name} | {len(pictures)} | {shares} |", flush=True)


def draw(film: Path, count: int, grid: tuple[np.ndarray, np.ndarray, Box]) -> list[tuple[int, Picture]]:
    """Frames spread over a film that are no flat ones: row of the grid, picture as decoded, bars included."""
    lightness, times, _ = grid
    rows = [row for row in np.linspace(0, len(times) - 1, count).astype(int).tolist() if lightness[row].std() >= 6]
    wanted, found = iter(rows), []
    row = next(wanted, None)
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        for number, frame in enumerate(container.decode(stream)):
            if row is None:
                break
            if number == row:
                found.append((row, frame.to_ndarray(format="rgb24")))
                row = next(wanted, None)
    return found


def bare(picture: Picture) -> Picture:
    """A picture without black borders, as the command takes it."""
    edges = find_edges(np.ascontiguousarray(picture.mean(2).astype(np.uint8)), 0.0, 255.0)
    if edges is None:
        return picture
    return np.ascontiguousarray(picture[edges.top : edges.top + edges.height, edges.left : edges.left + edges.width])


def judge(query: Query, film: str, row: int, grids: dict) -> np.ndarray:
    """Whether it was found, called shown, and another film's frame called shown."""
    best = {name: look_for(query, lightness) for name, (lightness, _, _) in grids.items()}
    likes = {name: found.likeness for name, found in best.items() if found is not None}
    top = max(likes, key=lambda name: likes[name])
    lightness, times, _ = grids[film]
    right = False
    if top == film:
        hit = best[film].row
        right = abs(times[hit] - times[row]) <= 0.5 or np.corrcoef(lightness[hit], lightness[row])[0, 1] > 0.995
    others = max((like for name, like in likes.items() if not same_film(name, film)), default=0.0)
    return np.array([right, right and likes[top] >= LIKE, others >= LIKE])


def same_film(one: str, other: str) -> bool:
    """Clips of one film: by what their names begin with."""

    def family(name: str) -> str:
        return "bbb" if name.lower().startswith(("bbb", "bigbuck")) else name.split("_")[0].lower()

    return family(one) == family(other)


if __name__ == "__main__":
    main()
