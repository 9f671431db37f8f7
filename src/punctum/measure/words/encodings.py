"""Bytes of a text -> the text, in whatever encoding it was written."""

from typing import NamedTuple

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


class Decoded(NamedTuple):
    """A text, the encoding it was in, whether that is a guess, and bytes that were no text of it."""

    text: str
    encoding: str
    guessed: bool = False
    unreadable: int = 0


def decode_text(data: bytes) -> Decoded | None:
    """Decode a text; None for what is none."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            text = data.decode(name, "replace")
            return Decoded(text, name.removesuffix("-sig"), False, text.count("\ufffd"))
    if b"\0" in data:
        return None
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return Decoded(data.decode("cp1252", "replace"), "cp1252", True)
