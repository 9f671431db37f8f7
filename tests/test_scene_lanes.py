"""Scenes and arcs on the page: bands, shade, curves, build-ups, and what is said where there are none."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from tests import films
from tests.page_bundles import make_bundle

from punctum import open_bundle, read_film
from punctum.media import write_film
from punctum.report import render_page
from punctum.report.scene_lanes import arc_lanes, missing_scenes, scene_lanes, shaded_spans
from punctum.tables import ARCS, BUILD_UPS, SCENES, conform


def bundle_with_scenes():
    bundle = make_bundle()
    scenes = {
        "scene": [0, 1, 2], "start_s": [0.0, 4.0, 8.0], "end_s": [4.0, 8.0, 10.0],
        "kind": ["story", "story", "credits"], "heading": [None, "INT. <CAR>", None], "doubt": [None, 0.4, 0.0],
    }  # fmt: skip
    second = np.arange(10)
    arcs = {"second": second, "time_s": second + 0.5, "story": second < 8, "arousal": second / 10, "tempo": -second}
    ups = {"build_up": [0], "kind": ["rising"], "start_s": [1.0], "peak_s": [6.0], "end_s": [7.0]}
    made = {
        "scenes": conform(pl.DataFrame(scenes), SCENES),
        "arcs": conform(pl.DataFrame(arcs), ARCS),
        "build_ups": conform(pl.DataFrame(ups), BUILD_UPS),
    }
    return replace(bundle, tables={**bundle.tables, **made})


def test_scenes_are_bands_and_credits_are_shaded():
    bundle = bundle_with_scenes()
    (bands,) = scene_lanes(bundle)
    assert bands.data.labels == ("0", "1 INT. <CAR>", "credits")
    assert bands.data.tones == ("", "", "sky")
    assert bands.data.doubtful == (False, True, False)
    assert shaded_spans(bundle) == [(8.0, 10.0)]
    page = render_page(bundle)
    assert '"shaded":[[8.0,10.0]]' in page
    assert "INT. <CAR>" not in page


def test_arcs_end_where_the_story_does_and_build_ups_are_marked():
    tempo, arousal, marks = arc_lanes(bundle_with_scenes())
    assert [lane.label for lane in (tempo, arousal, marks)] == ["Tempo", "Arousal", "Build-ups"]
    assert np.isfinite(arousal.data.values).tolist() == [True] * 8 + [False] * 2
    assert (tempo.data.low, tempo.data.high) == (-7.0, 0.0)
    assert marks.data.labels == ("rising, 5.0 s",)


def test_a_bundle_without_scenes_says_so():
    bundle = make_bundle()
    assert scene_lanes(bundle) == []
    assert arc_lanes(bundle) == []
    assert "not worked out" in missing_scenes(bundle)[0]


@pytest.mark.parametrize("draw", ["black", "noisy"])
def test_a_film_of_nothing_is_one_scene(tmp_path, draw):
    pictures = [films.grey(0.0)] * 60 if draw == "black" else films.moving(60)
    path = tmp_path / f"{draw}.mkv"
    write_film(path, pictures, films.FPS, None, films.RATE_HZ)
    read_film(path, faces="off")
    bundle = open_bundle(path)
    assert bundle.tables["scenes"].select("first_shot", "kind").rows() == [(0, "story")]
    assert bundle.tables["build_ups"].height == 0
