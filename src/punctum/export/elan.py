"""ELAN annotation files (EAF 3.0): tiers and vocabularies, out and in.

Conventions: ELAN counts whole milliseconds; a span's ends are rounded up, so that ELAN shows the frame that begins
there. A tier's values come from a controlled vocabulary where it has one. Measured tiers bear the annotator
``punctum``, and are passed over when a file comes back.

Source: EAFv3.0.xsd, Max Planck Institute for Psycholinguistics.
"""

import xml.etree.ElementTree as ET
from collections import Counter
from typing import Any

from punctum.export import xml
from punctum.export.events import MOST_EVENTS, Event, Taken
from punctum.export.tiers import Tier, whole_ms

MEASURED = "punctum"
_DATE = "1970-01-01T00:00:00+00:00"
"""The format wants a date; the same bundle gives the same bytes."""

_LANGUAGE = "und"
_PLAIN = "default-lt"
"""ELAN's own name for the type of tiers without a vocabulary."""


def write_elan(tiers: list[Tier], media: str, relative: str, mime: str) -> tuple[str, list[str]]:
    """Write tiers as an ELAN file.

    Parameters
    ----------
    tiers : list of Tier
        spans of each in order, none overlapping
    media, relative, mime : str
        the film's address, whole and beside the file, and its kind

    Returns
    -------
    text : str
    remarks : list of str
    """
    root = ET.Element(
        "ANNOTATION_DOCUMENT",
        {
            "AUTHOR": "Punctum",
            "DATE": _DATE,
            "FORMAT": "3.0",
            "VERSION": "3.0",
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xsi:noNamespaceSchemaLocation": "http://www.mpi.nl/tools/elan/EAFv3.0.xsd",
        },
    )
    header = xml.add(root, "HEADER", MEDIA_FILE="", TIME_UNITS="milliseconds")
    xml.add(header, "MEDIA_DESCRIPTOR", MEDIA_URL=media, MIME_TYPE=mime, RELATIVE_MEDIA_URL=relative)
    count = sum(len(tier.spans) for tier in tiers)
    xml.add(header, "PROPERTY", str(count), NAME="lastUsedAnnotationId")
    order = xml.add(root, "TIME_ORDER")
    vocabularies: dict[tuple[str, ...], str] = {}
    for tier in tiers:
        if tier.vocabulary:
            vocabularies.setdefault(tier.vocabulary, tier.name)
    slot = number = 0
    for tier in tiers:
        place = xml.add(
            root,
            "TIER",
            ANNOTATOR=tier.who if tier.person else MEASURED,
            LINGUISTIC_TYPE_REF=vocabularies.get(tier.vocabulary, _PLAIN),
            TIER_ID=tier.name,
        )
        terms = {term: f"{vocabularies[tier.vocabulary]}-{at}" for at, term in enumerate(tier.vocabulary)}
        for span in tier.spans:
            start, end = whole_ms(span.start_s), whole_ms(span.end_s)
            for time in (start, max(end, start + 1)):
                slot += 1
                xml.add(order, "TIME_SLOT", TIME_SLOT_ID=f"ts{slot}", TIME_VALUE=time)
            number += 1
            one = xml.add(
                xml.add(place, "ANNOTATION"),
                "ALIGNABLE_ANNOTATION",
                ANNOTATION_ID=f"a{number}",
                CVE_REF=_ident(terms[span.value]) if span.value in terms else None,
                TIME_SLOT_REF1=f"ts{slot - 1}",
                TIME_SLOT_REF2=f"ts{slot}",
            )
            xml.add(one, "ANNOTATION_VALUE", span.value)
    xml.add(root, "LINGUISTIC_TYPE", GRAPHIC_REFERENCES="false", LINGUISTIC_TYPE_ID=_PLAIN, TIME_ALIGNABLE="true")
    for name in vocabularies.values():
        xml.add(
            root,
            "LINGUISTIC_TYPE",
            CONTROLLED_VOCABULARY_REF=name,
            GRAPHIC_REFERENCES="false",
            LINGUISTIC_TYPE_ID=name,
            TIME_ALIGNABLE="true",
        )
    xml.add(
        root,
        "LANGUAGE",
        LANG_DEF="http://cdb.iso.org/lg/CDB-00130975-001",
        LANG_ID=_LANGUAGE,
        LANG_LABEL="undetermined (und)",
    )
    for terms_, name in vocabularies.items():
        listed = xml.add(root, "CONTROLLED_VOCABULARY", CV_ID=name)
        xml.add(listed, "DESCRIPTION", "", LANG_REF=_LANGUAGE)
        for at, term in enumerate(terms_):
            entry = xml.add(listed, "CV_ENTRY_ML", CVE_ID=_ident(f"{name}-{at}"))
            xml.add(entry, "CVE_VALUE", term, DESCRIPTION="", LANG_REF=_LANGUAGE)
    remarks = []
    outside = sum(bool(tier.vocabulary) and span.value not in tier.vocabulary for tier in tiers for span in tier.spans)
    if outside:
        remarks.append(f"{outside} values are no terms of their tier's vocabulary")
    return xml.document(root), remarks


def _ident(text: str) -> str:
    return "cve_" + "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):x}_" for c in text)


def read_elan(data: bytes, only: str = "") -> Taken:
    """Read an ELAN file's tiers.

    Parameters
    ----------
    data : bytes
    only : str
        name of the one tier that is wanted; by default all that Punctum did not measure

    Returns
    -------
    Taken
        an annotation that refers to another takes its span; spans without times are counted

    Raises
    ------
    ValueError
        for what is no ELAN file, or has no tier or annotation to take
    """
    root = xml.parse(data)
    if root.tag != "ANNOTATION_DOCUMENT":
        raise ValueError("is XML, but no ELAN file")
    times = {slot.get("TIME_SLOT_ID"): _number(slot.get("TIME_VALUE")) for slot in root.iter("TIME_SLOT")}
    faults: Counter[str] = Counter()
    spans: dict[str | None, tuple[float, float]] = {}
    tiers = root.findall("TIER")
    measured = [tier for tier in tiers if tier.get("ANNOTATOR") == MEASURED and tier.get("TIER_ID") != only]
    wanted = [tier for tier in tiers if (tier.get("TIER_ID") == only if only else tier not in measured)]
    if not wanted:
        names = ", ".join(str(tier.get("TIER_ID")) for tier in tiers[:8])
        raise ValueError(f"has no tier to take (it has {names or 'none'}); `--tier` names one")
    for tier in tiers:
        for one in tier.iter("ALIGNABLE_ANNOTATION"):
            start, end = (times.get(one.get(f"TIME_SLOT_REF{n}")) for n in (1, 2))
            if start is not None and end is not None:
                spans[one.get("ANNOTATION_ID")] = (start, end)
    _follow(tiers, spans)
    events = [event for tier in wanted for event in _events(tier, spans, faults)]
    if len(events) > MOST_EVENTS:
        raise ValueError(f"has more than {MOST_EVENTS} annotations")
    remarks = []
    if measured and not only:
        remarks.append(f"{len(measured)} tiers that Punctum measured were passed over; `--tier NAME` takes one")
    return Taken(sorted(events, key=lambda event: (event.tier, event.start_s)), faults, remarks)


def _follow(tiers: list[Any], spans: dict[str | None, tuple[float, float]]) -> None:
    """Give annotations that refer to others their spans."""
    waiting = [
        (one.get("ANNOTATION_ID"), one.get("ANNOTATION_REF")) for tier in tiers for one in tier.iter("REF_ANNOTATION")
    ]
    for _ in range(20):  # so deep may tiers depend on tiers
        left = []
        for own, other in waiting:
            if other in spans:
                spans[own] = spans[other]
            else:
                left.append((own, other))
        if len(left) == len(waiting):
            return
        waiting = left


def _events(tier: Any, spans: dict[str | None, tuple[float, float]], faults: Counter[str]) -> list[Event]:
    events = []
    name, who = str(tier.get("TIER_ID") or ""), str(tier.get("ANNOTATOR") or "")
    who = "" if who == MEASURED else who
    for holder in tier.findall("ANNOTATION"):
        for one in holder:
            span = spans.get(one.get("ANNOTATION_ID"))
            if span is None:
                faults["annotations without times"] += 1
                continue
            text = one.findtext("ANNOTATION_VALUE") or ""
            events.append(Event(span[0], span[1], text.strip(), name, who=who))
    return events


def vocabularies_of(data: bytes) -> dict[str, tuple[str, ...]]:
    """Give the vocabulary of each tier that has one."""
    root = xml.parse(data)
    terms: dict[str | None, tuple[str, ...]] = {}
    for listed in root.iter("CONTROLLED_VOCABULARY"):
        values = [one.text or "" for tag in ("CVE_VALUE", "CV_ENTRY") for one in listed.iter(tag)]
        terms[listed.get("CV_ID")] = tuple(dict.fromkeys(value for value in values if value.strip()))[:1000]
    kinds = {
        one.get("LINGUISTIC_TYPE_ID"): one.get("CONTROLLED_VOCABULARY_REF") for one in root.iter("LINGUISTIC_TYPE")
    }
    found = {}
    for tier in root.findall("TIER"):
        own = terms.get(kinds.get(tier.get("LINGUISTIC_TYPE_REF")))
        if own:
            found[str(tier.get("TIER_ID"))] = own
    return found


def _number(text: str | None) -> float | None:
    try:
        return int(text) / 1000 if text is not None and len(text) < 16 else None
    except ValueError:
        return None
