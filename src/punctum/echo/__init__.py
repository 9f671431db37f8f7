"""What of one film is found again in another: so far, the frame that a picture shows."""

from punctum.echo.still import Found, Query, look_for, prepare_query

__all__ = ["Found", "Query", "look_for", "prepare_query"]
