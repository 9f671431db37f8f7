"""What the finders of boundaries hand to each other. Frames here are rows of one unbroken run of film."""

from typing import NamedTuple


class Boundary(NamedTuple):
    """Where one shot ends and the next begins.

    ``at`` is the new shot's first frame. ``start`` up to ``end`` is the transition, first trace to last; for a cut
    both are ``at``. ``strength`` is the weakest of the tests it passed, as a multiple of that test's threshold.
    """

    at: int
    kind: str
    start: int
    end: int
    strength: float
    look: str | None = None
    corrected: bool = False
    provisional: bool = False

    def shift(self, by: int) -> "Boundary":
        """Count frames from another first one."""
        return self._replace(at=self.at + by, start=self.start + by, end=self.end + by)
