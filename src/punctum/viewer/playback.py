"""The film itself, for the browser: as it is, by ranges of bytes.

Conventions: a bundle says where its film lies, and a bundle may come from anywhere: a file is served only where it is
the film that was read, told by its ``film_id``.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from punctum.errors import FilmUnreadable, PunctumError
from punctum.film import Film
from punctum.viewer.asking import Refused, answering
from punctum.viewer.shelf import Shelf

TYPES = {
    ".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/mp4", ".webm": "video/webm", ".mkv": "video/x-matroska",
    ".ogv": "video/ogg", ".ogm": "video/ogg",
}  # fmt: skip


def playback_routes(shelf: Shelf) -> list[Route]:
    """Addresses of a film's picture and sound."""

    def film(request: Request, _: Mapping[str, Any]) -> Response:
        key = request.path_params["key"]
        file = film_file(shelf.folder(key), shelf.opened(key).bundle.film, shelf.opened(key).bundle.film_address)
        if file is None:
            raise Refused(404, "the film is not where it was when it was read")
        kind = TYPES.get(file.suffix.lower(), "application/octet-stream")
        return FileResponse(file, media_type=kind, headers={"cache-control": "private, no-cache"})

    return [Route("/film/{key}/film", answering(film), methods=["GET", "HEAD"])]


def film_file(folder: Path, film: Film, address: str) -> Path | None:
    """Find the film that a bundle was read from: where it was, else beside the bundle; None where it is neither."""
    places = [folder / address] if address else []
    if film.file_name:
        places.append(folder.parent / Path(film.file_name).name)
    return next((place for place in places if _is_film(place, film.film_id)), None)


def _is_film(place: Path, film_id: str) -> bool:
    try:
        status = place.stat()
        return _identified(str(place), status.st_size, status.st_mtime_ns) == film_id
    except (OSError, ValueError):
        return False


@lru_cache(maxsize=64)
def _identified(place: str, _size: int, _changed: int) -> str:
    from punctum.media import identify

    try:
        return identify(place)
    except (FilmUnreadable, PunctumError):
        return ""
