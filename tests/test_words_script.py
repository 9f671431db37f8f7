"""Screenplays: Fountain, and who says what by alignment, on scripts whose truth is known."""

import numpy as np
import polars as pl
import pytest
from tests.scripts import compose, film

from punctum.measure.words import Cue, Speech, Spine, measure_words, name_speakers, parse_fountain
from punctum.measure.words.alignment import align_script

FOUNTAIN = """Title: Windscreen
Author: nobody
    of note

EXT. STREET - NIGHT #12#

Snow. The wipers beat.

IGOR
(starting the engine)
Home?

ANI (O.S.) ^
No. [[a note, IGOR]] *Not* yet.

/* cut:
TOROS
Never said.
*/

> CUT TO:

INT./EXT. CAR - LATER

@McAvoy
Who speaks here?

SNOW FALLS.

.A FORCED SCENE

~sung alone

ANI (CONT'D)
~A song,
and words (not an aside).

FADE OUT.
"""


def test_fountain():
    assert parse_fountain(FOUNTAIN) == [
        Speech("IGOR", "Home?", "EXT. STREET - NIGHT"),
        Speech("ANI", "No. Not yet.", "EXT. STREET - NIGHT"),
        Speech("McAvoy", "Who speaks here?", "INT./EXT. CAR - LATER"),
        Speech("ANI", "A song, and words (not an aside).", "A FORCED SCENE"),
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "IGOR", "Title: x", "INT. A\n\nIGOR\n(only)\n", "/* [[ \n\nA\nb"])
def test_a_screenplay_without_words(text):
    assert parse_fountain(text) == []


def judge(script, lines):
    found = align_script([text for text, _, _ in lines], script).speech
    right = wrong = rest = named = named_wrong = 0
    for (_, truth, same), speech in zip(lines, found, strict=True):
        who = script[speech].speaker if speech >= 0 else None
        named += who is not None
        named_wrong += who is not None and (truth < 0 or script[truth].speaker != who)
        if same:
            rest += 1
            right += who == script[truth].speaker
            wrong += who is not None and who != script[truth].speaker
    return right / rest, wrong / rest, named_wrong / named


@pytest.mark.parametrize(("seed", "speeches"), [(0, 300), (1, 300), (2, 300), (3, 300), (4, 1500), (5, 1500)])
def test_a_third_changed_moved_or_missing(seed, speeches):
    rng = np.random.default_rng(seed)
    script = compose(rng, speeches)
    right, wrong, _ = judge(script, film(rng, script))
    assert right >= 0.95
    assert wrong <= 0.01


@pytest.mark.slow
def test_of_many_scripts_few_names_are_wrong():
    judged = []
    for seed in range(20, 28):
        rng = np.random.default_rng(seed)
        script = compose(rng, 250)
        judged.append(judge(script, film(rng, script)))
    right, wrong, named_wrong = np.mean(judged, axis=0)
    assert right >= 0.97
    assert wrong <= 0.005
    assert named_wrong <= 0.01


def test_another_films_script_gives_next_to_nothing():
    rng = np.random.default_rng(9)
    script, other = compose(rng, 300), compose(np.random.default_rng(10), 300)
    assert align_script([speech.text for speech in other], script).share < 0.2


def table(*cues):
    spine = Spine(np.arange(25 * 600), np.arange(25 * 600) / 25, 25 * 600, 600.0)
    return measure_words([Cue(i * 5, i * 5 + 3, text) for i, text in enumerate(cues)], spine, "en")[0]


def test_speakers_and_headings_come_into_the_table():
    words = table("Home?", "- No. Not yet.\n- [wipers squeak]", "MAN: Who speaks here?", "Nobody wrote this at all.")
    named, share = name_speakers(words, parse_fountain(FOUNTAIN))
    rows = named.select("text", "speaker", "speaker_source", "scene_heading").rows()
    assert rows[1] == ("No. Not yet.", "ANI", "screenplay", "EXT. STREET - NIGHT")
    assert rows[2] == ("wipers squeak", None, None, None)
    # a speaker whom the subtitles name stays
    assert rows[3] == ("Who speaks here?", "MAN", "subtitles", "INT./EXT. CAR - LATER")
    assert rows[4] == ("Nobody wrote this at all.", None, None, None)
    assert 0.4 < share < 0.7


def test_a_script_that_does_not_fit_gives_nothing():
    words = table("Something else is said in this film.", "And nobody in it is at home anywhere.")
    named, share = name_speakers(words, parse_fountain(FOUNTAIN))
    assert share < 0.2
    assert named["speaker"].null_count() == named.height


@pytest.mark.parametrize("lines", [[], ["", "..."], ["你好", "再见"]])
def test_lines_without_words(lines):
    found = align_script(lines, [Speech("A", "Hello there.", "")])
    assert found.speech.tolist() == [-1] * len(lines)
    assert found.share == 0.0
    assert isinstance(pl.Series(found.speech), pl.Series)
