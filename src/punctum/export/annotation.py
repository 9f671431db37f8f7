"""W3C Web Annotation (JSON-LD) with media fragments: shots, scenes, moments and a person's notes, out and in.

Conventions: a target is the film and a fragment ``t=START,END`` in seconds; a region is ``xywh=percent:`` of the whole
frame, bars included, while a note's own region leaves them out. What Punctum measured is by the software agent
``Punctum`` and is passed over when a file comes back.

Source: W3C, Web Annotation Data Model (2017); W3C, Media Fragments URI 1.0 (2012).
"""

import json
import math
import re
from collections import Counter
from typing import Any

from punctum.export.events import MOST_EVENTS, Event, Taken
from punctum.export.tiers import after_frame
from punctum.film import Box, Bundle, Film
from punctum.notes import Note, notes_of

_CONTEXT = "http://www.w3.org/ns/anno.jsonld"
_FRAGMENTS = "http://www.w3.org/TR/media-frags/"
_TIME = re.compile(r"(?:^|[#&])t=(?:npt:)?([\d:.]*)(?:,([\d:.]*))?(?=&|$)")
_REGION = re.compile(r"(?:^|[#&])xywh=percent:([\d.]+),([\d.]+),([\d.]+),([\d.]+)(?=&|$)")
_AGENT = {"type": "Software", "name": "Punctum"}


def write_annotations(bundle: Bundle, media: str) -> str:
    """Write a page of annotations.

    Parameters
    ----------
    bundle : Bundle
    media : str
        the film's address
    """
    items: list[dict[str, Any]] = []

    def add(kind: str, number: int, start_s: float, end_s: float, words: str, tags: tuple[str, ...] = ()) -> None:
        bodies = [_body(words, "describing")] + [_body(tag, "tagging") for tag in (kind, *tags)]
        items.append(_item(f"{kind}:{number}", media, _fragment(start_s, end_s), bodies, {"creator": _AGENT}))

    for row in bundle.tables["shots"].iter_rows(named=True):
        tags = tuple(word for word in (row["begins"], row["scale"]) if word)
        add("shot", row["shot"], row["start_s"], row["end_s"], f"shot {row['shot']}", tags)
    for row in bundle.tables["scenes"].iter_rows(named=True):
        add(
            "scene",
            row["scene"],
            row["start_s"],
            row["end_s"],
            row["heading"] or f"scene {row['scene']}",
            (row["kind"],),
        )
    for row in bundle.tables["moments"].iter_rows(named=True):
        add("moment", row["moment"], row["start_s"], row["end_s"], row["statement"])
    items += [_of_note(bundle, note, media) for note in notes_of(bundle.notes)]
    page = {
        "@context": _CONTEXT,
        "id": f"urn:punctum:{bundle.film.film_id}",
        "type": "AnnotationPage",
        "items": items,
    }
    return json.dumps(page, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _of_note(bundle: Bundle, note: Note, media: str) -> dict[str, Any]:
    end_s = after_frame(bundle, note.start_s) if note.end_s is None else note.end_s
    fragment = _fragment(note.start_s, end_s)
    if note.region is not None:
        sides = (
            f"{side * 100:.4f}".rstrip("0").rstrip(".") for side in to_frame(bundle.film, note.region, note.start_s)
        )
        fragment += "&xywh=percent:" + ",".join(sides)
    bodies = [_body(note.text, "commenting")] if note.text else []
    bodies += [_body(tag, "tagging") for tag in note.tags]
    for words, purpose in ((note.tier, "classifying"), (note.name, "identifying")):
        bodies += [_body(words, purpose)] if words else []
    if note.value is not None:
        bodies.append(_body(f"{note.value!r}", "assessing"))
    if note.end_s is None:
        bodies.append(_body("frame", "bookmarking"))
    more: dict[str, Any] = {"creator": {"type": "Person", "name": note.who}} if note.who else {}
    return _item(f"note:{note.note_id}", media, fragment, bodies, more | ({"created": note.when} if note.when else {}))


def _item(name: str, media: str, fragment: str, bodies: list[dict[str, Any]], more: dict[str, Any]) -> dict[str, Any]:
    selector = {"type": "FragmentSelector", "conformsTo": _FRAGMENTS, "value": fragment}
    return {
        "id": f"urn:punctum:{name}",
        "type": "Annotation",
        **more,
        "body": bodies,
        "target": {"type": "SpecificResource", "source": media, "selector": selector},
    }


def _body(words: str, purpose: str) -> dict[str, Any]:
    return {"type": "TextualBody", "purpose": purpose, "value": words, "format": "text/plain"}


def _fragment(start_s: float, end_s: float) -> str:
    return "t=" + ",".join(f"{time_s:.6f}".rstrip("0").rstrip(".") for time_s in (start_s, end_s))


def to_frame(film: Film, region: tuple[float, float, float, float], time_s: float) -> tuple[float, float, float, float]:
    """Carry a region of the active picture over to the whole frame, bars included."""
    box, left, top, wide, high = _box(film, time_s), *region
    return (
        (box.left + left * box.width) / film.width_px,
        (box.top + top * box.height) / film.height_px,
        wide * box.width / film.width_px,
        high * box.height / film.height_px,
    )


def to_picture(
    film: Film, region: tuple[float, float, float, float], time_s: float
) -> tuple[float, float, float, float] | None:
    """Carry a region of the whole frame over to the active picture; None where nothing of it lies there."""
    box, left, top, wide, high = _box(film, time_s), *region
    first_x, first_y = (
        (side * size - at) / length
        for side, size, at, length in (
            (left, film.width_px, box.left, box.width),
            (top, film.height_px, box.top, box.height),
        )
    )
    last_x, last_y = first_x + wide * film.width_px / box.width, first_y + high * film.height_px / box.height
    first_x, first_y, last_x, last_y = (min(max(side, 0.0), 1.0) for side in (first_x, first_y, last_x, last_y))
    if last_x <= first_x or last_y <= first_y:
        return None
    return tuple(round(side, 6) for side in (first_x, first_y, last_x - first_x, last_y - first_y))  # type: ignore[return-value]


def _box(film: Film, time_s: float) -> Box:
    held = [stretch.box_px for stretch in film.stretches if stretch.start_s <= time_s]
    box = held[-1] if held else film.active_box_px
    return box if box.width > 0 and box.height > 0 else Box(0, 0, film.width_px, film.height_px)


def read_annotations(data: bytes, film: Film) -> Taken:
    """Read a page, a collection or a list of annotations.

    Raises
    ------
    ValueError
        for what is none
    """
    try:
        page = json.loads(data)
    except (ValueError, RecursionError):
        raise ValueError("is no JSON that can be read") from None
    items = _items(page)
    if items is None:
        raise ValueError("holds no Web Annotation")
    if len(items) > MOST_EVENTS:
        raise ValueError(f"has more than {MOST_EVENTS} annotations")
    faults: Counter[str] = Counter()
    events, passed = [], 0
    for item in items:
        if isinstance(item, dict) and item.get("creator") == _AGENT:
            passed += 1
            continue
        event = _event(item, film, faults) if isinstance(item, dict) else None
        if event is None:
            faults["annotations without a time in the film"] += 1
        else:
            events.append(event)
    if not events and not passed:
        raise ValueError("holds no annotation with a time in the film")
    remarks = [f"{passed} annotations that Punctum measured were passed over"] if passed else []
    return Taken(events, faults, remarks)


def _items(page: Any) -> list[Any] | None:
    if isinstance(page, list):
        return page
    if not isinstance(page, dict):
        return None
    if page.get("type") == "Annotation":
        return [page]
    first = page.get("first")
    items = page.get("items", first.get("items") if isinstance(first, dict) else None)
    return items if isinstance(items, list) else None


def _event(item: dict[str, Any], film: Film, faults: Counter[str]) -> Event | None:
    target = item.get("target")
    target = target[0] if isinstance(target, list) and target else target
    fragment = _fragment_of(target)
    time = _TIME.search(fragment)
    if time is None:
        return None
    start_s, end_s = _seconds(time[1] or "0"), _seconds(time[2]) if time[2] else None
    if start_s is None:
        return None
    bodies = item.get("body", item.get("bodyValue"))
    said = bodies if isinstance(bodies, list) else [bodies]
    words: dict[str, list[str]] = {}
    for body in said:
        value = body.get("value") if isinstance(body, dict) else body
        purpose = body.get("purpose", item.get("motivation")) if isinstance(body, dict) else "commenting"
        if isinstance(value, str):
            words.setdefault(purpose if isinstance(purpose, str) else "commenting", []).append(value)
    region = _region(fragment, film, start_s, faults)
    values = words.pop("assessing", [])
    named = {purpose: words.pop(purpose, []) for purpose in ("tagging", "classifying", "identifying", "bookmarking")}
    return Event(
        start_s,
        None if "frame" in named["bookmarking"] else end_s,
        "\n".join(line for lines in words.values() for line in lines),
        (named["classifying"] or [""])[0],
        tuple(named["tagging"]),
        region,
        name=(named["identifying"] or [""])[0],
        value=_number(values[0]) if values else None,
        who=_creator(item.get("creator")),
    )


def _creator(value: Any) -> str:
    name = value.get("name", value.get("id")) if isinstance(value, dict) else value
    return name if isinstance(name, str) else ""


def _fragment_of(target: Any) -> str:
    if isinstance(target, str):
        return target.partition("#")[2]
    if not isinstance(target, dict):
        return ""
    selectors = target.get("selector")
    for one in selectors if isinstance(selectors, list) else [selectors]:
        value = one.get("value") if isinstance(one, dict) else None
        if isinstance(value, str) and ("t=" in value):
            return value
    source = target.get("source", target.get("id"))
    return source.partition("#")[2] if isinstance(source, str) else ""


def _region(fragment: str, film: Film, time_s: float, faults: Counter[str]) -> tuple[float, float, float, float] | None:
    if "xywh=" not in fragment:
        return None
    found = _REGION.search(fragment)
    sides = [_number(side) for side in found.groups()] if found else []
    region = None
    if found and None not in sides:
        left, top, wide, high = (side / 100 for side in sides if side is not None)
        region = to_picture(film, (left, top, wide, high), time_s)
    if region is None:
        faults["regions that could not be taken"] += 1
    return region


def _seconds(text: str) -> float | None:
    parts = [_number(part) for part in text.split(":")]
    if not 1 <= len(parts) <= 3 or None in parts:
        return None
    return float(sum(part * 60**at for at, part in enumerate(reversed(parts)) if part is not None))


def _number(text: str) -> float | None:
    try:
        value = float(text) if len(text) < 40 else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None
