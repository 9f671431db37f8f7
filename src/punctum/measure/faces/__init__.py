"""Faces in larger pictures: boxes, points, and what is measured in a face."""

from punctum.measure.faces.choosing import Chosen, place_faces
from punctum.measure.faces.finder import SURE_SCORE, Find, Found, load_yunet
from punctum.measure.faces.identity import Embed, load_identity
from punctum.measure.faces.mesh import Fitter, Mesh, load_mesh
from punctum.measure.faces.stills import Finders, measure_stills, unpack_landmarks

__all__ = [
    "SURE_SCORE",
    "Chosen",
    "Embed",
    "Find",
    "Finders",
    "Fitter",
    "Found",
    "Mesh",
    "load_identity",
    "load_mesh",
    "load_yunet",
    "measure_stills",
    "place_faces",
    "unpack_landmarks",
]
