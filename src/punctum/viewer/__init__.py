"""Shows films and libraries in a browser, on this computer only; takes a person's notes and corrections."""

from punctum.viewer.app import make_app, serve
from punctum.viewer.shelf import Shelf
from punctum.viewer.vocabularies import read_vocabularies

__all__ = ["Shelf", "make_app", "read_vocabularies", "serve"]
