"""The film itself, for the browser: as it is, by ranges of bytes, or in pieces that it can play.

Conventions: a bundle says where its film lies, and a bundle may come from anywhere: a file is served only where it is
the film that was read, told by its ``film_id``. Pieces are made one at a time and kept up to `KEPT_BYTES`.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from punctum.errors import FilmUnreadable, PunctumError
from punctum.film import Film
from punctum.media import PIECE_S, Source, copy_piece, identify, make_piece, open_source, plan_playback
from punctum.viewer.asking import Refused, answering
from punctum.viewer.shelf import Shelf

TYPES = {
    ".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/mp4", ".webm": "video/webm", ".mkv": "video/x-matroska",
    ".ogv": "video/ogg", ".ogm": "video/ogg",
}  # fmt: skip

KEPT_BYTES = 32_000_000
GONE = "the film is not where it was when it was read"


class Pieces:
    """Pieces that were made, the latest used ones, up to a number of bytes."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._most, self._held = most_bytes, 0
        self._kept: OrderedDict[tuple[Any, ...], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, name: tuple[Any, ...], make: Callable[[], bytes | None]) -> bytes:
        """Give a piece, made now or before; empty where there is none."""
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
            made = make() or b""
            self._kept[name] = made
            self._held += len(made)
            while self._held > self._most and len(self._kept) > 1:
                self._held -= len(self._kept.popitem(last=False)[1])
            return made


def playback_routes(shelf: Shelf) -> list[Route]:
    """Addresses of a film's picture and sound."""
    pieces = Pieces()

    def file_of(request: Request) -> Path:
        key = request.path_params["key"]
        bundle = shelf.opened(key).bundle
        file = film_file(shelf.folder(key), bundle.film, bundle.film_address)
        if file is None:
            raise Refused(404, GONE, "put it beside its bundle, or read it again")
        return file

    def film(request: Request, _: Mapping[str, Any]) -> Response:
        file = file_of(request)
        kind = TYPES.get(file.suffix.lower(), "application/octet-stream")
        return FileResponse(file, media_type=kind, headers={"cache-control": "private, no-cache"})

    def plan(request: Request, _: Mapping[str, Any]) -> Response:
        return JSONResponse(plan_playback(_source(file_of(request)))._asdict())

    def piece(request: Request, _: Mapping[str, Any]) -> Response:
        file, how, number = file_of(request), request.path_params["how"], request.path_params["number"]
        take = {"copied": copy_piece, "anew": make_piece}.get(how)
        source = _source(file)
        if take is None or not 0 <= number * PIECE_S <= 1e6:
            raise Refused(404, "there is no such piece")
        span_s = (number * PIECE_S, (number + 1) * PIECE_S)
        name = (str(file), file.stat().st_mtime_ns, how, number)
        try:
            body = pieces.take(name, lambda: take(source, *span_s))
        except FilmUnreadable as error:
            raise Refused(409, error.message, error.hint) from None
        if not body:
            return Response(status_code=204)
        return Response(body, media_type="video/mp4")

    routes = (("/film", film), ("/playback", plan), ("/pieces/{how}/{number:int}.mp4", piece))
    return [Route(f"/film/{{key}}{path}", answering(take), methods=["GET", "HEAD"]) for path, take in routes]


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
    try:
        return identify(place)
    except PunctumError:
        return ""


def _source(file: Path) -> Source:
    return _opened(str(file), file.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _opened(place: str, _changed: int) -> Source:
    return open_source(place)
