"""What a file's first bytes say, without FFmpeg: what it is if it is no film, and whether its end is missing.

Conventions: sizes are bytes. Nothing here is trusted further than a remark or a hint.
"""

import os
from pathlib import Path
from typing import BinaryIO

_HEAD_BYTES = 4096
_MOST_BOXES = 10_000
_MOST_MISSING = 1 << 40
"""A header that promises more than a tebibyte is damaged, and tells nothing."""

_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"moof", b"styp", b"sidx", b"uuid", b"mfra"}

_COPY = "copy it again from where it came"
_STARTS = (
    (b"#EXTM3U", "a playlist, not a film", "name the film's own file"),
    (b"ffconcat", "a list of files, not a film", "name the film's own file"),
    (b"\x89PNG\r\n", "a picture, not a film", "name the film's own file"),
    (b"\xff\xd8\xff", "a picture, not a film", "name the film's own file"),
    (b"%PDF", "a PDF, not a film", "name the film's own file"),
    (b"PK\x03\x04", "a ZIP archive, not a film", "unpack it first"),
    (b"Rar!", "a RAR archive, not a film", "unpack it first"),
    (b"7z\xbc\xaf", "a 7-Zip archive, not a film", "unpack it first"),
    (b"\x1f\x8b", "a gzip archive, not a film", "unpack it first"),
)


def describe_stranger(path: str | os.PathLike[str]) -> tuple[str, str] | None:
    """Say what a file is that FFmpeg did not open as a film.

    Returns
    -------
    (what, hint) : tuple of str, or None
        to be read after "it is"; None where its beginning does not tell
    """
    try:
        with Path(path).open("rb") as file:
            head = file.read(_HEAD_BYTES)
            size = os.fstat(file.fileno()).st_size
            boxes = _walk_boxes(file, size) if head[4:8] in _BOXES else []
    except OSError:
        return None
    for start, what, hint in _STARTS:
        if head.startswith(start):
            return what, hint
    if boxes and b"moov" not in {kind for kind, _ in boxes}:
        return (
            "an MP4 or MOV whose index (`moov`) is missing: it was cut short",
            "copy it again, or let the camera or a tool such as `untrunc` finish it",
        )
    if head.strip(b"\0") == b"":
        return "empty where a film's header should be", _COPY
    if _is_text(head):
        return "a text, not a film", "name the film's own file"
    return None


def missing_bytes(path: str | os.PathLike[str]) -> int:
    """Bytes that a file lacks at its end by what its own header says; 0 where it is whole or does not tell.

    MP4 and MOV: the boxes of the top level (ISO/IEC 14496-12, 4.2). Matroska and WebM: the segment's size (RFC 9559).
    AVI: the size of its RIFF chunks.
    """
    try:
        with Path(path).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            head = file.read(64)
            if head[4:8] in _BOXES:
                boxes = _walk_boxes(file, size)
                end = boxes[-1][1] if boxes else 0
            elif head.startswith(b"\x1a\x45\xdf\xa3"):
                end = _segment_end(head)
            elif head.startswith(b"RIFF"):
                end = _riff_end(file, size)
            else:
                end = 0
    except OSError:
        return 0
    missing = end - size
    return missing if 0 < missing < _MOST_MISSING else 0


def _walk_boxes(file: BinaryIO, size: int) -> list[tuple[bytes, int]]:
    """Kind and end of each box of the top level; stops at what is none."""
    found: list[tuple[bytes, int]] = []
    at = 0
    while at + 8 <= size and len(found) < _MOST_BOXES:
        file.seek(at)
        head = file.read(16)
        length, kind = int.from_bytes(head[:4], "big"), head[4:8]
        if kind not in _BOXES and not found:
            break
        if not (kind.isascii() and kind.decode("ascii").isprintable()):
            break
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        elif length == 0:
            length = size - at
        if length < 8:
            break
        at += length
        found.append((kind, at))
    return found


def _segment_end(head: bytes) -> int:
    """End of a Matroska segment, 0 where its size is not known."""
    header = _variable_integer(head, 4)
    if header is None:
        return 0
    at = header[0] + header[1]
    if head[at : at + 4] != b"\x18\x53\x80\x67":
        return 0
    segment = _variable_integer(head, at + 4)
    return sum(segment) if segment else 0


def _variable_integer(data: bytes, at: int) -> tuple[int, int] | None:
    """Where an EBML size ends, and the size (RFC 8794, 4); None where it is cut off or says "unknown"."""
    if at >= len(data) or data[at] == 0:
        return None
    length = 9 - data[at].bit_length()
    if at + length > len(data):
        return None
    value = int.from_bytes(data[at : at + length], "big") & ((1 << 7 * length) - 1)
    return (at + length, value) if value != (1 << 7 * length) - 1 else None


def _riff_end(file: BinaryIO, size: int) -> int:
    """End of the last RIFF chunk; a file over 1 GB has several."""
    at = 0
    for _ in range(_MOST_BOXES):
        file.seek(at)
        head = file.read(8)
        length = int.from_bytes(head[4:8], "little")
        if head[:4] != b"RIFF" or length < 4:
            break
        at += 8 + length + length % 2
        if at >= size:
            # the padding byte at the very end is often left out
            return at - 1 if at == size + 1 else at
    return 0


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:
            return False
        text = head[: error.start].decode("utf-8")
    return all(c.isprintable() or c in "\t\r\n\f\ufeff" for c in text)
