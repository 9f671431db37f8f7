"""What a file says of the tape or card it comes from: the time code of its first frame, its reel's name.

Conventions: a time code is text, hh:mm:ss:ff, ``;`` before the frames where it is drop-frame. Nothing is decoded.
"""

import os
import re
from typing import NamedTuple

from punctum.media.container import open_container

_CODE = re.compile(r"\d{1,3}:[0-5]\d:[0-5]\d[:;.,]\d{1,3}", re.ASCII)


class Reel(NamedTuple):
    """Time code of a file's first frame and its reel's name; "" where the file says nothing."""

    timecode: str = ""
    reel: str = ""


def read_reel(path: str | os.PathLike[str]) -> Reel:
    """Read a film's start time code and reel: of its time code track, else of its picture, else of the file.

    Raises
    ------
    FilmUnreadable
        where it is no film
    """
    with open_container(os.fspath(path), "none") as container:
        streams = list(container.streams)
        data = [s for s in streams if s.type == "data"]
        video = [s for s in streams if s.type == "video"]
        tags = [stream.metadata for stream in (*data, *video)] + [container.metadata]
    lower = [{str(key).lower(): str(value).strip() for key, value in one.items()} for one in tags]
    code = next((one["timecode"] for one in lower if _CODE.fullmatch(one.get("timecode", ""))), "")
    reel = next((one["reel_name"] for one in lower if one.get("reel_name")), "")
    return Reel(code, reel)
