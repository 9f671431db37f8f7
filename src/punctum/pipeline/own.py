"""Measures of a person's own: a function of pictures, loaded from a file, tried, and run in the pass.

``punctum read FILM --measure my.py:snowfall`` runs ``snowfall(thumbs)`` on thumbs uint8 (n, h, w, 3), RGB, of
consecutive frames, and keeps the n values that it gives. A value depends on its own frame alone, since blocks are of
any size.
The function's name carries its unit, its docstring says what it is. What is run is the owner's own code.
"""

import hashlib
import importlib.util
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.errors import MeasureUnusable, quoted
from punctum.film import Block
from punctum.tables import OWN, TABLES, conform, empty

UNITS = {"_w_s": "widths/s", "_s": "s", "_px": "px", "_db": "dB", "_lufs": "LUFS", "_hz": "Hz", "_deg": "°"}
"""Endings of names, and the units that they say."""

WRITE_SO = "`def snowfall(thumbs):` takes uint8 (n, h, w, 3) and gives n numbers; see docs/howto/own-measure.md"


@dataclass(frozen=True)
class OwnMeasure:
    """A measure: its name, unit, definition, the hash of its file, and the function."""

    name: str
    unit: str
    definition: str
    source_id: str
    function: Callable[[NDArray[np.uint8]], Any]


def load_measure(address: str) -> OwnMeasure:
    """Load ``FILE.py:NAME``.

    Raises
    ------
    MeasureUnusable
        where there is no such file or function, it has no docstring, or its name is taken
    """
    place, colon, name = address.rpartition(":")
    if not colon or not name.isidentifier() or not place.endswith(".py"):
        raise MeasureUnusable(f"{quoted(address)} names no measure", "write FILE.py:NAME, such as my.py:snowfall")
    try:
        source = Path(place).read_bytes()
        spec = importlib.util.spec_from_file_location(f"punctum_own_{Path(place).stem}", place)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    except OSError as error:
        raise MeasureUnusable(f"{quoted(place)} cannot be read: {error.strerror}", "check its name") from error
    except (Exception, SystemExit) as error:  # whatever a person's file does when it is run
        raise MeasureUnusable(f"{quoted(place)} cannot be run: {_one_line(error)}", "does `python` run it?") from error
    function = getattr(module, name, None)
    if not callable(function):
        raise MeasureUnusable(f"{quoted(place)} has no function {quoted(name)}", WRITE_SO)
    definition = " ".join((inspect.getdoc(function) or "").split("\n\n")[0].split())
    if not definition:
        raise MeasureUnusable(f"measure {quoted(name)} has no docstring", "its first paragraph is its definition")
    if any(name in columns for columns in TABLES.values()):
        raise MeasureUnusable(f"there is a column {quoted(name)} already", "give the function another name")
    unit = next((unit for ending, unit in UNITS.items() if name.endswith(ending)), "")
    return OwnMeasure(name, unit, definition, hashlib.blake2b(source, digest_size=12).hexdigest(), function)


def load_measures(addresses: Sequence[str]) -> tuple[OwnMeasure, ...]:
    """Load all that are asked for, in the order of their names.

    Raises
    ------
    MeasureUnusable
        as `load_measure`; also where two have one name
    """
    loaded = sorted((load_measure(address) for address in addresses), key=lambda measure: measure.name)
    names = [measure.name for measure in loaded]
    for name in names:
        if names.count(name) > 1:
            raise MeasureUnusable(f"two measures are called {quoted(name)}", "give one of them another name")
    return tuple(loaded)


class OwnMeasures:
    """Runs a person's measures on blocks."""

    def __init__(self, measures: Sequence[OwnMeasure]) -> None:
        self.measures = tuple(measures)
        self._tried: set[str] = set()

    def settings(self) -> dict[str, Any]:
        """What the values depend on, for the recipe; nothing where there are none."""
        return {"measures": {one.name: one.source_id for one in self.measures}} if self.measures else {}

    def made(self) -> dict[str, Any]:
        """Definitions, for ``made.json``."""
        return {one.name: {"unit": one.unit, "definition": one.definition} for one in self.measures}

    def measure(self, block: Block) -> pl.DataFrame:
        """Measure a block's own frames, rows of OWN.

        Raises
        ------
        MeasureUnusable
            where the function raises, gives other than one number a frame, or its values depend on the block
        """
        thumbs = block.thumbs[block.lead :]
        if block.thumb_frames is None:
            numbers = block.first_frame + np.arange(len(block.pts))
        else:
            numbers = block.first_frame + block.thumb_frames[block.lead :]
        if not self.measures or not len(thumbs):
            return empty(OWN)
        tables = []
        for one in self.measures:
            values = self._values(one, thumbs)
            frame = pl.DataFrame({"frame": numbers, "value": pl.Series(values, nan_to_null=True)})
            tables.append(frame.with_columns(measure=pl.lit(one.name), unit=pl.lit(one.unit)))
        table = conform(pl.concat(tables).select("frame", "measure", "unit", "value"), OWN)
        return table.drop_nulls("value").sort("frame", "measure")

    def _values(self, one: OwnMeasure, thumbs: NDArray[np.uint8]) -> NDArray[np.float64]:
        values = _run(one, thumbs)
        if one.name not in self._tried and len(thumbs) > 1:
            self._tried.add(one.name)
            half = len(thumbs) // 2
            apart = np.concatenate([_run(one, thumbs[:half]), _run(one, thumbs[half:])])
            if not np.allclose(values, apart, rtol=1e-4, atol=1e-6, equal_nan=True):
                raise MeasureUnusable(
                    f"measure {quoted(one.name)} gives other values when it is given fewer frames at once",
                    "a frame's value may depend on that frame alone",
                )
        return values


def _run(one: OwnMeasure, thumbs: NDArray[np.uint8]) -> NDArray[np.float64]:
    try:
        given = one.function(thumbs.copy())
        values = np.asarray(given, np.float64)
    except (Exception, SystemExit) as error:  # whatever a person's function does
        raise MeasureUnusable(f"measure {quoted(one.name)} raised {_one_line(error)}", WRITE_SO) from error
    if values.shape != (len(thumbs),):
        shape = "x".join(str(size) for size in values.shape) or "one"
        raise MeasureUnusable(f"measure {quoted(one.name)} gave {shape} values for {len(thumbs)} frames", WRITE_SO)
    return np.where(np.isfinite(values), values, np.nan)


def _one_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:200].rstrip(": ")
