"""The essay's outer half: reads essays, cuts stills and clips, writes the site, watches."""

from punctum.publish.opening import Manuscript, Shelf, open_lazily, open_manuscript

__all__ = ["Manuscript", "Shelf", "open_lazily", "open_manuscript"]
