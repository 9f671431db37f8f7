"""What is asked about one film: its page, what the page lacks, its notes, corrections, and how it is cited.

Conventions: addresses begin with the film's key (see ``shelf``); whatever changes something answers with the new state.
"""

import base64
import binascii
import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from punctum import __version__
from punctum.bundle import add_note, redo_note, undo_note
from punctum.citation import STYLES, Place, check_facts, cite, facts_of
from punctum.errors import NoteUnclear
from punctum.film import Bundle
from punctum.notes import LONGEST_NAME, LONGEST_TEXT, SIDES, check_note, members, notes_of, standing
from punctum.pipeline import note_correction
from punctum.reading.tier import correlate, tell_likeness, tier_by_shot
from punctum.viewer.asking import Refused, answering, number
from punctum.viewer.shelf import Shelf
from punctum.viewer.state import film_facts, film_state, shot_measures

MOST_EVIDENCE = 200


def film_routes(shelf: Shelf, vocabularies: Mapping[str, tuple[str, ...]]) -> list[Route]:
    """Addresses below a film's key.

    Parameters
    ----------
    shelf : Shelf
    vocabularies : mapping of str to tuple of str
        terms that tags may be taken from, by the vocabulary's name
    """
    # two parts of a page are made at a time: they are asked for all at once, and each needs room
    making = threading.Semaphore(2)

    def opened(request: Request) -> tuple[str, Any]:
        key = request.path_params["key"]
        return key, shelf.opened(key)

    def page(request: Request, _: Mapping[str, Any]) -> Response:
        key, film = opened(request)
        shelf.catch_up(key)
        policy = f"{film.page.policy}; frame-ancestors 'none'"
        return HTMLResponse(film.page.html, headers={"content-security-policy": policy})

    def pack(request: Request, _: Mapping[str, Any]) -> Response:
        film = opened(request)[1]
        place = request.path_params["number"]
        if not 0 <= place < len(film.page.packs):
            raise Refused(404, "there is no such part of the page")
        made = film.page.packs[place]
        try:
            with making:
                body = base64.b64decode(made if isinstance(made, str) else made())
        except (binascii.Error, ValueError):
            body = b""
        return Response(body, media_type="application/octet-stream")

    def barcode(request: Request, _: Mapping[str, Any]) -> Response:
        return Response(opened(request)[1].page.barcode(), media_type="image/png")

    def still(request: Request, _: Mapping[str, Any]) -> Response:
        frame = request.path_params["frame"]
        file = shelf.folder(request.path_params["key"]) / "stills" / f"{frame:06d}.jpg"
        if not file.is_file():
            raise Refused(404, "there is no still of that frame")
        return Response(file.read_bytes(), media_type="image/jpeg", headers={"cache-control": "private, max-age=600"})

    def state(request: Request, _: Mapping[str, Any]) -> Response:
        return answer(request.path_params["key"])

    def answer(key: str, **more: Any) -> Response:
        film = shelf.opened(key)
        made: dict[str, Any] = film_state(film.bundle, shelf.notes(key), vocabularies)
        made |= {
            "seal": film.seal,
            "working": shelf.working(key),
            "trouble": shelf.trouble(key),
            "library": shelf.library is not None,
        }
        return JSONResponse({**made, **more})

    def correct(request: Request, sent: Mapping[str, Any]) -> Response:
        key, film = opened(request)
        what = sent.get("what")
        if not isinstance(what, str) or not what.strip() or len(what) > LONGEST_NAME:
            raise Refused(400, "a correction is a line such as `cut 1:02.4`")
        if what.split()[0].lower() in ("undo", "redo"):
            raise Refused(400, "steps are undone and redone by their own addresses")
        with shelf.writing(key):
            said = note_correction(replace(film.bundle, notes=shelf.notes(key)), what)
        shelf.work_out(key)
        return answer(key, said=said)

    def write(request: Request, sent: Mapping[str, Any]) -> Response:
        """Write a note, tier, reading or what is known of the film; `replaces` names what it takes the place of."""
        key, film = opened(request)
        entry = _checked(sent, film.bundle)
        with shelf.writing(key):
            log = shelf.notes(key)
            replaced = sent.get("replaces")
            if replaced:
                if replaced not in {note["id"] for note in standing(log)}:
                    raise Refused(409, "that note was changed or taken away meanwhile", "look at it again")
                entry["replaces"] = replaced
            added = add_note(shelf.folder(key), entry)
        return answer(key, added=added["id"])

    def undo(request: Request, sent: Mapping[str, Any]) -> Response:
        return step(request, undo_note, str(sent.get("step") or ""))

    def redo(request: Request, _: Mapping[str, Any]) -> Response:
        return step(request, redo_note)

    def step(request: Request, take: Any, *which: str) -> Response:
        key, _ = opened(request)
        with shelf.writing(key):
            log = shelf.notes(key)
            done = take(shelf.folder(key), log, *which)
        touched = members(log, str(done.get("group") or done["id"]))
        if any(entry.get("kind") == "correction" for entry in touched):
            shelf.work_out(key)
        return answer(key, step=done["id"], what=str(done.get("what") or done.get("kind")))

    def cited(request: Request, _: Mapping[str, Any]) -> Response:
        key, film = opened(request)
        asked = request.query_params
        known = facts_of(standing(shelf.notes(key)), *film_facts(film.bundle.film))
        place = None
        if "start" in asked:
            place = place_of(film.bundle, int(number(asked, "start")), int(number(asked, "end", -1)))
        measure = asked.get("measure", "")[:LONGEST_NAME]
        styles = {style: cite(known, style, place, measure, __version__ if measure else "") for style in STYLES}
        return JSONResponse(styles)

    def correlation(request: Request, _: Mapping[str, Any]) -> Response:
        key, film = opened(request)
        tier, measure = request.query_params.get("tier", ""), request.query_params.get("measure", "")
        if measure not in dict(shot_measures(film.bundle)):
            raise Refused(400, "there is no such measure of a shot")
        spans = [(one.start_s, one.end_s, one.value) for one in notes_of(shelf.notes(key)) if one.tier == tier]
        shots = film.bundle.shots
        values = shots[measure].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        found = correlate(tier_by_shot(spans, shots), values)
        said = tell_likeness(found, tier, dict(shot_measures(film.bundle))[measure])
        return JSONResponse({**found._asdict(), "statement": said})

    routes = (
        ("/", page, "GET"), ("/packs/{number:int}", pack, "GET"), ("/barcode.png", barcode, "GET"),
        ("/stills/{frame:int}.jpg", still, "GET"), ("/state", state, "GET"), ("/cite", cited, "GET"),
        ("/correlate", correlation, "GET"),
        ("/correct", correct, "POST"), ("/notes", write, "POST"), ("/undo", undo, "POST"), ("/redo", redo, "POST"),
    )  # fmt: skip
    return [Route(f"/film/{{key}}{path}", answering(take), methods=[method]) for path, take, method in routes]


def place_of(bundle: Bundle, start: int, end: int) -> Place:
    """Give a span of frames its times; an end at or before the start means one frame."""
    last = max(bundle.film.frame_count, 1)
    start = min(max(start, 0), last - 1)
    if end <= start + 1:
        return Place(start, _time_of(bundle, start))
    end = min(end, last)
    return Place(start, _time_of(bundle, start), end, _time_of(bundle, end))


def _time_of(bundle: Bundle, frame: int) -> float:
    frames = bundle.frames["frame"]
    row = int(frames.search_sorted(frame))
    if row < len(frames) and frames[row] == frame:
        return float(bundle.frames["time_s"][row])
    if frame >= bundle.film.frame_count or not bundle.film.frame_count:
        return bundle.film.duration_s
    return frame / bundle.film.frame_count * bundle.film.duration_s


def _checked(sent: Mapping[str, Any], bundle: Bundle) -> dict[str, Any]:
    """Give an entry of the log from what was sent.

    Raises
    ------
    NoteUnclear, Refused
    """
    kind = sent.get("kind")
    if kind == "note":
        entry = check_note(sent)
        if entry["start_s"] > bundle.film.duration_s:
            raise NoteUnclear("a note begins within the film", f"it lasts {bundle.film.duration_s:g} s")
        if set(entry) <= {"kind", "start_s", "end_s"}:
            raise NoteUnclear("the note is empty", "write something, choose a tag, a tier or a name")
        return entry
    if kind == "tier":
        name, colour = _short(sent, "tier"), sent.get("colour", "")
        terms = sent.get("vocabulary", [])
        good = isinstance(colour, str) and (
            not colour or (len(colour) == 7 and colour[0] == "#" and colour[1:].isalnum())
        )
        if not name or not good:
            raise Refused(400, "a tier has a name, and a colour such as #b3341f")
        if not isinstance(terms, list) or not all(
            isinstance(term, str) and len(term) <= LONGEST_NAME for term in terms
        ):
            raise Refused(400, "a vocabulary is a list of words")
        return {"kind": "tier", "tier": name, "colour": colour, "vocabulary": terms[:1000]}
    if kind == "reading":
        title = _short(sent, "title")
        if not title:
            raise Refused(400, "a reading has a title")
        return {"kind": "reading", "title": title, "evidence": _evidence(sent.get("evidence", []))}
    if kind == "film":
        return {"kind": "film", **check_facts(sent)}
    raise Refused(400, "a note is of kind note, tier, reading or film")


def _short(sent: Mapping[str, Any], name: str) -> str:
    value = sent.get(name)
    return value.strip()[:LONGEST_NAME] if isinstance(value, str) else ""


def _evidence(sent: Any) -> list[dict[str, Any]]:
    if not isinstance(sent, list) or len(sent) > MOST_EVIDENCE:
        raise Refused(400, f"evidence is a list of {MOST_EVIDENCE} pieces at most")
    made = []
    for piece in sent:
        if not isinstance(piece, dict) or piece.get("side") not in SIDES:
            raise Refused(400, "each piece of evidence is for or against")
        kept: dict[str, Any] = {"side": piece["side"]}
        for name, longest in (("note", LONGEST_NAME), ("statement", LONGEST_TEXT)):
            if isinstance(piece.get(name), str) and piece[name].strip():
                kept[name] = piece[name].strip()[:longest]
        for name in ("start_s", "end_s"):
            if piece.get(name) is not None:
                kept[name] = number(piece, name)
        made.append(kept)
    return made
