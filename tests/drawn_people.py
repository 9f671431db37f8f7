"""Films of people, as tables of faces: who is where in which frame, and how they look."""

import numpy as np
import polars as pl

from punctum import tables
from punctum.measure.looks import describe_look

FPS = 24.0


def shots_of(*lengths: int) -> pl.DataFrame:
    ends = np.cumsum(lengths)
    starts = ends - np.array(lengths)
    rows = {"shot": range(len(lengths)), "start_frame": starts, "end_frame": ends}
    table = pl.DataFrame(rows).with_columns(
        (pl.col("start_frame") / FPS).alias("start_s"),
        (pl.col("end_frame") / FPS).alias("end_s"),
        ((pl.col("end_frame") - pl.col("start_frame")) / FPS).alias("length_s"),
    )
    return tables.conform(table, tables.SHOTS)


def looks_of(end: int) -> list[int]:
    """Pairs of neighbouring frames twice a second."""
    return [frame for at in range(0, end, 12) for frame in (at, at + 1) if frame < end]


def faces_of(rows: list[dict[str, object]]) -> pl.DataFrame:
    """Rows with frame, x, y (middle) and height; a face is three quarters as broad as high, the picture square."""
    made = []
    for number, row in enumerate(sorted(rows, key=lambda row: row["frame"])):  # type: ignore[arg-type, return-value]
        height = float(row.get("height", 0.3))  # type: ignore[arg-type]
        width = 0.75 * height
        more = {k: v for k, v in row.items() if k not in ("x", "y", "height")}
        box = {"left": row["x"] - width / 2, "top": row["y"] - height / 2, "width": width, "height": height}  # type: ignore[operator]
        made.append({"face": number, "time_s": row["frame"] / FPS, "score": 0.9, "eye_distance_px": 40.0} | more | box)  # type: ignore[operator]
    return tables.conform(pl.DataFrame(made, infer_schema_length=None), tables.FACES)


def frames_of(end: int, faces: pl.DataFrame, looked: list[int] | None = None) -> pl.DataFrame:
    frames = pl.DataFrame({"frame": range(end)}).with_columns((pl.col("frame") / FPS).alias("time_s"))
    counted = pl.DataFrame({"frame": looks_of(end) if looked is None else looked}, {"frame": pl.Int32})
    counted = counted.join(faces.group_by("frame").len("faces"), on="frame", how="left")
    counted = counted.with_columns(pl.col("faces").fill_null(0))
    return tables.conform(frames.join(counted, on="frame", how="left"), tables.FRAMES)


def person(hair: tuple[int, int, int], clothes: tuple[int, int, int], seed: int, light: float = 1.0) -> bytes:
    """A look of somebody drawn as patches of colour with a face of blobs."""
    rng = np.random.default_rng(seed)
    picture = np.full((200, 200, 3), 90, np.uint8)
    picture[20:120, 50:150] = hair
    picture[150:] = clothes
    face = np.full((80, 60, 3), (190, 150, 120), np.float64)
    yy, xx = np.mgrid[0:80, 0:60]
    for _ in range(14):
        x, y, size, dark = rng.uniform(5, 55), rng.uniform(5, 75), rng.uniform(3, 9), rng.uniform(-90, 60)
        face += (dark * np.exp(-((xx - x) ** 2 + (yy - y) ** 2) / (2 * size**2)))[..., None]
    picture[50:130, 70:130] = np.clip(face, 0, 255)
    picture = np.clip(picture * light, 0, 255).astype(np.uint8)
    points = [0.43, 0.42, 0.57, 0.42, 0.5, 0.48, 0.45, 0.57, 0.55, 0.57]
    return describe_look(picture, (0.35, 0.25, 0.3, 0.4), points)


ANNA = {"hair": (200, 160, 80), "clothes": (150, 30, 30), "seed": 1}
BELA = {"hair": (40, 30, 25), "clothes": (30, 40, 140), "seed": 2}


def film_of(*who: tuple[str, ...], length: int = 48) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Faces and shots: in each shot so many people, side by side."""
    looks = {"A": person(**ANNA), "B": person(**BELA)}  # type: ignore[arg-type]
    rows: list[dict[str, object]] = []
    for number, people in enumerate(who):
        for f in looks_of(length):
            for place, name in enumerate(people):
                x = (place + 1) / (len(people) + 1) if len(people) > 1 else 0.38 if name == "A" else 0.62
                yaw = 15.0 if name == "A" else -15.0
                more = {"look": looks[name], "yaw_deg": yaw, "points": [0.5] * 10}
                rows.append({"frame": number * length + f, "x": x, "y": 0.4} | more)
    return faces_of(rows), shots_of(*([length] * len(who)))
