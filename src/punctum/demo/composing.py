"""What every composer of a drawn film's sound knows: how long it is, when its frames begin, its own random numbers."""

import numpy as np

from punctum.demo.instruments import LOW_RATE_HZ, RATE_HZ
from punctum.demo.staging import Timeline


class Composer:
    """A film's sound in the making; ``count`` samples of it, ``low_count`` at the lower rate."""

    series: int
    """Keeps a composer's random numbers apart from those of others with the film's seed."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.staging = timeline.staging
        self.count = round(timeline.frame_count / timeline.staging.fps * RATE_HZ)
        self.low_count = -(-self.count * LOW_RATE_HZ // RATE_HZ)

    def random(self, key: int) -> np.random.Generator:
        """Return a generator of random numbers of this film's seed."""
        return np.random.default_rng([self.staging.seed, self.series, key])

    def seconds(self, frame: int) -> float:
        """Return when a frame begins."""
        return frame / self.staging.fps
