"""What of an essay can be answered, and the pictures and feeds of its responses.

Conventions: a response to a time in a film is shown with the frame there; one to a passage with the passage's own.
"""

from collections.abc import Mapping, Sequence

from punctum.errors import PunctumError
from punctum.essay import Checked, Essay, Footage
from punctum.essay.pages import Card
from punctum.essay.prose import Image, evidence_entry
from punctum.essay.showing import EVIDENCE_WIDTH_PX, Frame, shot_at
from punctum.responses import Response, showing
from punctum.responses.site import FEED_OF_RESPONSES, Answerable, FilmAt, Passage

Films = Mapping[str, Footage | PunctumError]


def frames_of_responses(responses: Sequence[Response], films: Films) -> dict[str, Frame]:
    """Frames that responses to a time point at, by the responses' keys."""
    frames = {}
    for one in responses:
        footage = films.get(one.film)
        if isinstance(footage, Footage) and one.time_s is not None and 0 <= one.time_s <= footage.film.duration_s:
            frame = footage.frame_at(one.time_s)
            frames[one.key] = Frame(one.film, frame, one.time_s, EVIDENCE_WIDTH_PX, shot_at(footage, one.time_s))
    return frames


def find_answerable(
    essay: Essay,
    checked: Checked,
    films: Films,
    card: Card,
    titles: Mapping[str, str],
    frames: Mapping[int, Image],
    stills: Mapping[str, str],
) -> Answerable:
    """What of an essay can be answered: its numbered passages, its films.

    Parameters
    ----------
    essay, checked, films, card
        the essay, its findings, its films, what other pages know of it
    titles : mapping of str to str
        what it calls its films
    frames : mapping of int to Image
        pictures of its numbered passages
    stills : mapping of str to str
        pictures' files of responses, by their keys
    """
    claims = {}
    for one in essay.evidence:
        finding = checked.of(one.number)
        if finding is not None and one.film in titles:
            frame = frames.get(one.number)
            entry = evidence_entry(one, finding, titles[one.film], frame)
            claims[one.number] = Passage(entry["text"], entry["where"], frame.address if frame else "")
    lengths_s = {key: film.film.duration_s for key, film in films.items() if isinstance(film, Footage)}
    known = {key: FilmAt(titles[key], length_s) for key, length_s in lengths_s.items()}
    return Answerable(card.slug, card.title, card.lang, claims, known, stills)


def feeds_of(taken: Sequence[Response], essays: Mapping[str, Answerable], address: str) -> dict[str, str]:
    """Feeds of responses, the site's and each essay's, by their places in the site."""
    feeds = {}
    for slug in ("", *essays):
        title = f"Responses to {essays[slug].title}" if slug else "Responses"
        folder = f"{slug}/" if slug else ""
        home = address.rstrip("/") + "/" if address else "../" if slug else "./"
        own = f"{home}{folder}{FEED_OF_RESPONSES}" if address else FEED_OF_RESPONSES
        responses = [one for one in taken if slug in ("", one.essay)]
        feeds[folder + FEED_OF_RESPONSES] = showing.feed(responses, essays, title, home, own)
    return feeds
