"""A draft to begin with, and proposals of readings that are let through only where every sentence holds.

Conventions: a draft states readings only, as claims that hold. A proposal is text from elsewhere and not trusted: each
of its sentences is read and checked as an essay's, must rest on the film's ``readings``, and may hold no figure that
was not measured.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from punctum.errors import EssayUnsound
from punctum.essay.checking import check_essay
from punctum.essay.footage import Footage
from punctum.essay.loose import disagreeing, loose_numbers
from punctum.essay.measures import MEASURES, TIMES, Measure
from punctum.essay.writing import read_essay

MOST_CLAIMS = 12
MOST_TOLD = 60
LONGEST_PROPOSAL = 60_000

HEAD = """---
title: {title}
authors: []
date:
summary:
tags: []
films:
{films}
---
"""

TASK = """You help a critic write about a film. Below are statements measured in it, each with its claim's attributes.
Propose two rival readings of the ending. Write each as a line "## " with a title, then two to five lines, one sentence
a line. Each sentence carries at least one claim: [words of the sentence]{film=KEY span=ending measure=NAME is="VALUE"},
with the attributes exactly as they are given below; mark those that speak against the reading with .against before the
closing brace, the others with .for. Use no figure that is not given below. Write no other text."""


class Proposal(NamedTuple):
    """A reading that was proposed: its title, the sentences that hold, and why others were left out."""

    title: str
    sentences: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]


def is_of(measure: Measure, value: float) -> str:
    """Write a value as ``is`` takes it, so that it holds.

    Examples
    --------
    >>> is_of(MEASURES["music_share"], 0.772), is_of(MEASURES["longest_shot_s"], 14.04)
    ('77 %', '14.0 s')
    """
    if measure.name in TIMES or (measure.unit == "s" and value >= 60):
        return f"{value:.1f} s"
    return measure.write(value).replace("−", "-")


def ready_claims(key: str, footage: Footage) -> list[tuple[str, str]]:
    """Statements of a film's readings as claims: of the ending first, then of the film.

    Returns
    -------
    list of (statement, claim)
        the whole sentence, and its first part as a bracketed span
    """
    claims = []
    for where in ("ending", "film"):
        for (span, name), row in footage.readings.items():
            measure = next((m for m in MEASURES.values() if m.rows[where == "ending"] == name and not m.who), None)
            if (
                span != where
                or measure is None
                or row["value"] is None
                or row["provisional"]
                or "too few" in row["statement"]
            ):
                continue
            statement = str(row["statement"]).rstrip(".")
            words = statement.split(" (")[0].split("; ")[0].replace("[", "(").replace("]", ")")
            words = re.sub("(?i)the last 10 % of the film", "the ending", words)
            words = words[:1].upper() + words[1:]
            said = f'{{film={key} span={where} measure={measure.name} is="{is_of(measure, float(row["value"]))}"}}'
            claims.append((statement, f"[{words}]{said}"))
    return claims


def write_draft(films: Mapping[str, tuple[str, Footage]]) -> str:
    """Write an essay to begin with: the ending's evidence as claims that hold, a still, room for rival readings.

    Parameters
    ----------
    films : mapping of str to (str, Footage)
        by key: where the bundle lies, as the head shall name it, and the film

    Returns
    -------
    str
    """
    first = next(iter(films.values()))[1]
    named = "\n".join(f"  {key}: {_quoted(address)}" for key, (address, _) in films.items())
    head = HEAD.format(title=_quoted(f"On the ending of {first.film.title}"), films=named)
    parts = [head]
    opened = {key: footage for key, (_, footage) in films.items()}
    for key, footage in opened.items():
        sound: list[str] = []
        for _, claim in ready_claims(key, footage):
            if len(sound) < MOST_CLAIMS and _holds(head + claim, opened):
                sound.append(claim)
        if len(films) > 1:
            parts.append(f"## {footage.film.title}\n")
        if ("ending", "ending_start_s") in footage.readings:
            parts.append(f"![The ending of {_plain(footage.film.title)}]({key}@ending)\n")
        parts += [f"{claim}.\n" for claim in sound]
        if not sound:
            parts.append("Nothing was measured in full yet: `punctum read` reads the film.\n")
    return "\n".join(parts)


def _holds(text: str, films: Mapping[str, Footage]) -> bool:
    try:
        essay = read_essay(text)
    except EssayUnsound:
        return False
    checked = check_essay(essay, films)
    return checked.sound and checked.understood > 0


def _quoted(text: str) -> str:
    plain = "".join(c if c.isprintable() else " " for c in text)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _plain(text: str) -> str:
    return "".join(c for c in text if c.isprintable() and c not in "[]()<>{}\"'\\")


def build_messages(key: str, footage: Footage) -> list[dict[str, str]]:
    """What an endpoint is asked: the task and the film's statements, nothing else of the film."""
    lines = [
        f"- {statement}. {claim[claim.rindex(']{') + 1 :]}"
        for statement, claim in ready_claims(key, footage)[:MOST_TOLD]
    ]
    return [{"role": "system", "content": TASK}, {"role": "user", "content": "\n".join(lines)}]


def read_proposals(text: str, head: str, films: Mapping[str, Footage]) -> list[Proposal]:
    """Keep of what was proposed what holds.

    Parameters
    ----------
    text : str
        an endpoint's answer
    head : str
        of the essay that it is proposed for
    films : mapping of str to Footage

    Returns
    -------
    list of Proposal
        readings with at least one sentence that holds
    """
    found: list[tuple[str, list[str], list[tuple[str, str]]]] = []
    for line in text[:LONGEST_PROPOSAL].splitlines():
        said = " ".join(line.split()).lstrip("-*• ")
        if said.startswith("#"):
            found.append((_plain(said.lstrip("# "))[:120], [], []))
        elif said and found:
            why = judge_sentence(said, head, films)
            if why:
                found[-1][2].append((said, why))
            else:
                found[-1][1].append(said)
    return [
        Proposal(title, tuple(kept), tuple(left))
        for title, kept, left in found
        if title and kept and not _figures_in(title)
    ]


def _figures_in(title: str) -> bool:
    return any(c.isdigit() for c in title)


def judge_sentence(sentence: str, head: str, films: Mapping[str, Footage]) -> str:
    """Why a proposed sentence is left out; "" where every part of it holds.

    A sentence must carry a claim, every claim must hold and rest on a row of ``readings``, and no figure of its words
    may differ from what was measured.
    """
    body = f'::: {{.reading title="x"}}\n{sentence}\n:::\n'
    try:
        essay = read_essay(head + body)
    except EssayUnsound as error:
        return str(error)
    if essay.faults:
        return essay.faults[0].text
    if essay.pictures or essay.echoes or essay.citations or any(one.kind != "claim" for one in essay.evidence):
        return "only claims may be proposed"
    if any(child.type in ("link_open", "image") for token in essay.tokens for child in token.children or ()):
        return "only claims may be proposed"
    if not essay.evidence:
        return "no claim"
    checked = check_essay(essay, films)
    for one in essay.evidence:
        finding = checked.of(one.number)
        if finding is None or finding.state != "holds":
            return finding.why if finding else "no finding"
        measure = MEASURES.get(one.measure)
        rows = films[one.film].readings if one.film in films else {}
        place = ("film", "ending").index(one.span) if one.span in ("film", "ending") else -1
        if measure is None or place < 0 or (one.span, measure.rows[place]) not in rows or one.than or one.among:
            return f"`{one.measure}` of `{one.span}` is no reading"
        if one.expected is not None and one.expected.kind not in ("number", "tolerance"):
            return "a reading is stated by its figure"
        if disagreeing(one.text, finding, measure, every=True):
            return f"the words hold another figure than {finding.measured}"
    loose = next(iter(loose_numbers(essay, every=True)), None)
    if loose is not None:
        return f"`{loose[1]}` is bound to nothing"
    return "" if checked.sound else "a claim does not hold"


def add_proposals(draft: str, proposals: Sequence[Proposal]) -> str:
    """Put readings that were proposed at a draft's end."""
    parts = [draft.rstrip(), ""]
    for proposal in proposals:
        parts += [f"::: {{.reading title={_quoted(proposal.title)}}}", "\n\n".join(proposal.sentences), ":::", ""]
    return "\n".join(parts)
