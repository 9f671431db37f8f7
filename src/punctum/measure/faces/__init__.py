"""Faces in larger pictures: boxes, points, and what is measured in a face."""

from punctum.measure.faces.finder import Find, Found, load_yunet
from punctum.measure.faces.stills import Finders, measure_stills

__all__ = ["Find", "Finders", "Found", "load_yunet", "measure_stills"]
