"""What a film is called: by its tags, by its file's name, by a ``films.csv`` its owner keeps."""

import json
from dataclasses import replace

import pytest
from tests.films import film as draw
from tests.test_library import FILM, make_bundle

from punctum.bundle.films_csv import MOST_BYTES, OwnersWords, name_film
from punctum.bundle.records import film_from, film_record
from punctum.cli import run
from punctum.errors import BundleInvalid
from punctum.library import list_library, query_library
from punctum.media import open_source
from punctum.media.naming import LONGEST, Called, read_name, read_record


@pytest.mark.parametrize(
    ("name", "title", "year"),
    [
        ("Nights of Cabiria (1957)", "Nights of Cabiria", 1957),
        ("Nights of Cabiria [1957] restored", "Nights of Cabiria", 1957),
        ("Nights.of.Cabiria.1957.1080p.BluRay.x264-GROUP", "Nights of Cabiria", 1957),
        ("Le_notti_di_Cabiria_1957_DVDRip", "Le notti di Cabiria", 1957),
        ("2001.A.Space.Odyssey.1968.1080p", "2001 A Space Odyssey", 1968),
        ("Blade.Runner.2049.2017.2160p.UHD", "Blade Runner 2049", 2017),
        ("Blade Runner 2049", "Blade Runner 2049", None),
        ("Death Race 2000", "Death Race 2000", None),
        ("1917.2019.1080p", "1917", 2019),
        ("1917", "1917", None),
        ("2012 (2009)", "2012", 2009),
        ("(500) Days of Summer (2009)", "(500) Days of Summer", 2009),
        ("[Group] A title (1999) [1080p]", "A title", 1999),
        ("E.T. the Extra-Terrestrial (1982)", "E.T. the Extra-Terrestrial", 1982),
        ("J.F.K.1991.720p", "J.F.K", 1991),
        ("Extended Play (1980)", "Extended Play", 1980),
        ("The Web", "The Web", None),
        ("film", "film", None),
        ("(1957)", "(1957)", None),
        ("...", "...", None),
        ("", "", None),
    ],
)
def test_names(name, title, year):
    assert read_name(name) == Called(title, year)


@pytest.mark.parametrize(
    ("tags", "name", "called"),
    [
        ({"TITLE": "Le notti di Cabiria", "DATE_RELEASED": "1957-05-10", "DIRECTOR": "Federico Fellini"}, "noc",
         Called("Le notti di Cabiria", 1957, "Federico Fellini")),
        ({"title": "www.films.example.com"}, "A (1999)", Called("A", 1999)),
        ({"title": "Title 1", "date": "2015"}, "Nights.of.Cabiria.1957.720p", Called("Nights of Cabiria", 1957)),
        ({"title": "Nights.of.Cabiria.1957.1080p.WEB"}, "x", Called("Nights of Cabiria", 1957)),
        ({"date": "20570101"}, "x", Called("x")),
        ({"title": "a\nb\x1b[2J\x00", "director": " \t"}, "x", Called("a b [2J")),
        ({"title": "\x07"}, "x", Called("x")),
    ],
)  # fmt: skip
def test_tags(tags, name, called):
    assert read_record(tags, name) == called


def test_nothing_is_longer_than_a_line():
    long = "a" * 100_000
    assert read_record({"title": long, "director": long}, long) == Called("a" * LONGEST, None, "a" * LONGEST)
    assert len(read_name("a." * 50_000).title) <= LONGEST


def test_a_film_is_called_by_its_name(tmp_path):
    path = draw(tmp_path, "The.Kid.1921.480p.mp4", frames=3)
    film = open_source(path).film
    assert (film.title, film.year, film.director) == ("The Kid", 1921, "")


def test_records_without_a_director_are_read(tmp_path):
    record = json.loads(json.dumps(film_record(replace(FILM, director="D"))))
    assert film_from(record, tmp_path).director == "D"
    del record["director"]
    assert film_from(record, tmp_path).director == ""
    with pytest.raises(BundleInvalid):
        film_from({**record, "director": 3}, tmp_path)


@pytest.fixture
def shelf(tmp_path):
    make_bundle(tmp_path / "a.punctum", "a", (1.0, 2.0, 3.0))
    make_bundle(tmp_path / "deep" / "b.punctum", "b", (10.0,))
    return tmp_path


def test_the_owner_says_what_films_are_called(shelf, capsys):
    before = {path: path.stat().st_mtime_ns for path in shelf.rglob("*.punctum/*")}
    (shelf / "films.csv").write_text(
        "\ufeffbundle,Title,year,director,mine\na,Le notti di Cabiria,1957,Federico Fellini,x\n"
        'deep/b.punctum,"A ""title"", so",,,\nnowhere,X,1999,,\n',
        "utf-8",
    )
    films, told = list_library(shelf)
    assert films.select("title", "year", "director").rows() == [
        ("Le notti di Cabiria", 1957, "Federico Fellini"),
        ('A "title", so', None, None),
    ]
    assert [(one.address, one.why) for one in told] == [("films.csv", "line 4: no film here is `nowhere`")]
    answer, _ = query_library(
        shelf, "select director, avg(length_s) as asl from shots join films using (film_id) group by director"
    )
    assert sorted(answer.rows(), key=str) == [("Federico Fellini", 2.0), (None, 10.0)]
    assert run(["library", "list", "--in", str(shelf)]) == 0
    assert "Le notti di Cabiria (1957), Federico Fellini" in capsys.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in shelf.rglob("*.punctum/*")} == before


def test_a_list_may_be_kept_as_films_csv(shelf, capsys):
    assert run(["library", "list", "--csv", "--in", str(shelf)]) == 0
    text = capsys.readouterr().out.replace(",a,", ",Another title,", 1)
    (shelf / "films.csv").write_text(text.replace("a.punctum,a", "a.punctum,Another title"), "utf-8")
    films, told = list_library(shelf)
    assert films["title"].to_list() == ["Another title", "b"]
    assert told == []


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n\n",
        b"nothing of use\n1,2,3",
        b"bundle\na\na\na",
        b"bundle,year\na,next year\nb,99999\n",
        b"bundle,title\n\xff\xfe,\xff\n",
        b"bundle,title\x00\na,\x00\x1b[2J\n",
        b'bundle,title\na,"never closed\n',
        b"bundle,title\n" + b"a" * 200_000 + b",b\n",
        b"bundle,title\n,no film\n",
        b"bundle;title;year\na;B;1957\n",
        b"bundle,bundle,title,title\na,b,c,d,e,f\n",
        b"a" * (MOST_BYTES + 1),
    ],
)
def test_whatever_films_csv_holds_films_are_listed(shelf, text):
    (shelf / "films.csv").write_bytes(text)
    films, told = list_library(shelf)
    assert films["film_id"].to_list() == ["a", "b"]
    assert all("\n" not in one.why and one.why.isprintable() for one in told)
    assert all(title and title.isprintable() for title in films["title"])


def test_what_names_a_film_first_counts():
    words = OwnersWords(b"film_id,file_name,title,year\n,k.mkv,by file,2000\nid,,by id,\n")
    film = replace(FILM, film_id="id", file_name="k.mkv", title="t", year=1950)
    named, speed = words.rename(film, "x.punctum")
    assert (named.title, named.year, speed) == ("by id", 1950, 1.0)
    other, _ = words.rename(replace(film, film_id="other"), "x.punctum")
    assert (other.title, other.year) == ("by file", 2000)
    assert words.unused() == []


@pytest.mark.parametrize(
    ("text", "speed", "faults"),
    [("25/24", 25 / 24, 0), ("1.0417", 1.0417, 0), ("", 1.0, 0), ("3", 1.0, 1), ("1/0", 1.0, 1), ("fast", 1.0, 1),
     ("1e9", 1.0, 1)],
)  # fmt: skip
def test_a_speed_is_a_number_or_a_fraction(text, speed, faults):
    words = OwnersWords(f"bundle,speed\nx,{text}\n".encode())
    assert words.rename(FILM, "x.punctum")[1] == pytest.approx(speed)
    assert len(words.faults) == faults


def test_the_nearest_films_csv_names_a_bundle(shelf):
    (shelf / "films.csv").write_text("bundle,title,speed\ndeep/b,Above,25/24\n", "utf-8")
    film, speed = name_film(replace(FILM, film_id="b"), shelf / "deep" / "b.punctum")
    assert (film.title, speed) == ("Above", pytest.approx(25 / 24))
    answer, _ = query_library(shelf, "select title, speed from films order by title")
    assert answer.rows()[0] == ("Above", pytest.approx(25 / 24))
