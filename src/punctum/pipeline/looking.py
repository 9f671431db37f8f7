"""Looks for faces in a film's larger pictures, part by part.

The finder is YuNet, whose weights come with an installed package. Where they are missing or damaged the table of
faces stays empty and the bundle says why. The mesh's weights must have been fetched; where they were not, faces have
boxes and five points only. So must those of identity, or an installed package hold them: without, people are told apart
by how they look alone. See ``models`` and ``measure.faces``.
"""

from importlib.util import find_spec
from typing import Any

import polars as pl

from punctum.errors import ModelUnavailable, UsageWrong, quoted
from punctum.film import Still
from punctum.measure.faces import (
    SURE_SCORE,
    Chosen,
    Embed,
    Finders,
    load_identity,
    load_mesh,
    load_yunet,
    measure_stills,
    place_faces,
)
from punctum.media import LOOKS
from punctum.models import YUNET, named_model, read_installed, read_model
from punctum.tables import FACES, FRAMES, conform, empty


class Looker:
    """Looks at pictures in the order of the film and gathers the faces of a part.

    Parameters
    ----------
    how : str
        one of ``media.LOOKS``; ``how`` becomes "off" where there is no finder

    Raises
    ------
    UsageWrong
        for anything else
    """

    def __init__(self, how: str) -> None:
        if how not in LOOKS:
            raise UsageWrong(f"{quoted(how)} is no way to look for faces", f"one of {', '.join(LOOKS)}")
        self.how = how
        self.why_not = "not asked for" if how == "off" else ""
        self._finders: Finders | None = None
        self._embed: Embed | None = None
        self._identity, self.why_no_identity = (
            _read_identity() if how in ("sparse", "dense") else (b"", "not asked for")
        )
        self._yunet = b""
        self._mesh: dict[str, bytes] | None = None
        self.why_no_mesh = (
            "`punctum models fetch face` brings what measures eyes, brows, mouth and the turn of the head"
        )
        if how != "off":
            try:
                self._yunet = read_installed(YUNET)
                self._mesh = read_model("face")
            except ModelUnavailable as error:
                if not self._yunet:
                    self.how, self.why_not = "off", error.message
                self.why_no_mesh = f"{error.message}; {error.hint}"
        self.forget()

    def settings(self) -> dict[str, str]:
        """What the faces depend on, for the recipe."""
        if self.how == "off":
            return {"faces": "off"}
        mesh = " ".join(part.sha256[:12] for part in named_model("face").files) if self._mesh else "none"
        identity = named_model("identity").files[0].sha256[:12] if self._identity else "none"
        return {"faces": self.how, "finder": f"YuNet {YUNET.sha256[:12]}", "mesh": mesh, "identity": identity}

    def forget(self) -> None:
        """Drop the faces of a part that was not completed."""
        self._rows: list[pl.DataFrame] = []
        self._looked: list[int] = []
        self._last: pl.DataFrame | None = None
        self._chosen = Chosen()

    def take(self, stills: tuple[Still, ...]) -> pl.DataFrame:
        """Look at a block's pictures; gives their faces."""
        looks = [still for still in stills if still.look]
        if not looks or self.how == "off":
            return empty(FACES)
        if self._finders is None:
            self._finders = self._load()
        faces = measure_stills(looks, self._finders, self._last)
        self._last = faces.filter(pl.col("frame") == looks[-1].frame)
        if self._identity:
            self._embed = self._embed or load_identity(self._identity)
            faces, self._chosen = place_faces(looks, faces, self._embed, self._chosen)
        self._rows.append(faces)
        self._looked += [look.frame for look in looks]
        return faces

    def _load(self) -> Finders:
        fit = load_mesh(*(self._mesh[part.name] for part in named_model("face").files)) if self._mesh else None
        return Finders(load_yunet(self._yunet), fit)

    def rows(self) -> pl.DataFrame:
        """Give the faces seen since they were last given; the pictures to come may still follow the last one."""
        rows, self._rows = self._rows, []
        return pl.concat(rows) if rows else empty(FACES)

    def look(self, frames: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Fill in how many faces a part's frames have; give them with the faces, and forget these."""
        faces = pl.concat(self._rows) if self._rows else empty(FACES)
        looked = pl.DataFrame({"frame": self._looked}, schema={"frame": pl.Int32()})
        sure = faces.filter(pl.col("score") >= SURE_SCORE)
        counted = looked.join(sure.group_by("frame").len("faces"), on="frame", how="left", maintain_order="left")
        frames = frames.drop("faces").join(
            counted.with_columns(pl.col("faces").fill_null(0)), on="frame", how="left", maintain_order="left"
        )
        self.forget()
        return conform(frames, FRAMES), faces

    def remarks(self) -> list[str]:
        """What a person should know."""
        if self.how == "off":
            return [f"faces were not looked for: {self.why_not}"] if self.why_not != "not asked for" else []
        return [] if self._mesh else [f"faces have no geometry: {self.why_no_mesh}"]

    def made(self, coverage: str) -> dict[str, Any]:
        """What looked, or why nothing did, for ``made.json``."""
        why_not = "only key frames were read" if coverage == "key frames" else self.why_not
        if why_not:
            return {"looked": "off", "why": why_not}
        mesh = "MediaPipe Face Mesh and Iris" if self._mesh else f"none: {self.why_no_mesh}"
        identity = "dlib's face recognition network" if self._identity else f"none: {self.why_no_identity}"
        return {"looked": self.how, "finder": "YuNet", "mesh": mesh, "identity": identity}


def _read_identity() -> tuple[bytes, str]:
    """Read the weights of identity, fetched or of an installed package; else why there are none."""
    (part,) = named_model("identity").files
    try:
        fetched = read_model("identity")
        if fetched is not None:
            return fetched[part.name], ""
        if find_spec(part.inside.partition("/")[0]) is not None:
            return read_installed(part), ""
    except ModelUnavailable as error:
        return b"", f"{error.message}; {error.hint}"
    return b"", "`punctum models fetch identity` brings what tells people apart over changes of hair and light"
