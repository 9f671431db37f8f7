"""Reads the writing in a film's stills: titles, intertitles, credits. RapidOCR, whose weights lie in its package.

Every still of the bundle is looked at with the finder of writing alone (about a tenth of a second); where it finds
any, the still is read.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from punctum import media
from punctum.bundle.folder import STILLS, still_name
from punctum.errors import ModelUnavailable
from punctum.film import Bundle
from punctum.measure.words import Cue, Piece, Reader, Seen, read_blocks, titles_to_cues

FINDING_PX = 640
"""Longer side of a still while writing is sought: that of a whole one."""

READING_PX = 736
"""Shorter side of a still while writing is read: small writing is enlarged."""


@dataclass(frozen=True)
class Titles:
    """What was read: cues in the film's time, what ``made.json`` keeps of it."""

    cues: list[Cue]
    record: dict[str, Any]


def check_reader() -> None:
    """See to it that writing can be read.

    Raises
    ------
    ModelUnavailable
        where RapidOCR or onnxruntime is not installed
    """
    for module in ("rapidocr", "onnxruntime"):
        if find_spec(module) is None:
            raise ModelUnavailable(
                f"titles cannot be read: {module} is not installed", "`pip install punctum[titles]` brings it"
            )


def read_titles(bundle: Bundle, report: Callable[[float, float], None] = lambda _done, _total: None) -> Titles:
    """Read the writing in a bundle's stills.

    Parameters
    ----------
    bundle : Bundle
        with its stills on disk
    report : callable
        told how many seconds of the film are done, of how many

    Raises
    ------
    ModelUnavailable
    """
    check_reader()
    reader = _reader()
    seen: list[Seen] = []
    for time_s, shot, shot_end_s, picture in _stills(bundle):
        report(time_s, bundle.film.duration_s)
        blocks, score = read_blocks(reader(picture))
        seen.append(Seen(time_s, shot, shot_end_s, blocks, score))
    cues, marks = titles_to_cues(seen)
    record: dict[str, Any] = {"reader": f"rapidocr {version('rapidocr')}", "stills": len(seen)}
    return Titles(cues, record | ({"left_out": list(marks)} if marks else {}))


def _stills(bundle: Bundle) -> Iterator[tuple[float, int, float, NDArray[np.uint8]]]:
    """A bundle's stills in the order of the film, each with its time, its shot and the shot's end."""
    times = dict(bundle.tables["frames"].select("frame", "time_s").iter_rows())
    for shot, end_s, stills in bundle.tables["shots"].select("shot", "end_s", "stills").iter_rows():
        for frame in sorted(stills or ()):
            path = Path(bundle.address) / STILLS / still_name(frame)
            with suppress(OSError):  # a still that somebody took away
                yield float(times[frame]), shot, end_s, media.decode_picture(path.read_bytes())


def _reader() -> Reader:
    from rapidocr import RapidOCR

    how = {
        "Global.log_level": "critical",
        "Global.use_cls": False,  # writing that stands on its head
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    }
    finder: Any = RapidOCR(
        params={**how, "Global.use_rec": False, "Det.limit_type": "max", "Det.limit_side_len": FINDING_PX}
    )
    whole: Any = RapidOCR(params={**how, "Det.limit_type": "min", "Det.limit_side_len": READING_PX})

    def read(picture: NDArray[np.uint8]) -> list[Piece]:
        upright = np.ascontiguousarray(picture[:, :, ::-1])
        if finder(upright).boxes is None:
            return []
        found = whole(upright)
        if found.boxes is None or found.txts is None:
            return []
        return [
            Piece((*box.min(axis=0).tolist(), *box.max(axis=0).tolist()), text, float(score))
            for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
        ]

    return read
