"""A reading under way: ``NAME.punctum.reading/``, a folder of finished parts.

``recipe.json`` says of which film, by what settings and with what bars; a folder with another recipe is
begun anew. ``keys/`` holds the key frames, ``NNNNN/`` part NNNNN (``PART_S`` seconds of film time each).
Each is written beside and renamed, so that it is whole or not there.
"""

import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.bundle.files import alone, read_json, read_parquet, remove, write_json, write_parquet, writing
from punctum.errors import BundleInvalid, OutputUnwritable, quoted
from punctum.film import Box, Stretch

_OURS = re.compile(r"\.lock|(keys|recipe\.json|[0-9]+|[a-z_]+\.parquet)(\.new|\.part)?", re.ASCII)
"""What a reading leaves in its folder."""

EVENTS_SCHEMA = {"start_s": pl.Float64(), "kind": pl.String(), "score": pl.Float32()}
STILLS_SCHEMA = {"frame": pl.Int32(), "picture": pl.Binary()}


@dataclass(frozen=True)
class Recipe:
    """What must be the same for two parts to belong together."""

    film_id: str
    schema: str
    versions: Mapping[str, str]
    settings: Mapping[str, Any]
    stretches: tuple[Stretch, ...] = field(default=())


class Rows(NamedTuple):
    """What a part holds: its tables, events that were scored, and the stills offered in it as JPEG."""

    frames: pl.DataFrame
    grid: pl.DataFrame
    loudness: pl.DataFrame
    hearing: pl.DataFrame
    events: pl.DataFrame
    faces: pl.DataFrame
    own: pl.DataFrame
    drifts: pl.DataFrame
    glints: pl.DataFrame
    stills: pl.DataFrame


class Seen(NamedTuple):
    """What was seen in a part besides its rows.

    ``faults`` counts them by name; ``edges`` are the boxes outside which its stills were black, each with when;
    ``alone`` says that it was read by itself, on one thread.
    """

    faults: Mapping[str, int]
    edges: Sequence[tuple[float, Box | None]] = ()
    alone: bool = False


class Parts:
    """The finished parts of a reading.

    Parameters
    ----------
    folder : Path
        where they lie; made where there is none
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def held(self) -> AbstractContextManager[None]:
        """Hold the folder for this process.

        Raises
        ------
        BundleBusy
            where another one reads the same film
        OutputUnwritable
            where there can be no such folder, or it holds what no reading leaves there
        """
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            strangers = sorted(path.name for path in self.folder.iterdir() if not _OURS.fullmatch(path.name))
        if strangers:
            raise OutputUnwritable(
                f"{quoted(self.folder)} is needed for the reading, but has other things in it, such as "
                f"{quoted(strangers[0])}",
                "move them, or name another place with `--out` or `--into`",
            )
        return alone(self.folder / ".lock", quoted(self.folder.name.removesuffix(".reading")))

    def recipe(self) -> Recipe | None:
        """Recipe of what lies here; None where nothing usable does."""
        try:
            data = read_json(self.folder / "recipe.json")
            stretches = tuple(Stretch(a, b, Box(*box)) for a, b, box in data["stretches"])
            return Recipe(data["film_id"], data["schema"], data["versions"], data["settings"], stretches)
        except (BundleInvalid, KeyError, TypeError, ValueError):
            return None

    def begin(self, recipe: Recipe) -> None:
        """Drop whatever lies here and begin with this recipe."""
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            for path in self.folder.iterdir():
                if path.name != ".lock":
                    remove(path)
        self.reset(recipe)

    def reset(self, recipe: Recipe) -> None:
        """Write the recipe; what was measured by another choice of bars is for the caller to drop."""
        with writing(self.folder):
            write_json(asdict(recipe), self.folder / "recipe.json")

    def finished(self) -> list[int]:
        """Numbers of the finished parts, in order."""
        return sorted(int(path.name) for path in self.folder.glob("[0-9]*") if path.name.isdigit())

    def write(self, number: int, rows: Rows, seen: Seen) -> None:
        """Write a finished part."""
        with self._beside(f"{number:05d}") as beside:
            for name, table in rows._asdict().items():
                write_parquet(table, beside / f"{name}.parquet")
            write_json(seen._asdict(), beside / "seen.json")

    def read(self, number: int, name: str) -> pl.DataFrame:
        """Read one table of a part."""
        return read_parquet(self.file(number, name))

    def file(self, number: int, name: str) -> Path:
        """Where a table of a part lies."""
        return self.folder / f"{number:05d}" / f"{name}.parquet"

    def seen(self, number: int) -> Seen:
        """What was seen in a part besides its rows."""
        kept = read_json(self.folder / f"{number:05d}" / "seen.json")
        edges = [(float(time_s), Box(*box) if box else None) for time_s, box in kept["edges"]]
        return Seen({str(name): int(count) for name, count in kept["faults"].items()}, edges, bool(kept["alone"]))

    def drop(self, numbers: Iterable[int]) -> None:
        """Drop parts, so that they are read again."""
        for number in numbers:
            remove(self.folder / f"{number:05d}")

    def write_keys(
        self, chunks: Iterable[pl.DataFrame], after: Callable[[], tuple[NDArray[np.int64], dict[str, Any]]]
    ) -> None:
        """Write the key frames as they come, then what is known after the last.

        Parameters
        ----------
        chunks : iterable of DataFrame
            ``pts, time_s, picture (JPEG), edges`` of successive key frames
        after : callable
            called once the chunks are exhausted; gives (packet time stamps int64, record for ``keys.json``)
        """
        with self._beside("keys") as beside:
            for number, chunk in enumerate(chunks):
                write_parquet(chunk, beside / f"{number:04d}.parquet")
            pts, record = after()
            write_parquet(pl.DataFrame({"pts": pts}, schema={"pts": pl.Int64()}), beside / "pts.parquet")
            write_json(record, beside / "keys.json")

    def has_keys(self) -> bool:
        """Whether the key frames were read to their end."""
        return (self.folder / "keys" / "keys.json").exists()

    def key_frames(self) -> Iterator[pl.DataFrame]:
        """Read the key frames, some at a time."""
        for path in sorted((self.folder / "keys").glob("[0-9]*.parquet")):
            yield read_parquet(path)

    def key_record(self) -> dict[str, Any]:
        """What was known after the last key frame."""
        return read_json(self.folder / "keys" / "keys.json")

    def packet_pts(self) -> NDArray[np.int64]:
        """Sorted time stamps of all the film's packets; empty where it has none."""
        return read_parquet(self.folder / "keys" / "pts.parquet")["pts"].to_numpy()

    def working(self, name: str) -> Path:
        """Name a file of this folder for what is neither key frames nor a part."""
        return self.folder / name

    def done(self) -> None:
        """Drop it all: the bundle is written."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def _beside(self, name: str) -> Iterator[Path]:
        beside = self.folder / f"{name}.new"
        with writing(self.folder):
            remove(beside)
            beside.mkdir()
            yield beside
            remove(self.folder / name)
            beside.rename(self.folder / name)
