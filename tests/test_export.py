"""What a peer reads of what goes out, frame by frame against the tables; what formats cannot hold is said."""

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from fractions import Fraction
from itertools import pairwise

import numpy as np
import opentimelineio as otio
import polars as pl
import pympi
import pytest
from tests.exchange_bundles import make_bundle, times_at, variable_times

from punctum import cli
from punctum.cli.exchange import FORMATS as TYPED
from punctum.errors import FilmUnreadable, OutputUnwritable, UsageWrong
from punctum.export import FORMATS, Asked, Wanted, export_bundle
from punctum.export.gather import build_timeline
from punctum.export.tiers import Span, part_overlaps, whole_ms

EDGES = [0, 24, 25, 90, 170, 231, 400]
COUNT = 500
NAME = 'Fin|: <b>"é" & 映画\n\t* FROM CLIP NAME: x --> ;=#\\ \x07]]>.mkv'
NOTES = [
    {"kind": "tier", "tier": "gaze", "vocabulary": ["away", "at him"]},
    {"kind": "note", "start_s": 1.0, "end_s": 3.0, "text": "away", "tier": "gaze"},
    {"kind": "note", "start_s": 2.0, "end_s": 4.0, "text": "at him", "tier": "gaze"},
    {
        "kind": "note",
        "start_s": 5.0,
        "text": "a tear & <light>",
        "tags": ["tear", "left; eye"],
        "region": [0.1, 0.2, 0.3, 0.4],
    },
]
RATES = [Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(50), Fraction(60000, 1001)]
QUICK = (RATES[0], RATES[3])


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return make_bundle(tmp_path_factory.mktemp("out") / "film.punctum", times_at(Fraction(24), COUNT), EDGES, NOTES)


@pytest.fixture(
    scope="module",
    params=[fps if fps in QUICK else pytest.param(fps, marks=pytest.mark.slow) for fps in RATES],
    ids=lambda fps: f"{float(fps):.5g}",
)
def at_rate(request, tmp_path_factory):
    times_s = np.round(times_at(request.param, COUNT), 3) if request.param < 40 else times_at(request.param, COUNT)
    return make_bundle(tmp_path_factory.mktemp("rate") / "film.punctum", times_s, EDGES), request.param


@pytest.fixture(scope="module")
def variable(tmp_path_factory):
    return make_bundle(tmp_path_factory.mktemp("vfr") / "film.punctum", variable_times(COUNT), EDGES, NOTES)


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """A film whose names have anything in them."""
    folder = tmp_path_factory.mktemp("odd") / "film.punctum"
    notes = [{"kind": "note", "start_s": 1.0, "end_s": 2.0, "text": NAME, "tier": NAME[:40]}]
    return make_bundle(folder, times_at(Fraction(24), COUNT), EDGES, notes, title=NAME, file_name=NAME)


def out(bundle, to, tmp_path, **how):
    form = next(one for one in FORMATS if one.name == to)
    tmp_path.mkdir(parents=True, exist_ok=True)
    target = tmp_path / ("made" + ("" if form.ending == "/" else form.ending))
    done = export_bundle(bundle.address, to, target, Wanted(Asked(**how)) if how else Wanted(), force=True)
    return target, done


def clips_of(timeline):
    track = timeline.video_tracks()[0]
    return [(round(c.range_in_parent().start_time.value), round(c.range_in_parent().duration.value)) for c in track]


def shots_of(bundle):
    return [(r["start_frame"], r["end_frame"] - r["start_frame"]) for r in bundle.shots.iter_rows(named=True)]


def test_what_is_typed_is_what_there_is():
    assert tuple(form.name for form in FORMATS) == TYPED


def test_otio_as_its_library_reads_it(at_rate, tmp_path):
    bundle, fps = at_rate
    target, done = out(bundle, "otio", tmp_path)
    timeline = otio.adapters.read_from_file(str(target))
    assert clips_of(timeline) == shots_of(bundle)
    [track] = timeline.video_tracks()
    assert all(isinstance(child, otio.schema.Clip) for child in track)
    assert track[0].source_range.start_time.rate == pytest.approx(float(fps))
    assert not done.remarks


@pytest.mark.parametrize("start", ["", "01:00:00:00"])
def test_edl_as_its_adapter_reads_it(at_rate, tmp_path, start):
    bundle, fps = at_rate
    target, _ = out(bundle, "edl", tmp_path, start=start, drop=False)
    timeline = otio.adapters.read_from_file(str(target), rate=float(fps))
    assert clips_of(timeline) == shots_of(bundle)
    assert {clip.name for clip in timeline.video_tracks()[0]} == {"some film.mkv"}
    begins = otio.opentime.from_timecode(start or "00:00:00:00", float(fps))
    assert timeline.video_tracks()[0][0].source_range.start_time == begins


@pytest.mark.parametrize("fps", [Fraction(30000, 1001), Fraction(60000, 1001)])
def test_drop_frame_edl_past_the_tenth_minute_as_its_adapter_reads_it(fps, tmp_path):
    count = round(float(fps) * 1300)
    edges = [0, round(59.9 * fps), round(61 * fps), round(599.98 * fps), round(600.1 * fps), round(1200 * fps)]
    bundle = make_bundle(tmp_path / "long.punctum", times_at(fps, count), edges)
    target, _ = out(bundle, "edl", tmp_path)
    text = target.read_text()
    assert "FCM: DROP FRAME" in text
    assert "00:10:00;" in text
    assert clips_of(otio.adapters.read_from_file(str(target), rate=float(fps))) == shots_of(bundle)


def test_fcpxml_as_its_adapter_reads_it(at_rate, tmp_path):
    bundle, fps = at_rate
    target, _ = out(bundle, "fcpxml", tmp_path, start="00:00:10:00", drop=False)
    root = ET.parse(target).getroot()
    frame = Fraction(root.find("resources/format").get("frameDuration")[:-1])
    assert frame == 1 / fps

    def frames(text):
        number = Fraction(text[:-1]) / frame
        assert number.denominator == 1  # Final Cut Pro refuses what lies between frames
        return int(number)

    found = root.findall(".//asset-clip")
    assert [(frames(c.get("offset")), frames(c.get("duration"))) for c in found] == shots_of(bundle)
    start = 10 * round(fps)
    assert [frames(c.get("start")) - start for c in found] == [at for at, _ in shots_of(bundle)]
    read = otio.adapters.read_from_file(str(target), adapter_name="fcpx_xml")
    clips = list(read.find_clips() if hasattr(read, "find_clips") else read[0].find_clips())
    assert [c.name for c in clips][: len(EDGES)] == [f"shot {n}" for n in range(len(EDGES))]


def test_premiere_as_its_adapter_reads_it(at_rate, tmp_path):
    bundle, fps = at_rate
    target, _ = out(bundle, "premiere", tmp_path)
    timeline = otio.adapters.read_from_file(str(target), adapter_name="fcp_xml")
    assert clips_of(timeline) == shots_of(bundle)
    assert len(timeline.audio_tracks()) == 2
    rate = timeline.video_tracks()[0][0].source_range.duration.rate
    assert rate == pytest.approx(float(fps))
    marks = list(timeline.tracks.markers)
    assert [round(m.marked_range.start_time.value) for m in marks] == [0, EDGES[3]]


def test_resolve_markers(bundle, tmp_path):
    lines = out(bundle, "resolve", tmp_path)[0].read_text().splitlines()
    places = [line.split()[6] for line in lines if re.match(r"\d{3}  ", line)]
    marks = [re.search(r"\|M:(.*?) \|D:", line)[1] for line in lines if "|M:" in line]
    assert len(set(places)) == len(places) == len(marks), "one marker a frame"
    for shot, at in enumerate(EDGES):
        code = otio.opentime.to_timecode(otio.opentime.RationalTime(86400 + at, 24), 24, False)
        assert f"shot {shot}" in marks[places.index(code)].split(", ")
    assert "credits, shot 3" in marks


def test_a_variable_rate_says_what_it_was_brought_to_and_the_largest_error(variable, tmp_path):
    for to in ("otio", "edl", "fcpxml", "premiere", "resolve"):
        _, done = out(variable, to, tmp_path)
        [said] = [remark for remark in done.remarks if "brought to" in remark]
        told = float(re.search(r"lies ([\d.]+) frames", said)[1])
        timeline, _ = build_timeline(variable, Asked())
        worst = max(
            abs(clip.start - row["start_s"] * float(timeline.clock.rate.fps))
            for clip, row in zip(timeline.clips, variable.shots.iter_rows(named=True), strict=True)
        )
        assert "24 frames a second" in said
        assert worst <= told + 0.005
    read = otio.adapters.read_from_file(str(out(variable, "otio", tmp_path)[0]))
    assert clips_of(read) == [(c.start, c.end - c.start) for c in timeline.clips]


def test_another_rate_is_asked_for(bundle, tmp_path):
    target, done = out(bundle, "otio", tmp_path, rate="25")
    first = clips_of(otio.adapters.read_from_file(str(target)))[1][0]
    assert first == round(EDGES[1] / 24 * 25)
    assert any("brought to 25" in remark for remark in done.remarks)
    with pytest.raises(UsageWrong):
        out(bundle, "otio", tmp_path, rate="fast")
    with pytest.raises(UsageWrong):
        out(bundle, "edl", tmp_path, start="25")


def test_elan_as_pympi_reads_it(bundle, tmp_path):
    target, done = out(bundle, "elan", tmp_path)
    eaf = pympi.Elan.Eaf(str(target))
    shots = sorted(eaf.get_annotation_data_for_tier("shots"))
    times_s = bundle.frames["time_s"].to_numpy()
    # the last frame that begins at or before the millisecond is the one that ELAN shows
    shown = [int(np.searchsorted(times_s, start / 1000 + 1e-9, side="right")) - 1 for start, _, _ in shots]
    assert shown == EDGES
    assert [a[1] for a in shots[:-1]] == [b[0] for b in shots[1:]]
    assert [value for _, _, value in sorted(eaf.get_annotation_data_for_tier("shot begins"))] == bundle.shots[
        "begins"
    ].to_list()
    words = eaf.get_controlled_vocabulary_names()
    assert {"shot begins", "shot scale", "gaze"} <= set(words)
    assert [entry[0][0][0] for entry in eaf.get_cv_entries("gaze").values()] == ["away", "at him"]
    assert sorted(eaf.get_annotation_data_for_tier("gaze")) == [(1000, 3000, "away")]
    assert sorted(eaf.get_annotation_data_for_tier("gaze 2")) == [(2000, 4000, "at him")]
    assert any("tags" in remark and "region" in remark for remark in done.remarks)


def test_no_tier_of_elan_overlaps_itself(variable, tmp_path):
    eaf = pympi.Elan.Eaf(str(out(variable, "elan", tmp_path)[0]))
    for tier in eaf.get_tier_names():
        spans = sorted(eaf.get_annotation_data_for_tier(tier))
        assert all(a[1] <= b[0] for a, b in pairwise(spans)), tier


def test_layers_keep_every_span():
    spans = [Span(0, 5, "a"), Span(1, 2, "b"), Span(1.5, 6, "c"), Span(5, 7, "d"), Span(3, 3, "empty")]
    layers = part_overlaps(spans)
    assert sorted(span for layer in layers for span in layer) == sorted(spans[:-1])
    assert len(layers) == 3


@pytest.mark.skipif(not shutil.which("ffprobe"), reason="no ffprobe here")
def test_chapters_as_ffprobe_reads_them(bundle, tmp_path):
    target, _ = out(bundle, "chapters", tmp_path)
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-show_chapters", "-of", "json", "-f", "ffmetadata", str(target)],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)["chapters"]
    assert [c["tags"]["title"].rstrip(" ") for c in found] == ["INT. CAR - NIGHT; = #1\\", "credits"]
    starts = [whole_ms(row) for row in bundle.scenes["start_s"]]
    assert [c["start"] for c in found] == starts


def test_vtt_is_what_a_parser_of_subtitles_takes(odd, tmp_path):
    target, _ = out(odd, "vtt", tmp_path)
    text = (target / "metadata.vtt").read_text("utf-8")
    for block in text.split("\n\n")[1:]:
        if not block.strip():
            continue
        _, timing, payload = block.strip("\n").split("\n")
        assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3} --> \d\d:\d\d:\d\d\.\d{3}", timing)
        assert "-->" not in payload
        json.loads(payload)


def test_annotations_are_json_with_fragments(bundle, tmp_path):
    page = json.loads(out(bundle, "webannotation", tmp_path)[0].read_text("utf-8"))
    assert page["@context"] == "http://www.w3.org/ns/anno.jsonld"
    shots = [item for item in page["items"] if item["id"].startswith("urn:punctum:shot:")]
    times = [float(item["target"]["selector"]["value"][2:].split(",")[0]) for item in shots]
    assert times == pytest.approx(bundle.shots["start_s"].to_list(), abs=1e-6)
    tear = next(item for item in page["items"] if "xywh" in item["target"]["selector"]["value"])
    assert tear["target"]["selector"]["value"].endswith("&xywh=percent:10,20,30,40")


def test_csv_holds_every_table(bundle, tmp_path):
    target, done = out(bundle, "csv", tmp_path)
    assert {path.stem for path in target.iterdir()} == ({*bundle.tables} | {"notes"}) - {"grid"}
    shots = pl.read_csv(target / "shots.csv")
    assert shots["start_frame"].to_list() == EDGES
    assert any("grid" in remark for remark in done.remarks)


def test_shot_list_adds_up(bundle, tmp_path):
    rows = pl.read_csv(out(bundle, "cinemetrics", tmp_path)[0])
    assert rows["shot"].to_list() == list(range(1, len(EDGES) + 1))
    assert rows["length_s"].sum() == pytest.approx(bundle.film.duration_s, abs=1e-3)
    assert rows["cut_s"].to_list() == pytest.approx(bundle.shots["start_s"].to_list(), abs=5e-4)


def test_names_with_anything_in_them_break_no_format(odd, tmp_path):
    for form in FORMATS:
        if form.name in ("stills", "clip"):
            continue
        _, done = out(odd, form.name, tmp_path / form.name)
        for path in done.files:
            data = path.read_bytes()
            if path.suffix in (".eaf", ".fcpxml", ".xml", ".svg"):
                ET.fromstring(data)
            elif path.suffix in (".otio", ".jsonld"):
                json.loads(data)
    edl = (tmp_path / "edl" / "made.edl").read_text("utf-8")
    assert clips_of(otio.adapters.read_from_string(edl, "cmx_3600", rate=24)) == shots_of(odd)
    assert otio.adapters.read_from_file(str(tmp_path / "otio" / "made.otio")).name == NAME
    assert len(pympi.Elan.Eaf(str(tmp_path / "elan" / "made.eaf")).get_annotation_data_for_tier("shots")) == len(EDGES)


@pytest.mark.parametrize(
    ("reel", "written"), [("A001C003", "A001C003"), ("Rolle 7/ä lang", "ROLLE7LA"), ("bl", "BL_"), ("", "AX")]
)
def test_reels(bundle, tmp_path, reel, written):
    target, done = out(bundle, "edl", tmp_path, reel=reel)
    assert f"001  {written:<8} V     C " in target.read_text("utf-8")
    assert any("reel" in remark for remark in done.remarks) == (bool(reel) and reel != written)


def test_hours_beyond_what_a_list_holds(bundle, tmp_path):
    with pytest.raises(UsageWrong, match="100 hours"):
        out(bundle, "edl", tmp_path, start="99:59:59:00")
    assert any("24 hours" in remark for remark in out(bundle, "edl", tmp_path, start="30:00:00:00")[1].remarks)
    target, _ = out(bundle, "otio", tmp_path, start="150:00:00:00")
    first = otio.adapters.read_from_file(str(target)).video_tracks()[0][0]
    assert first.source_range.start_time.value == 150 * 3600 * 24


def test_what_is_there_is_left_alone(bundle, tmp_path):
    target = tmp_path / "mine.eaf"
    target.write_text("mine")
    with pytest.raises(OutputUnwritable, match="there already"):
        export_bundle(bundle.address, "elan", target)
    assert target.read_text() == "mine"
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "shots.csv").write_text("mine")
    with pytest.raises(OutputUnwritable):
        export_bundle(bundle.address, "csv", folder)
    assert [path.name for path in folder.iterdir()] == ["shots.csv"]


@pytest.mark.slow
def test_the_same_bundle_gives_the_same_bytes(bundle, tmp_path):
    for form in FORMATS:
        if form.name in ("csv", "stills", "clip"):
            continue
        first, second = (out(bundle, form.name, tmp_path / name / form.name)[1].files for name in "ab")
        assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second], form.name


@pytest.mark.slow
def test_a_long_film_fits_on_pages(tmp_path):
    times_s = times_at(Fraction(24), 2000)
    bundle = make_bundle(tmp_path / "film.punctum", times_s, list(range(0, 2000, 20)))
    export_bundle(bundle.address, "sheet", tmp_path / "sheet.pdf")
    data = (tmp_path / "sheet.pdf").read_bytes()
    assert data.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", data)) >= 4
    with pytest.raises(UsageWrong):
        export_bundle(bundle.address, "sheet", tmp_path / "sheet.jpg")


def test_options_that_a_format_has_no_use_for(bundle, tmp_path):
    for to, wanted in (
        ("elan", Wanted(Asked(rate="25"))),
        ("edl", Wanted(tables=("shots",))),
        ("csv", Wanted(span=(0, 1))),
    ):
        with pytest.raises(UsageWrong, match="takes no"):
            export_bundle(bundle.address, to, tmp_path / "x", wanted)
    with pytest.raises(FilmUnreadable):
        export_bundle(bundle.address, "clip", tmp_path / "x.mp4", Wanted(span=(0, 1)))


def test_the_command(bundle, tmp_path, capsys):
    assert cli.run(["export", bundle.address, "--to", "edl", "--out", str(tmp_path / "a.edl"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"] == [str(tmp_path / "a.edl")]
    assert cli.run(["export", bundle.address, "--to", "edl", "--out", str(tmp_path / "a.edl")]) == 1
    assert "--force" in capsys.readouterr().err
    assert cli.run(["export", bundle.address, "--to", "morse"]) == 2
