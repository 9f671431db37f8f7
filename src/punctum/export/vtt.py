"""WebVTT: chapters, metadata and subtitles out; cues in.

Conventions: three files: ``chapters.vtt`` has the scenes (the shots where there are none), ``metadata.vtt`` a JSON
object a cue for shots, scenes, moments and a person's notes, ``subtitles.vtt`` the words where the film has any. Times
are whole milliseconds, rounded up. Source: W3C, WebVTT (Candidate Recommendation, 2019).
"""

import json
from collections.abc import Iterable
from typing import Any

from punctum.export.events import MOST_EVENTS, Event, Taken
from punctum.export.tiers import after_frame, whole_ms
from punctum.film import Bundle
from punctum.measure.words.encodings import decode_text
from punctum.measure.words.formats import guess_format, parse_cues
from punctum.notes import notes_of


def write_vtt(bundle: Bundle) -> dict[str, str]:
    """Write a bundle's chapters, metadata and words.

    Returns
    -------
    dict
        texts by the names of their files
    """
    made = {
        "chapters.vtt": _file("chapters", ((start, end, name) for start, end, name in chapters_of(bundle))),
        "metadata.vtt": _file("metadata", _metadata(bundle)),
    }
    words = list(bundle.tables["words"].iter_rows(named=True))
    if words:
        made["subtitles.vtt"] = _file("subtitles", ((r["start_s"], r["end_s"], _line(r)) for r in words))
    return made


def chapters_of(bundle: Bundle) -> list[tuple[float, float, str]]:
    """Scenes as chapters, or shots where there are no scenes: (start_s, end_s, name)."""
    scenes = list(bundle.tables["scenes"].iter_rows(named=True))
    if scenes:
        return [(r["start_s"], r["end_s"], _scene(r)) for r in scenes]
    return [(r["start_s"], r["end_s"], f"shot {r['shot']}") for r in bundle.tables["shots"].iter_rows(named=True)]


def _scene(row: dict[str, Any]) -> str:
    if row["kind"] != "story":
        return str(row["kind"].replace("_", " "))
    return row["heading"] or f"scene {row['scene']}"


def _metadata(bundle: Bundle) -> Iterable[tuple[float, float, str]]:
    columns = {
        "shots": ("shot", "begins", "ends", "scale", "brightness", "loudness_lufs", "palette"),
        "scenes": ("scene", "kind", "heading"),
        "moments": ("moment", "statement"),
    }
    found = []
    for name, kept in columns.items():
        for row in bundle.tables[name].iter_rows(named=True):
            said = {"kind": name.removesuffix("s"), **{("scene_kind" if k == "kind" else k): row[k] for k in kept}}
            found.append((row["start_s"], row["end_s"], said))
    for note in notes_of(bundle.notes):
        end_s = after_frame(bundle, note.start_s) if note.end_s is None else note.end_s
        said = {"kind": "note", "text": note.text, "name": note.name, "tier": note.tier, "tags": list(note.tags)}
        said |= {"region": note.region, "value": note.value, "who": note.who, "frame": note.end_s is None}
        found.append((note.start_s, end_s, {k: v for k, v in said.items() if v not in ("", [], None, False)}))
    for start_s, end_s, said in sorted(found, key=lambda one: one[:2]):
        yield start_s, end_s, _json(said)


def _json(said: dict[str, Any]) -> str:
    tidy = {k: float(f"{v:.6g}") if isinstance(v, float) else v for k, v in said.items()}
    text = json.dumps(tidy, ensure_ascii=False)
    # a cue's text has neither tags nor an arrow
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _line(row: dict[str, Any]) -> str:
    text = escape(row["text"])
    text = {"note": f"[{text}]", "song": f"♪ {text} ♪"}.get(row["kind"], text)
    return f"<v {escape(row['speaker'])}>{text}" if row["speaker"] else text


def escape(text: str) -> str:
    """Give a text as it stands in a cue, on one line."""
    return " ".join(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").split())


def _file(kind: str, cues: Iterable[tuple[float, float, str]]) -> str:
    lines = ["WEBVTT", ""]
    for number, (start_s, end_s, text) in enumerate(cues):
        shown = text if kind != "chapters" else escape(text)
        start, end = whole_ms(start_s), whole_ms(end_s)
        lines += [f"{kind}-{number}", f"{stamp(start)} --> {stamp(max(end, start + 1))}", shown, ""]
    return "\n".join(lines)


def stamp(time_ms: int) -> str:
    """Write a time as WebVTT does; hours have as many digits as they need.

    Examples
    --------
    >>> stamp(3_723_004), stamp(360_000_000)
    ('01:02:03.004', '100:00:00.000')
    """
    seconds, rest = divmod(time_ms, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"


def read_vtt(data: bytes) -> Taken:
    """Read WebVTT cues; one whose text is a note's JSON, as `write_vtt` writes it, becomes that note.

    Raises
    ------
    ValueError
        for what is no WebVTT, or has no cue
    """
    decoded = decode_text(data)
    if decoded is None or guess_format(decoded.text) != "vtt":
        raise ValueError("is no WebVTT")
    parsed = parse_cues(decoded.text, "vtt")
    if len(parsed.cues) > MOST_EVENTS:
        raise ValueError(f"has more than {MOST_EVENTS} cues")
    if not parsed.cues:
        raise ValueError("has no cue")
    events, passed = [], 0
    for cue in parsed.cues:
        said = _said(cue.text)
        if said is None and cue.text.startswith('{"kind": '):
            parsed.faults["cues of metadata that were cut short"] += 1
        elif said is None:
            events.append(Event(cue.start_s, cue.end_s, cue.text, cue.speaker))
        elif said.get("kind") == "note":
            events.append(_event(cue.start_s, None if said.get("frame") is True else cue.end_s, said))
        else:
            passed += 1
    remarks = [f"{passed} cues that Punctum measured were passed over"] if passed else []
    if not events:
        raise ValueError("has no cue but those that Punctum measured")
    return Taken(events, parsed.faults, remarks)


def _said(text: str) -> dict[str, Any] | None:
    if not text.startswith("{"):
        return None
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) and isinstance(said.get("kind"), str) else None


def _event(start_s: float, end_s: float | None, said: dict[str, Any]) -> Event:
    def words(name: str) -> str:
        value = said.get(name)
        return value if isinstance(value, str) else ""

    tags, region, value = said.get("tags"), said.get("region"), said.get("value")
    return Event(
        start_s,
        end_s,
        words("text"),
        words("tier"),
        tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
        tuple(region) if isinstance(region, list) and len(region) == 4 else None,
        name=words("name"),
        value=value if isinstance(value, int | float) and not isinstance(value, bool) else None,
        who=words("who"),
    )
