"""What is said of a film's words, on bundles whose words are known."""

from pathlib import Path

import polars as pl
import pytest
from tests.page_bundles import make_bundle

from punctum.measure.words import Cue
from punctum.reading import find_readings, three_lines
from punctum.report.readings import film_figures

TALK = [
    Cue(10.0, 14.0, "ANI: One two three four."),
    Cue(12.0, 16.0, "IGOR: Five six."),
    Cue(30.0, 32.0, "[wipers squeak]"),
    Cue(50.0, 54.0, "♪ A song is sung ♪"),
    Cue(100.0, 104.0, "ANI: Last words."),
]


def readings(words, **more):
    bundle = make_bundle([60] * 60, words=words, **more)  # 150 s
    table = find_readings(bundle.film, bundle.tables)
    return {row["measure"]: row for row in table.iter_rows(named=True)}


def test_by_hand():
    found = readings(TALK)
    assert found["dialogue_density"]["value"] == pytest.approx(10 / 150, abs=1e-6)
    assert found["words_per_minute"]["value"] == pytest.approx(8 / 2.5)
    wordless = found["longest_wordless_s"]
    assert (wordless["value"], wordless["start_s"], wordless["start_frame"]) == (84.0, 16.0, 384)
    close = found["wordless_close_s"]
    assert (close["value"], close["span"], close["start_s"]) == (46.0, "ending", 100.0)
    assert close["statement"] == "The last words are “Last words.” (1:40, ANI); 46 s follow without."
    assert found["ending_dialogue_density"]["value"] == 0.0


def test_an_ending_without_words_is_set_beside_the_rest():
    talk = [Cue(float(at), at + 2.0, "Somebody says something here.") for at in range(2, 120, 4)]
    row = readings(talk)["ending_dialogue_density"]
    share = row["baseline_value"]
    assert 0.45 <= share <= 0.55
    assert row["statement"] == (
        "Nobody speaks in the last 10 % of the film"
        f" (share with speech 0.00, the median of other stretches as long {share:.2f})."
    )
    assert row["percentile"] <= 1.0


def test_a_film_that_ends_on_words():
    found = readings([Cue(148.0, 149.5, "The end?")])
    assert found["wordless_close_s"]["statement"].endswith("; the film ends on them.")
    assert found["longest_wordless_s"]["statement"].endswith("from 0:00.")


def test_words_are_not_provisional_where_frames_are():
    found = readings(TALK, provisional=True)
    assert not any(found[name]["provisional"] for name in ("dialogue_density", "words_per_minute", "wordless_close_s"))
    assert "key frames" not in found["wordless_close_s"]["statement"]
    assert found["shot_count"]["provisional"]


def test_without_words_nothing_is_said_of_them():
    assert not {"dialogue_density", "words_per_minute", "wordless_close_s"} & set(readings([]))
    assert not {"dialogue_density", "wordless_close_s"} & set(readings([Cue(1.0, 2.0, "[sobbing]")]))


def test_languages_without_spaces_are_not_counted():
    row = readings([Cue(1.0, 2.0, "你好")])["words_per_minute"]
    assert row["value"] is None
    assert "no spaces" in row["statement"]


def test_long_last_words_are_quoted_from_their_end():
    statement = readings([Cue(100.0, 104.0, "word " * 60 + "end.")])["wordless_close_s"]["statement"]
    assert "“…" in statement
    assert len(statement) < 170


def test_words_stand_under_their_own_heading():
    bundle = make_bundle([60] * 60, words=TALK)
    table = find_readings(bundle.film, bundle.tables)
    bundle = make_bundle(
        [60] * 60,
        words=TALK,
        readings=[{k: v for k, v in row.items() if k != "reading"} for row in table.iter_rows(named=True)],
    )
    groups = {subject: [figure.name for figure in figures] for subject, _, figures in film_figures(bundle, {})}
    assert groups["words"] == ["dialogue density", "words a minute", "longest stretch without words"]
    assert three_lines(table)


def test_every_reading_of_words_is_explained():
    page = Path(__file__).parent.parent / "docs" / "measures.md"
    if not page.exists():
        pytest.skip("the docs are not beside the tests")
    names = {name for name in readings(TALK) if "word" in name or "dialogue" in name}
    assert len(names) == 5
    assert {name for name in names if f"`{name}`" not in page.read_text("utf-8")} == set()


def test_whose_word_it_is_is_said():
    bundle = make_bundle([60] * 60, words=TALK)
    heard = bundle.tables["words"].with_columns(pl.lit("recognised").alias("source"))
    table = find_readings(bundle.film, {**bundle.tables, "words": heard})
    said = {row["measure"]: row["statement"] for row in table.iter_rows(named=True)}
    assert said["dialogue_density"].endswith("by the words that were recognised: 3 lines.")
    assert said["words_per_minute"].endswith("a minute while words are heard.")
    assert said["longest_wordless_s"] == (
        "The longest stretch without words lasts 1 min 24 s, from 0:16, by the words that were recognised."
    )
    assert "by the subtitles" in readings(TALK)["dialogue_density"]["statement"]
