"""The conversation under an essay: readers' responses, kept, held until their author approves, shown.

Conventions: nothing of a site needs this room. Responses lie in one SQLite file beside the site's folder, never in it,
so that no web server that publishes the folder publishes them. Times are whole seconds since 1970, UTC. Whatever a
reader sends is text: it is cleaned when it comes in, and escaped when it goes out.
"""

from punctum.responses.store import Response, Store, place_of

__all__ = ["Response", "Store", "place_of"]
