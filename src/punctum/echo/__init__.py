"""What of one film is found again in another: scenes that answer scenes, footage used again, the frame of a picture."""

from punctum.echo.signatures import sign_shots
from punctum.echo.still import Found, Query, look_for, prepare_query

__all__ = ["Found", "Query", "look_for", "prepare_query", "sign_shots"]
