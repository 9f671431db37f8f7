"""What a film is called: title, year and director from the file's tags and its name.

Conventions: a name is a file's, without its ending. A year is 1880 to 2039, four digits. Names and tags come from
anybody: what is given back is one line of printable text, at most ``LONGEST`` characters.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

LONGEST = 200

_YEAR = r"(?:18[89]\d|19\d\d|20[0-3]\d)"
_BRACKETED_YEAR = re.compile(rf"[(\[{{]\s*({_YEAR})\s*[)\]}}]")
_RELEASE = re.compile(
    r"(?i)^(?:\d{3,4}[pi]|[48]k|uhd|hdr(?:10)?|sdr|dv|x26[45]|h\.?26[45]|hevc|avc|av1|xvid|divx|vp9|blu-?ray|bdrip|brrip"
    r"|bdremux|remux|web|web-?dl|web-?rip|hdtv|hdrip|dvd|dvd-?rip|dvd[59]|vhs(?:rip)?|ntsc|pal|aac.*|ac3|e-?ac-?3|dts.*|ddp?"
    r"|ddp?[257](?:\.[01])?|truehd|atmos|flac|opus|\d{1,2}bit|proper|repack|extended|unrated|uncut|remastered|restored"
    r"|criterion|internal|limited|multi|dual|subbed|dubbed|vostfr|directors?|complete)(?:-\w+)?$"
)
"""Words that release names put after title and year."""
_JUNK = re.compile(
    r"(?i)https?://|www\.|\.(?:com|net|org|info|tv|to|me)\b|\b(?:encoded|ripped|uploaded|downloaded)\s+by\b"
)
"""A tag that advertises is no title."""
_NAMELESS = re.compile(r"(?i)^(?:title|track|video|movie|film|main|untitled|title_?t?|vts)[\s_.-]*\d*$|^\d{1,2}$")
"""What a disc or a program calls a film that it cannot name."""


class Called(NamedTuple):
    """A film's title, its year (None where not known) and its director ("")."""

    title: str
    year: int | None = None
    director: str = ""


def read_name(name: str) -> Called:
    """Read title and year from a file's name.

    A year in brackets counts wherever it stands; a bare one only behind a title, in a name that is written as releases
    are: dots or underscores for spaces, or words such as ``1080p`` after it.

    Parameters
    ----------
    name : str
        without its ending

    Examples
    --------
    >>> read_name("Nights of Cabiria (1957)")
    Called(title='Nights of Cabiria', year=1957, director='')
    >>> read_name("Blade.Runner.2049.2017.2160p.UHD.BluRay.x265-GROUP")
    Called(title='Blade Runner 2049', year=2017, director='')
    >>> read_name("2001 A Space Odyssey"), read_name("1917")
    (Called(title='2001 A Space Odyssey', year=None, director=''), Called(title='1917', year=None, director=''))
    """
    name = _one_line(name)
    bracketed = [found for found in _BRACKETED_YEAR.finditer(name) if found.start() > 0]
    if bracketed:
        last = bracketed[-1]
        title = _spaced(name[: last.start()])
        if title:
            return Called(title, int(last[1]))
    released = " " not in name and ("." in name or "_" in name)
    words = _spaced(name).split(" ")
    end = next((at for at, word in enumerate(words) if at and _RELEASE.match(word.strip("()[]{}"))), len(words))
    marked = end < len(words)
    for at in range(end - 1, 0, -1):
        if (released or marked) and re.fullmatch(_YEAR, words[at]):
            return Called(" ".join(words[:at]).rstrip(" -"), int(words[at]))
    if marked and (released or re.match(r"\d{3,4}[pi]|[xh]\.?26", words[end].strip("()[]{}").lower())):
        return Called(" ".join(words[:end]).rstrip(" -([{"))
    return Called(" ".join(words) if released and len(words) > 2 else name)


def read_record(tags: Mapping[str, str], name: str) -> Called:
    """Read what a film is called from its tags and its name.

    The title is the tags', unless that is an advertisement or no name at all, else the file name's. The year is one in
    brackets in the tags' title, else the file name's, else the tags' date: last, since a date is often the encoding's.
    The director is the tags'.

    Parameters
    ----------
    tags : mapping of str to str
        of the file, in whatever case
    name : str
        the file's, without its ending
    """
    known = {str(key).lower().strip(): _one_line(str(value)) for key, value in tags.items()}
    by_name = read_name(name)
    tagged = known.get("title", "")
    by_tag = None
    if tagged and not _JUNK.search(tagged) and not _NAMELESS.match(tagged) and re.search(r"\w", tagged):
        by_tag = read_name(tagged)
    year = (by_tag and by_tag.year) or by_name.year or next(filter(None, map(_year, _dates(known))), None)
    return Called(by_tag.title if by_tag else by_name.title, year, known.get("director", "") or known.get("©dir", ""))


def _dates(known: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(known.get(tag, "") for tag in ("date_released", "year", "date", "©day"))


def _year(text: str) -> int | None:
    found = re.match(rf"({_YEAR})(?!\d)", text)
    return int(found[1]) if found else None


def _one_line(text: str) -> str:
    """Give text without what does not print, its spaces drawn together."""
    shown = "".join(c if c.isprintable() else " " for c in text[: 4 * LONGEST])
    return re.sub(r"\s+", " ", shown).strip()[:LONGEST].strip()


def _spaced(name: str) -> str:
    """Give a name with spaces for the dots and underscores that stand for them, without a group's tag before it."""
    name = re.sub(r"^\s*[\[{][^\]}]*[\]}]\s*", "", name) or name
    if " " not in name.strip():
        # a dot between single letters is an initial's: "E.T.", "J.F.K."
        name = re.sub(r"(?<!\b[A-Za-z])[._]+|[._]+(?![A-Za-z](?:[._]|$))", " ", name)
    return re.sub(r"\s+", " ", name).strip(" -_")
