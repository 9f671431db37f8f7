"""What a person says about who is seen: names, and which faces are one person's and which are not.

Conventions: a face is kept as its time and place, so that what was said survives a new reading. Each correction is
about one face (``name``) or two: ``same`` says that both are one person's, ``apart`` that they are two people's. Later
words win over earlier ones. Tracks are grouped under these conditions, whatever their scores (Wagstaff et al.,
"Constrained k-means clustering with background knowledge", 2001): a face that is taken out of a character takes along
what is more like it.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import polars as pl

from punctum.errors import CorrectionUnclear
from punctum.film import Correction
from punctum.measure.looks import compare_looks
from punctum.segment.corrections import parse_time
from punctum.tables import TRACKS, conform

SAME_MOMENT_S = 0.3
"""A face this near in time to the one that was meant may be it."""

LONGEST_NAME = 80

_HINT = "for example: name A = Anna · merge A B · split A 1:02.4 · split A 1:02.4 = Anna"
_Face = dict[str, Any]


class Link(NamedTuple):
    """Two tracks that a person said are one person's, or are not."""

    one: int
    other: int
    same: bool


def is_of_people(correction: Correction) -> bool:
    """Whether a correction is about who is seen."""
    return correction.what in ("name", "same", "apart")


def parse_people_correction(
    text: str, characters: pl.DataFrame, faces: pl.DataFrame, tracks: pl.DataFrame
) -> tuple[Correction, ...]:
    """Read ``name A = Anna``, ``merge A B``, ``split A TIME`` or ``split A TIME = NAME``.

    Parameters
    ----------
    text : str
        ``split`` takes the face of A that is seen at the time out of A; with a name it goes to whoever bears it, or is
        somebody new who is called so
    characters, faces, tracks : pl.DataFrame
        columns of ``tables``: who may be meant, and by which face

    Returns
    -------
    corrections : tuple of Correction
        one step of undoing; empty where the text is about something else

    Raises
    ------
    CorrectionUnclear
        where there is nobody of that name, no new one, or nobody's face at that time
    """
    what, _, rest = text.strip().partition(" ")
    cast = _Cast(characters, faces, tracks)
    if what == "name":
        old, equals, new = rest.partition("=")
        if not equals or not old.strip() or not _plain(new):
            raise CorrectionUnclear("`name` needs a character and a new name", _HINT)
        return (_about("name", cast.shown(cast.whom(old.strip())), name=_name(new)),)
    if what == "merge" and len(rest.split()) > 1:
        one, other = cast.both(rest.split())
        return (_about("same", cast.shown(other), cast.shown(one)),)
    if what == "split":
        return _parse_split(rest, cast)
    return ()


def _parse_split(rest: str, cast: "_Cast") -> tuple[Correction, ...]:
    said, equals, name = rest.partition("=")
    match = re.fullmatch(r"(.+?)\s+(\S+)\s*", said.strip())
    if match is None or (equals and not _plain(name)):
        raise CorrectionUnclear("`split` needs a character and a time", _HINT)
    whom, at_s = cast.whom(match.group(1)), parse_time(match.group(2))
    face = cast.seen_at(whom, at_s)
    said_apart = _about("apart", face, cast.another(whom, face))
    if not equals:
        return (said_apart,)
    new = _name(name)
    known = cast.named(new)
    if known == whom:
        raise CorrectionUnclear(f"`{new}` is who the face is taken from", _HINT)
    to = _about("name", face, name=new) if known is None else _about("same", face, cast.shown(known))
    return said_apart, to


def _about(what: str, face: _Face, other: _Face | None = None, name: str | None = None) -> Correction:
    to_s, to_place = (None, None) if other is None else (other["time_s"], _middle(other))
    return Correction(what, face["time_s"], to_s=to_s, name=name, place=_middle(face), to_place=to_place)


def _middle(face: _Face) -> tuple[float, float]:
    return round(face["left"] + face["width"] / 2, 4), round(face["top"] + face["height"] / 2, 4)


def _plain(name: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())


def _name(text: str) -> str:
    name = _plain(text)
    if len(name) > LONGEST_NAME:
        raise CorrectionUnclear(f"the name is longer than {LONGEST_NAME} letters", _HINT)
    return name


class _Cast:
    """Who may be meant."""

    def __init__(self, characters: pl.DataFrame, faces: pl.DataFrame, tracks: pl.DataFrame) -> None:
        self.characters = characters
        whose = tracks.select("track", "character").drop_nulls()
        self.faces = faces.drop_nulls("track").join(whose, on="track", maintain_order="left")

    def named(self, name: str) -> int | None:
        known = self.characters.filter(pl.col("name") == name)["character"].to_list()
        return known[0] if known else None

    def whom(self, name: str) -> int:
        known = self.named(name)
        if known is None:
            there = ", ".join(self.characters["name"].drop_nulls().head(8).to_list()) or "nobody"
            raise CorrectionUnclear(f"there is no character `{_plain(name)[:LONGEST_NAME]}`", f"there is {there}")
        return known

    def both(self, words: Sequence[str]) -> tuple[int, int]:
        """Two names one after the other, each of a word or more."""
        cut = [(" ".join(words[:n]), " ".join(words[n:])) for n in range(1, len(words))]
        known = [pair for pair in cut if self.named(pair[0]) is not None and self.named(pair[1]) is not None]
        one, other = known[0] if known else cut[0]
        pair = self.whom(one), self.whom(other)
        if pair[0] == pair[1]:
            raise CorrectionUnclear(f"`{one}` and `{other}` are one already", _HINT)
        return pair

    def shown(self, character: int) -> _Face:
        """The face that stands for a character."""
        frame = self.characters.row(by_predicate=pl.col("character") == character, named=True)["frame"]
        own = self.faces.filter((pl.col("character") == character) & (pl.col("frame") == frame))
        return own.row(0, named=True)

    def seen_at(self, character: int, at_s: float) -> _Face:
        """A character's face at a time: that nearest to it, of a track that holds it."""
        own = self.faces.filter(pl.col("character") == character)
        begin, end = (pl.col("time_s").min().over("track"), pl.col("time_s").max().over("track"))
        held = own.filter(pl.lit(at_s).is_between(begin - SAME_MOMENT_S, end + SAME_MOMENT_S))
        if not held.height:
            name = self.characters.row(by_predicate=pl.col("character") == character, named=True)["name"]
            raise CorrectionUnclear(
                f"the face of `{name}` is not seen at {at_s:g} s", "`punctum faces --people` lists who is seen when"
            )
        return held.sort((pl.col("time_s") - at_s).abs(), "frame", "left").row(0, named=True)

    def another(self, character: int, face: _Face) -> _Face:
        """A face that stays a character's where one is taken out: of another track, else as far in time as may be."""
        own = self.faces.filter((pl.col("character") == character) & (pl.col("frame") != face["frame"]))
        if not own.height:
            raise CorrectionUnclear("this is the character's only face", "`name` calls the character something else")
        others = own.filter(pl.col("track") != face["track"])
        if not others.height:
            return own.sort((pl.col("time_s") - face["time_s"]).abs(), "frame", descending=True).row(0, named=True)
        shown = self.shown(character)
        if shown["track"] != face["track"]:
            return shown
        best = pl.col("score").fill_null(0.5) * pl.col("height")
        return others.sort(best, "frame", descending=[True, False]).row(0, named=True)


def face_at(faces: pl.DataFrame, at_s: float, place: tuple[float, float] | None) -> _Face | None:
    """Give the tracked face at a time and, where one is said, a place; None where there is none."""
    near = faces.filter(((pl.col("time_s") - at_s).abs() <= SAME_MOMENT_S) & pl.col("track").is_not_null())
    if place is not None:
        x, y = place
        near = near.filter(
            (pl.lit(x) - pl.col("left")).is_between(0, pl.col("width"))
            & (pl.lit(y) - pl.col("top")).is_between(0, pl.col("height"))
        )
    if not near.height:
        return None
    return near.sort((pl.col("time_s") - at_s).abs(), "frame", "left").row(0, named=True)


def cut_tracks(faces: pl.DataFrame, corrections: Iterable[Correction]) -> pl.DataFrame:
    """Cut tracks that hold two faces of which a person said that they are two people's, where the look changes most.

    Parameters
    ----------
    faces : pl.DataFrame
        columns of ``tables.FACES``, ``track`` filled
    corrections : iterable of Correction

    Returns
    -------
    pl.DataFrame
        the same faces; a track's later piece has a new number
    """
    for said in corrections:
        if said.what != "apart" or said.to_s is None:
            continue
        one, other = face_at(faces, said.at_s, said.place), face_at(faces, said.to_s, said.to_place)
        if one is None or other is None or one["track"] != other["track"] or one["frame"] == other["frame"]:
            continue
        own = faces.filter(pl.col("track") == one["track"]).sort("frame")
        low, high = sorted((one["frame"], other["frame"]))
        between = own.filter(pl.col("frame").is_between(low, high))
        looks, frames = between["look"].to_list(), between["frame"].to_list()
        unlike = [compare_looks(a, b) if a and b else 0.5 for a, b in pairwise(looks)]
        cut = frames[max(range(len(unlike)), key=lambda n: (unlike[n], -n)) + 1]
        later = (pl.col("track") == one["track"]) & (pl.col("frame") >= cut)
        new = int(faces["track"].max()) + 1  # type: ignore[arg-type]
        faces = faces.with_columns(pl.when(later).then(pl.lit(new, pl.Int32)).otherwise(pl.col("track")).alias("track"))
    return faces


def find_links(faces: pl.DataFrame, corrections: Sequence[Correction]) -> tuple[list[Link], list[Correction]]:
    """Find the tracks of which a person said that they are one person's, or are not.

    Parameters
    ----------
    faces : pl.DataFrame
        columns of ``tables.FACES``, ``track`` filled
    corrections : sequence of Correction
        in the order in which they were said; of two that contradict each other the later one wins, and a face that is
        taken out of a character is not bound any more by what was said of it before

    Returns
    -------
    links : list of Link
        the later first, none against another
    unused : list of Correction
        ``same`` and ``apart`` where a face is not there, or what was said later is against it
    """
    held: list[Link] = []
    unused: list[Correction] = []
    leader: dict[int, int] = {}
    taken_out: set[int] = set()

    def lead(track: int) -> int:
        while track in leader:
            track = leader[track]
        return track

    for said in reversed(corrections):
        if said.what not in ("same", "apart"):
            continue
        one = face_at(faces, said.at_s, said.place)
        other = None if said.to_s is None else face_at(faces, said.to_s, said.to_place)
        if one is None or other is None:
            unused.append(said)
            continue
        a, b = lead(one["track"]), lead(other["track"])
        against = any({lead(link.one), lead(link.other)} == {a, b} for link in held if not link.same)
        void = against or one["track"] in taken_out or other["track"] in taken_out
        if (a == b) if said.what == "apart" else void:
            unused.append(said)
            continue
        if said.what == "apart":
            taken_out.add(one["track"])
        held.append(Link(one["track"], other["track"], said.what == "same"))
        if said.what == "same" and a != b:
            leader[b] = a
    return held, unused[::-1]


def sift_names(
    faces: pl.DataFrame, tracks: pl.DataFrame, corrections: Sequence[Correction]
) -> tuple[dict[int, str], list[Correction]]:
    """Find the characters that a person named.

    Parameters
    ----------
    faces, tracks : pl.DataFrame
        columns of ``tables.FACES`` and ``tables.TRACKS``, ``character`` filled
    corrections : sequence of Correction
        in the order in which they were said; later ones win

    Returns
    -------
    names : dict of int to str
        by character
    unused : list of Correction
        ``name`` where nobody's face is there
    """
    names: dict[int, str] = {}
    unused = []
    whose = dict(tracks.select("track", "character").drop_nulls().iter_rows())
    seen = faces.filter(pl.col("track").is_in(list(whose)))
    for correction in corrections:
        if correction.what != "name":
            continue
        face = face_at(seen, correction.at_s, correction.place)
        if face is None:
            unused.append(correction)
        else:
            names[whose[face["track"]]] = correction.name or ""
    return names, unused


def join_named(tracks: pl.DataFrame, names: dict[int, str]) -> tuple[pl.DataFrame, dict[int, str]]:
    """Make characters of one name one: the one who is seen longer lends the number."""
    first: dict[str, int] = {}
    moved: dict[int, int] = {}
    for character in sorted(names):
        moved[character] = first.setdefault(names[character], character)
    joined = tracks.with_columns(pl.col("character").replace(moved)) if moved else tracks
    return conform(joined, TRACKS), {number: name for name, number in first.items()}
