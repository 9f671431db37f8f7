"""Writes a site of essays: a page each, the list, feed and map, and remembers what each page was made of.

Conventions: ``.punctum-site.json`` in the site's folder marks it as one and holds, for each essay, the hash of what its
page was made of and its card; a page whose hash is the same is left as it is. The same input gives the same bytes: no
clock, no host, no absolute path. Only a new folder, an empty one or a site is written to, and nothing outside it.
"""

import json
import re
import shutil
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

from markupsafe import Markup

from punctum import __version__
from punctum.bundle import writing
from punctum.draw import png_bytes
from punctum.errors import OutputUnwritable, quoted
from punctum.essay import Footage
from punctum.essay.evidence import Picture
from punctum.essay.judging import title_of
from punctum.essay.pages import (
    FEED,
    INDEX,
    MAP,
    RECORD,
    STYLE,
    Card,
    Setting,
    make_card,
    relate,
    render_essay,
    render_feed,
    render_index,
    render_map,
    render_style,
)
from punctum.essay.prose import Dressing, Image, Shown
from punctum.essay.showing import clip_of, frames_of_evidence, frames_of_picture, plot_of
from punctum.media import decode_picture, encode_picture
from punctum.publish.answered import feeds_of, find_answerable, frames_of_responses
from punctum.publish.echoes import echoes_of
from punctum.publish.opening import Manuscript, own_bytes
from punctum.publish.stills import Cutter
from punctum.responses import Response, showing
from punctum.responses.site import FEED_OF_RESPONSES, read_site
from punctum.responses.store import read_responses

OUTLINE = 2
"""Goes up when pages are made otherwise, so that old ones are made again."""


@dataclass(frozen=True)
class Built:
    """What was built: the site's first page, how many pages there are and were written, what is published in words."""

    index: Path
    pages: int
    written: int
    account: tuple[str, ...]


def build_site(
    manuscripts: Sequence[Manuscript],
    folder: Path,
    address: str = "",
    clips: bool = False,
    site: str = "Essays",
    respond: str = "",
) -> Built:
    """Write the pages of essays into a site.

    Parameters
    ----------
    manuscripts : sequence of Manuscript
        essays whose claims hold
    folder : Path
        the site's folder: a new one, an empty one, or a site
    address : str
        where the site will stand; "" where that is not known
    clips : bool
        cut clips, too
    site : str
        its title
    respond : str
        where `punctum essay serve` will answer; "" where readers cannot respond. Responses that lie beside the site and
        are approved stand under the essays in any case

    Raises
    ------
    OutputUnwritable
        for a folder that holds other things, or cannot be written to
    """
    record = _open_site(folder, manuscripts)
    if address and not re.fullmatch(r"https?://[^\s\"<>]+", address):
        raise OutputUnwritable(f"{quoted(address)} is no address of a site", "--address https://example.org/essays")
    if respond and not re.fullmatch(r"https?://[^\s\"<>]+", respond):
        raise OutputUnwritable(f"{quoted(respond)} is no address of a server", "--respond https://example.org/essays")
    taken = read_responses(folder)
    answered = taken is not None or bool(respond)
    by_essay: dict[str, list[Response]] = {}
    for response in taken or ():
        by_essay.setdefault(response.essay, []).append(response)
    slugs = _slugs(manuscripts)
    cards = {slug: Card(**_thawed(entry["card"])) for slug, entry in record.items()}
    for one in manuscripts:
        card = make_card(one.essay, one.checked, one.films, slugs[one.path])
        # the picture that stands for a page is known once it is built
        cards[card.slug] = replace(card, image=cards[card.slug].image if card.slug in cards else "")
    written, account = 0, []
    common = Setting(site, address, version=__version__)
    for one in manuscripts:
        slug = slugs[one.path]
        related = relate(cards[slug], cards.values())
        own = by_essay.get(slug, []) if answered else None
        told_of = [answered, respond, [asdict(response) for response in own or ()]]
        digest = _digest(one, [asdict(other) for other in related], common, clips, told_of)
        made = record.get(slug)
        if made is not None and made["digest"] == digest and (folder / slug / INDEX).is_file():
            account += made["account"]
            continue
        setting = replace(common, related=related)
        image, told, answering = _write_essay(one, folder / slug, cards[slug], setting, clips, own, respond)
        cards[slug] = replace(cards[slug], image=image)
        account += told
        written += 1
        record[slug] = {"digest": digest, "card": asdict(cards[slug]), "account": told, "answering": answering}
    listed = [cards[slug] for slug in sorted(cards)]
    counts = {slug: showing.counted(slug, len(by_essay.get(slug, [])) if answered else None) for slug in cards}
    _put(folder / INDEX, render_index(listed, replace(common, counts=counts)))
    _put(folder / FEED, render_feed(listed, common))
    _put(folder / STYLE, render_style())
    if address:
        _put(folder / MAP, render_map(listed, common))
    _put(
        folder / RECORD,
        json.dumps({"outline": OUTLINE, "essays": record}, indent=1, sort_keys=True, ensure_ascii=False),
    )
    if answered:
        for place, text in feeds_of(taken or [], read_site(folder), address).items():
            _put(folder / place, text)
    first = folder / slugs[manuscripts[0].path] / INDEX if len(manuscripts) == 1 else folder / INDEX
    return Built(first, len(manuscripts), written, tuple(dict.fromkeys(account)))


def _open_site(folder: Path, manuscripts: Sequence[Manuscript]) -> dict[str, Any]:
    """What is remembered of a site; refuses a folder that is none."""
    try:
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise OutputUnwritable(f"{quoted(folder)} is no folder", "`--out` names a new folder for the site")
        whole = folder.resolve()
        for one in manuscripts:
            if one.path.resolve().is_relative_to(whole) and folder.exists():
                raise OutputUnwritable(f"{quoted(folder)} holds the essay itself", "`--out` names a folder of its own")
        if not folder.exists() or not any(folder.iterdir()):
            return {}
        source = folder / RECORD
        if not source.is_file() or source.is_symlink():
            raise OutputUnwritable(
                f"{quoted(folder)} is a folder with other things in it", "`--out` names a new folder for the site"
            )
        data = json.loads(source.read_text("utf-8"))
        essays = data["essays"] if data.get("outline") == OUTLINE else {}
        return {
            slug: entry
            for slug, entry in essays.items()
            if re.fullmatch(r"[a-z0-9][a-z0-9-]*", slug) and _is_entry(entry)
        }
    except OSError as error:
        raise OutputUnwritable(
            f"{quoted(folder)} cannot be written to: {error.strerror}", "`--out` names another"
        ) from None
    except (ValueError, KeyError, AttributeError, TypeError):
        return {}


def _is_entry(entry: Any) -> bool:
    try:
        Card(**_thawed(entry["card"]))
        return isinstance(entry["digest"], str) and isinstance(entry["account"], list)
    except (TypeError, KeyError, AttributeError):
        return False


def _thawed(card: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in card.items()}


def _slugs(manuscripts: Sequence[Manuscript]) -> dict[Path, str]:
    """A folder's name for each essay, made of its file's name: letters and figures of ASCII, no two alike."""
    slugs: dict[Path, str] = {}
    taken: dict[str, Path] = {}
    for one in manuscripts:
        plain = unicodedata.normalize("NFKD", one.path.stem).encode("ascii", "ignore").decode().lower()
        slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "essay"
        if slug in taken and taken[slug].resolve() != one.path.resolve():
            raise OutputUnwritable(
                f"{quoted(one.path.name)} and {quoted(taken[slug].name)} would both be `{slug}/`",
                "give one another name",
            )
        taken[slug] = one.path
        slugs[one.path] = slug
    return slugs


def _digest(one: Manuscript, related: list[Any], setting: Setting, clips: bool, responses: list[Any]) -> str:
    """The hash of everything that a page is made of."""
    films = {
        key: [film.film.film_id, film.bundle.made, [dict(note) for note in film.bundle.notes]]
        for key, film in one.films.items()
        if isinstance(film, Footage)
    }
    own = {
        picture.file: blake2b(own_bytes(one.path.parent, picture.file), digest_size=16).hexdigest()
        for picture in one.essay.pictures
        if picture.form == "own"
    }
    works = {key: asdict(work) for key, work in one.works.items()}
    parts = [
        OUTLINE, setting.version, setting.site, setting.address, clips, one.path.name, one.essay.lines, films, own,
        works, related, responses, [asdict(finding) for finding in one.checked.findings],
    ]  # fmt: skip
    return blake2b(json.dumps(parts, sort_keys=True, default=str).encode(), digest_size=16).hexdigest()


def _write_essay(
    one: Manuscript,
    folder: Path,
    card: Card,
    setting: Setting,
    clips: bool,
    responses: Sequence[Response] | None,
    respond: str,
) -> tuple[str, list[str], dict[str, Any]]:
    """Write an essay's folder anew; gives the picture that stands for it, what is published, what can be answered."""
    beside = folder.with_name(f"{folder.name}.new")
    with writing(beside):
        if beside.is_symlink():
            beside.unlink()
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
    essay, films = one.essay, one.films
    titles = {key: title_of(key, film, essay) for key, film in films.items() if isinstance(film, Footage)}
    cutter = Cutter(beside, films)
    of_evidence = frames_of_evidence(essay, one.checked, films)
    of_pictures = {picture.number: frames_of_picture(picture, films) for picture in essay.pictures}
    of_responses = frames_of_responses(responses or (), films)
    wanted = [*of_evidence.values(), *of_responses.values()]
    images = cutter.cut([*wanted, *(frame for frames in of_pictures.values() for frame in frames)], titles)
    shown = {}
    for picture in essay.pictures:
        own = tuple(images[frame] for frame in of_pictures[picture.number] if frame in images)
        shown[picture.number] = _show(picture, own, one, cutter, titles, clips)
    frames = {number: images[frame] for number, frame in of_evidence.items() if frame in images}
    dressing = Dressing(shown, frames, echoes_of(one, cutter, titles))
    wide = [picture.images[0].address for picture in shown.values() if picture.images and picture.form != "own"]
    image = wide[0] if wide else ""
    published = {key: cutter.account(key) for key in titles}
    stills = {key: images[frame].address for key, frame in of_responses.items() if frame in images}
    answerable = find_answerable(essay, one.checked, films, card, titles, frames, stills)
    section = Markup()
    if responses is not None:
        form = f"{respond.rstrip('/')}/respond/{card.slug}" if respond else ""
        section = showing.section(responses, answerable, form, FEED_OF_RESPONSES)
    card, setting = replace(card, image=image), replace(setting, published=published, responses=section)
    page = render_essay(essay, one.checked, films, one.works, dressing, card, setting)
    _put(beside / INDEX, page)
    with writing(folder):
        if folder.is_symlink():
            folder.unlink()
        old = folder.with_name(f"{folder.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        if folder.exists():
            folder.rename(old)
        beside.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    told = [f"{titles[key]}: {words}" for key, words in published.items() if words]
    answering = {name: asdict(answerable)[name] for name in ("claims", "films", "stills")}
    return image, [*told, *cutter.remarks], answering


def _show(
    picture: Picture,
    images: tuple[Image, ...],
    one: Manuscript,
    cutter: Cutter,
    titles: dict[str, str],
    clips: bool,
) -> Shown:
    if picture.form == "own":
        return Shown("own", (_own_image(one, picture, cutter),), picture.alt)
    title = titles.get(picture.film, picture.film)
    where = {"film": "the whole film", "ending": "the ending"}.get(picture.span, picture.span.replace("-", "–"))
    source = Markup("<em>{}</em>, {}").format(title, images[0].beneath if len(images) == 1 else where)
    if picture.form == "plot":
        return Shown("plot", (), picture.alt, source, plot_of(picture, one.films))
    span = clip_of(picture, one.films) if clips else None
    clip = cutter.clip(picture.film, *span) if span else ""
    form = "clip" if clip else "still" if len(images) == 1 else "strip"
    return Shown(form, images, picture.alt, source, clip=clip)


def _own_image(one: Manuscript, picture: Picture, cutter: Cutter) -> Image:
    data = own_bytes(one.path.parent, picture.file)
    pixels = decode_picture(data)
    # written anew: what a camera notes beside its pictures, such as where, stays at home
    photograph = not picture.file.lower().endswith(".png")
    name = f"own-{blake2b(data, digest_size=8).hexdigest()}{'.jpg' if photograph else '.png'}"
    data = encode_picture(pixels, 90) if photograph else png_bytes(pixels)
    with writing(cutter.folder / name):
        (cutter.folder / name).write_bytes(data)
    return Image(name, pixels.shape[1], pixels.shape[0], picture.alt)


def _put(place: Path, text: str) -> None:
    """Write a text where it changed; a link in its place is replaced, not followed."""
    data = text.encode("utf-8", "replace")
    with writing(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.is_symlink():
            place.unlink()
        if place.is_file() and place.read_bytes() == data:
            return
        beside = place.with_name(f"{place.name}.part")
        beside.unlink(missing_ok=True)
        beside.write_bytes(data)
        beside.replace(place)
