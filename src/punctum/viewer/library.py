"""What is asked about a library: its page, its films, what is said in them, several beside one another."""

from starlette.routing import Route

from punctum.viewer.shelf import Shelf


def library_routes(shelf: Shelf) -> list[Route]:
    """Addresses of a library."""
    del shelf
    return []
