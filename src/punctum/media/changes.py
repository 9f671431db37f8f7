"""Finds the very frame at which a film changes its active picture.

Key frames tell that it changes, and between which two of them; the frames between tell where. The
answer depends on the file only, so it is the same wherever a reading began.
"""

from punctum.film import Box, Stretch
from punctum.media.container import DECODING_ERRORS
from punctum.media.frames import FrameReader
from punctum.media.picture import Shaper
from punctum.media.source import Source
from punctum.segment.bars import reaches_beyond, same_box

WINDOWS_S = (2.5, 12.0)
"""How far before the key frame that first shows the new picture the change is sought: a shorter way first."""

_TOLERANCE = 0.01


def find_change(source: Source, before: Stretch, after: Stretch, threads: int = 0) -> float:
    """Time of the first frame that shows the active picture of ``after``.

    Parameters
    ----------
    source : Source
        an opened film
    before, after : Stretch
        neighbours; ``after`` begins with the first key frame known to show it
    threads : int
        threads of the decoder

    Returns
    -------
    start_s : float
        at most ``after.start_s``; that itself where the frames before it do not tell
    """
    latest_s = after.start_s
    for window_s in WINDOWS_S:
        earliest_s = max(before.start_s, latest_s - window_s)
        votes = _votes(source, before.box_px, after.box_px, earliest_s, latest_s, threads)
        known = [vote for _, vote in votes if vote]
        if known and known[0] > 0 and earliest_s > before.start_s and window_s < WINDOWS_S[-1]:
            continue  # it had changed before the window began
        return _split(votes, latest_s)
    return latest_s


def _votes(
    source: Source, before: Box, after: Box, from_s: float, to_s: float, threads: int
) -> list[tuple[float, int]]:
    """For each frame its time and 1 where it shows ``after``, -1 where it shows ``before``, 0 where it is too dark."""
    film = source.film
    tolerance = (max(2.0, _TOLERANCE * film.width_px), max(2.0, _TOLERANCE * film.height_px))
    shaper = Shaper(source)
    reader = FrameReader(source, threads)
    votes: list[tuple[float, int]] = []
    try:
        for decoded in reader.read(from_s):
            time_s = source.time_s(decoded.pts)
            if time_s >= to_s:
                break
            if time_s < from_s:
                continue
            try:
                edges = shaper.edges(decoded.frame)
            except DECODING_ERRORS:
                edges = None
            vote = 0
            if edges is not None:
                new = same_box(edges, after, tolerance) or (
                    reaches_beyond(edges, before, tolerance) and not reaches_beyond(edges, after, tolerance)
                )
                old = same_box(edges, before, tolerance) or (
                    reaches_beyond(edges, after, tolerance) and not reaches_beyond(edges, before, tolerance)
                )
                vote = int(new) - int(old)
            votes.append((time_s, vote))
    finally:
        reader.close()
    return votes


def _split(votes: list[tuple[float, int]], latest_s: float) -> float:
    """Time at which the fewest frames are on the wrong side; in the dark, the first frame that shows it."""
    wrong = sum(vote < 0 for _, vote in votes)
    best, at = wrong, 0
    for i, (_, vote) in enumerate(votes):
        wrong += vote  # frame i moves to the side before the change
        if wrong < best:
            best, at = wrong, i + 1
    while at < len(votes) and votes[at][1] <= 0:
        at += 1
    return votes[at][0] if at < len(votes) else latest_s
