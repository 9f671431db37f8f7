"""The weights of the arcs: from ``punctum.toml`` beside the film, else in the working directory, else all 1.

    [arousal]
    motion = 1.0
    sound = 2.0
    cutting = 1.0

    [tempo]
    cutting = 1.0
    motion = 0.5

What was used stands in ``made.json``.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from punctum.errors import UsageWrong, quoted
from punctum.reading.arcs import Weights

NAME = "punctum.toml"


def read_weights(film: str | Path) -> Weights:
    """Read the weights for a film.

    Raises
    ------
    UsageWrong
        where the file is no TOML, or has a table or a key that there is not, or a weight below 0
    """
    for folder in (Path(film).parent, Path()):
        try:
            text = (folder / NAME).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise UsageWrong(f"{quoted(folder / NAME)} cannot be read: {error.strerror}", "is it a file?") from error
        return _parse(text, folder / NAME)
    return Weights()


def _parse(text: bytes, place: Path) -> Weights:
    known = {field.name for field in fields(Weights)}
    hint = "tables are [arousal] with motion, sound, cutting and [tempo] with cutting, motion"
    try:
        asked = tomllib.loads(text.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageWrong(f"{quoted(place)} is not TOML: {' '.join(str(error).split())}", hint) from error
    found: dict[str, float] = {}
    for table, values in asked.items():
        for name, value in (values if isinstance(values, dict) else {"": values}).items():
            key = f"{table}_{name}"
            if key not in known:
                raise UsageWrong(
                    f"{quoted(place)} has {quoted(f'{table}.{name}'.rstrip('.'))}, which means nothing", hint
                )
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
                raise UsageWrong(f"{quoted(place)}: {table}.{name} is no weight", "a weight is a number from 0 up")
            found[key] = float(value)
    weights = Weights(**found)
    for table in ("arousal", "tempo"):
        if not any(value for name, value in asdict(weights).items() if name.startswith(table)):
            raise UsageWrong(f"{quoted(place)}: every weight of {table} is 0", "one of them at least must count")
    return weights


def weights_of(made: Mapping[str, Any]) -> Weights:
    """Weights that a bundle was made with; 1 for what its record does not have or does not have as a number."""
    held = made.get("weights", {})
    held = held if isinstance(held, dict) else {}
    good = {
        field.name: float(held[field.name])
        for field in fields(Weights)
        if isinstance(held.get(field.name), int | float) and 0 <= held[field.name] < math.inf
    }
    return Weights(**good)
