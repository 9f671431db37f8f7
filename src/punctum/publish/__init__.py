"""The essay's outer half: reads essays, cuts stills and clips, writes the site, drafts, watches."""

from punctum.publish.drafting import write_draft
from punctum.publish.opening import Manuscript, Shelf, open_lazily, open_manuscript
from punctum.publish.site import Built, build_site

__all__ = ["Built", "Manuscript", "Shelf", "build_site", "open_lazily", "open_manuscript", "write_draft"]
