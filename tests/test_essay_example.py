"""The example essay: it holds, it fails wherever it is falsified, its page is whole, narrow and wide."""

import random
import re
from pathlib import Path

import pytest

from punctum import media
from punctum.demo import RATE_HZ, draw_procession, draw_windscreen
from punctum.essay import MEASURES, Footage, check_essay, read_bibliography, read_essay
from punctum.pipeline import read_film
from punctum.publish import Shelf, build_site, open_lazily, open_manuscript

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "docs" / "example" / "the-face-that-stays.md"
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not EXAMPLE.is_file(), reason="the docs are not beside the tests")]
SPAN = re.compile(r"\[((?:[^\[\]]|\n)*)\]\{([^{}]*film=[^{}]*)\}")


def draw(folder: Path) -> Path:
    """Both films as `punctum demo --echo` draws them, read."""
    for name, drawing in (("windscreen-2024", draw_windscreen()), ("procession-1964", draw_procession())):
        media.write_film(
            folder / f"{name}.mp4", drawing.frames(workers=2), fps=24, sound=drawing.sound, sample_rate_hz=RATE_HZ,
            options={"preset": "ultrafast", "crf": "20", "g": "48"},
        )  # fmt: skip
        read_film(folder / f"{name}.mp4")
    return folder


@pytest.fixture(scope="module")
def shelf(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("example")
    (folder / "punctum-demo" / "echo").mkdir(parents=True)
    draw(folder / "punctum-demo" / "echo")
    place = folder / "docs" / "example"
    place.mkdir(parents=True)
    for path in EXAMPLE.parent.iterdir():
        (place / path.name).write_bytes(path.read_bytes())
    return folder


@pytest.fixture(scope="module")
def films(shelf) -> dict[str, Footage]:
    place = shelf / "punctum-demo" / "echo"
    named = {"windscreen": "windscreen-2024", "procession": "procession-1964"}
    return {key: Footage(open_lazily(place / f"{name}.punctum")) for key, name in named.items()}


@pytest.fixture(scope="module")
def works() -> tuple[str, ...]:
    return tuple(read_bibliography((EXAMPLE.parent / "works.bib").read_text("utf-8"), "works.bib"))


def test_every_claim_of_the_example_holds(films, works):
    checked = check_essay(read_essay(EXAMPLE.read_text("utf-8")), films, known=works)
    assert [(f.place, f.text, f.why) for f in checked.findings if f.state != "holds"] == []
    assert checked.understood == len(SPAN.findall(EXAMPLE.read_text("utf-8")))
    assert checked.remarks == ()


def allowed(value: float, said: str) -> bool:
    """Whether a value is what `is` says: worked out here once more, for plain figures only."""
    scale = 0.01 if "%" in said else 1.0
    numbers = [float(n.replace("−", "-")) for n in re.findall(r"[-−]?\d+(?:\.\d+)?", said)]
    if "±" in said:
        return abs(value - numbers[0] * scale) <= numbers[1] * scale
    if said[:1] in "<>":
        return value > numbers[0] * scale if said[0] == ">" else value < numbers[0] * scale
    decimals = len(re.findall(r"\d+(?:\.(\d+))?", said)[0])
    return abs(value - numbers[0] * scale) <= 0.5 * 10.0**-decimals * scale + 1e-9


def falsified(attributes: str, films: dict[str, Footage], chance: random.Random) -> dict[str, str]:
    """A claim's attributes made false or unreadable, one way each."""
    values = dict(re.findall(r'(\w+)=(?:"([^"]*)"|(\S+))', attributes) and [
        (key, quoted or bare) for key, quoted, bare in re.findall(r'(\w+)=(?:"([^"]*)"|(\S+))', attributes)
    ])  # fmt: skip

    def put(key: str, value: str) -> str:
        return re.sub(rf'\b{key}=(?:"[^"]*"|[^\s}}]+)', lambda _: f'{key}="{value}"', attributes)

    made = {
        "film": put("film", "nosferatu"),
        "misspelt key": attributes.replace("film=", "flim=", 1),
        "a quote less": attributes.replace('"', "", 1) if '"' in attributes else attributes + ' "',
        "a key twice": attributes + f" film={values['film']}",
        "a bare word": attributes + " surely",
    }
    if "at" in values:
        return made | {"time": put("at", "9:59.0"), "unquoted time": re.sub(r'at="([^"]*)"', r"at=\1", attributes)}
    measure = MEASURES[values["measure"]]
    made["measure"] = put("measure", values["measure"][:-1] + chance.choice("xyz"))
    made["span"] = put("span", "scene 99") if "span" in values else attributes + ' span="scene 99"'
    said = values.get("is")
    if said is None:
        return made
    numbers = re.findall(r"\d+(?:\.\d+)?", said)
    if numbers:
        # twice as much and five more: beyond every tolerance of the essay
        other = f"{2 * float(numbers[0]) + 5:g}"
        turned = said.replace(">", "<") if ">" in said else said
        made["value"] = put("is", said.replace(numbers[0], other, 1)) if said[:1] not in "<>" else put("is", turned)
        wrong = "LUFS" if measure.unit != "LUFS" else "s"
        bare = re.sub(r"\s*(?:%|s|LUFS|LU|×|more|less|s more|LU less|p(?=\d))\s*", " ", said).strip()
        made["unit"] = put("is", f"{bare} {wrong} {'more' if 'than' in values else ''}".strip())
        if said.startswith("<"):
            made["value"] = put("is", said.replace("<", ">", 1))
    if said[:1] in "<>":
        made["direction"] = put("is", said.translate(str.maketrans("<>", "><")))
    if "than" in values:
        made["than"] = put("than", "scene 99")
    elif "p" not in said:
        spans = ["0:02-0:06", "scene 0", "0:14-0:22", "0:30-0:36", "last shot", "first shot", "ending"]
        chance.shuffle(spans)
        footage = films[values["film"]]
        for words in spans:
            value = measure.work(footage.span(words), "") if measure.work else None
            if value is not None and not allowed(value, said) and words != values.get("span"):
                made["another span"] = put("span", words) if "span" in values else attributes + f' span="{words}"'
                break
    return made


def test_every_claim_is_caught_when_it_is_falsified(films, works):
    text = EXAMPLE.read_text("utf-8")
    assert check_essay(read_essay(text), films, known=works).sound
    chance = random.Random(20261124)
    counts: dict[str, int] = {}
    missed = []
    for found in SPAN.finditer(text):
        for kind, attributes in falsified(found[2], films, chance).items():
            lie = f"{text[: found.start(2)]}{attributes}{text[found.end(2) :]}"
            checked = check_essay(read_essay(lie), films, known=works)
            counts[kind] = counts.get(kind, 0) + 1
            if checked.sound:
                missed.append((kind, found[1], attributes))
        for kind, lie in (
            ("space", text[: found.start(2) - 1] + " " + text[found.start(2) - 1 :]),
            ("brace", text[: found.end(2)] + text[found.end(2) + 1 :]),
            ("bracket", text[: found.start()] + text[found.start() + 1 :]),
        ):
            counts[kind] = counts.get(kind, 0) + 1
            if check_essay(read_essay(lie), films, known=works).sound:
                missed.append((kind, found[1], ""))
    assert missed == []
    assert min(counts.values()) >= 3, counts
    assert sum(counts.values()) > 350, counts


def test_none_fails_when_the_films_are_read_again(shelf, works, tmp_path):
    place = shelf / "punctum-demo" / "echo"
    films = {}
    for key, name in (("windscreen", "windscreen-2024"), ("procession", "procession-1964")):
        outcome = read_film(place / f"{name}.mp4", out=tmp_path / f"{name}.punctum")
        films[key] = Footage(open_lazily(outcome.folder))
    assert check_essay(read_essay(EXAMPLE.read_text("utf-8")), films, known=works).sound


def test_its_page_is_built(shelf):
    essay = open_manuscript(shelf / "docs" / "example" / EXAMPLE.name, Shelf())
    built = build_site([essay], shelf / "site")
    page = built.index.read_text("utf-8")
    assert len(page.encode()) + (shelf / "site" / "punctum.css").stat().st_size < 300_000
    assert page.count('class="evidence') >= 40
    assert len(list(built.index.parent.glob("*.jpg"))) > 20
