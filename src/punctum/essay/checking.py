"""Claims held against the films: each holds, fails, or cannot be checked.

Conventions: findings stand in the order of the text; what is pointed out and no finding is a remark.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from punctum.errors import PunctumError
from punctum.essay.footage import Footage, SpanUnknown
from punctum.essay.judging import Finding, Ground, judge, open_footage, perhaps
from punctum.essay.loose import disagreeing, loose_numbers
from punctum.essay.measures import MEASURES
from punctum.essay.writing import Essay
from punctum.film import Bundle

Films = Mapping[str, Bundle | PunctumError]
"""Bundles by the keys of an essay's head; an error where one cannot be opened."""


@dataclass(frozen=True)
class Checked:
    """An essay's findings, in the order of its text; ``understood`` counts claims, figures and what was seen."""

    findings: tuple[Finding, ...]
    remarks: tuple[Finding, ...] = ()

    @property
    def understood(self) -> int:
        """How many pieces of evidence were understood."""
        return sum(finding.state != "unread" and finding.number > 0 for finding in self.findings)

    @property
    def sound(self) -> bool:
        """Nothing fails, is unknown or unread."""
        return all(finding.state == "holds" for finding in self.findings)

    def of(self, number: int) -> Finding | None:
        """The finding of a piece of evidence."""
        return next((finding for finding in self.findings if finding.number == number), None)


def check_essay(
    essay: Essay,
    films: Mapping[str, Footage | PunctumError],
    library: Callable[[str, str, str], list[float]] | None = None,
    known: Sequence[str] = (),
) -> Checked:
    """Check an essay's evidence.

    Parameters
    ----------
    essay : Essay
        as `read_essay` gives it
    films : mapping of str to Footage or PunctumError
        by the keys of its head
    library : callable, optional
        gives the values of other films: of a measure, over a span, of a character's name
    known : sequence of str
        keys of works that can be cited

    Returns
    -------
    Checked
    """
    ground = Ground(films, library)
    findings = [Finding(fault.place, "unread", "", fault.text, fault.hint) for fault in essay.faults]
    findings += [judge(evidence, essay, ground) for evidence in essay.evidence]
    findings += _check_pictures(essay, ground)
    findings += _check_sides(essay)
    for cited in essay.citations:
        if cited.key not in known:
            near = get_close_matches(cited.key, list(known), 3, 0.4)
            hint = (
                f"perhaps {', '.join(near)}" if near else "`bibliography` in the head names a BibTeX or CSL-JSON file"
            )
            findings.append(
                Finding(cited.place, "unknown", f"[@{cited.key}]", f"no work has the key `{cited.key}`", hint)
            )
    findings.sort(key=lambda finding: (finding.place, finding.number))
    remarks = [Finding(place, "loose", text, why) for place, text, why in loose_numbers(essay)]
    remarks += [
        _remark(finding) for finding in findings if finding.state == "holds" and (finding.close or finding.provisional)
    ]
    remarks += _disagreements(essay, findings)
    remarks.sort(key=lambda remark: remark.place)
    return Checked(tuple(findings), tuple(remarks))


def _disagreements(essay: Essay, findings: Sequence[Finding]) -> list[Finding]:
    """Claims that hold while their words hold another figure."""
    held = {finding.number: finding for finding in findings if finding.state == "holds" and finding.number}
    remarks = []
    for one in essay.evidence:
        finding, measure = held.get(one.number), MEASURES.get(one.measure)
        if one.kind == "claim" and finding and measure and (wrong := disagreeing(one.text, finding, measure)):
            why = f"the words say {wrong[0]}, measured was {finding.measured}"
            remarks.append(Finding(one.place, "words", one.text, why, film=one.film, measure=one.measure))
    return remarks


def _remark(finding: Finding) -> Finding:
    why = (
        f"known from key frames only ({finding.measured})"
        if finding.provisional
        else f"holds narrowly: {finding.measured}, within the measure's error of the limit"
    )
    return Finding(finding.place, "narrow", finding.text, why, film=finding.film, measure=finding.measure)


def _check_pictures(essay: Essay, ground: Ground) -> list[Finding]:
    """Pictures and echoes that lead nowhere."""
    found = []
    for picture in essay.pictures:
        if not picture.film:
            continue
        text = f"![]({picture.film}@{picture.span})"
        footage = open_footage(picture.film, essay, ground)
        if isinstance(footage, tuple):
            found.append(Finding(picture.place, "unknown", text, footage[0], footage[1]))
            continue
        try:
            footage.moment(picture.span)
        except SpanUnknown as unknown:
            found.append(Finding(picture.place, "unknown", text, unknown.text, perhaps(unknown.near)))
        for name in picture.measures:
            measure = MEASURES.get(name)
            if measure is None or measure.course is None:
                near = get_close_matches(name, [m.name for m in MEASURES.values() if m.course], 3, 0.5)
                why = f"`{name}` cannot be drawn over time" if measure else f"there is no measure `{name}`"
                found.append(Finding(picture.place, "unknown", text, why, perhaps(near)))
    for echo in essay.echoes:
        footage = open_footage(echo.film, essay, ground)
        if isinstance(footage, tuple):
            found.append(Finding(echo.place, "unknown", f"@echo({echo.film})", footage[0], footage[1]))
    return found


def _check_sides(essay: Essay) -> list[Finding]:
    """A reading without evidence is an opinion."""
    held = {evidence.reading for evidence in essay.evidence if evidence.side}
    return [
        Finding(reading.place, "unread", reading.title, "the reading has no evidence", "mark claims .for and .against")
        for reading in essay.readings
        if reading.number not in held and reading.title
    ]
