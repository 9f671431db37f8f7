"""The sample film: drawn, encoded, read."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from punctum import media
from punctum.bundle import writing
from punctum.demo import Staging, draw_windscreen
from punctum.pipeline.onepass import Progress, Report
from punctum.pipeline.reading import Outcome, read_film

ENCODING = {
    "preset": "ultrafast",
    "crf": "20.5",
    "g": "48",
    "x264-params": "mbtree=1:rc-lookahead=10:cabac=1:deblock=0,0:aq-mode=1",
}
"""What ``ultrafast`` lacks most on a grainy film is the macroblock tree, adaptive quantisers and the arithmetic coder:
with them the file is a fifth larger than by ``superfast``, for half of its time."""


def make_demo(folder: Path, staging: Staging | None = None, report: Report = lambda _: None) -> Outcome:
    """Draw *Windscreen* into a folder, with its truth beside it, and read it.

    Parameters
    ----------
    folder : Path
        receives ``windscreen.mp4``, ``windscreen.json`` and ``windscreen.punctum``
    staging : Staging, optional
        how it is drawn
    report : callable
        told of the progress

    Raises
    ------
    OutputUnwritable
        where the folder cannot be written to
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    drawing = draw_windscreen(staging or Staging())
    film = folder / "windscreen.mp4"
    total_s = drawing.truth["duration_s"]

    def frames() -> Iterator[NDArray[np.uint8]]:
        for number, frame in enumerate(drawing.frames(workers=2)):
            report(Progress("drawing", number / 24, total_s))
            yield frame

    media.write_film(film, frames(), fps=24, sound=drawing.sound, sample_rate_hz=48000, options=ENCODING)
    media.write_text(folder / "windscreen.json", json.dumps(drawing.truth, indent=1))
    return read_film(film, report=report)
