"""Turns decoded frames into the pictures that the rooms work on, and pictures into JPEG and back.

Conventions: pictures given out are RGB uint8 (h, w, 3), upright, in the shape they have on the
screen, SDR BT.709. Boxes are those of the upright coded picture. An interlaced frame is seen
through its first field. Everything is scaled by one filter chain per kind of frame, on one thread,
so that a frame's pixels depend on that frame only.
"""

from collections import OrderedDict
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import av
import av.error
import cv2
import numpy as np
from av.filter import Graph
from numpy.typing import NDArray

from punctum.errors import FilmUnreadable
from punctum.film import STILL_LONG_PX, THUMB_LONG_PX, Box, Stretch
from punctum.measure.bars import find_edges
from punctum.media.source import Source
from punctum.media.tonemap import tone_map

_LINES_PER_ROW = 1.75
"""A thumb's row is averaged over so many lines of the picture at least; further lines are left out, since that halves
the cost and moves a thumb's pixels by half a code value on average (1080p, against the mean over all lines)."""

_KEPT_CHAINS = 8


def thumb_shape(box: Box, pixel_aspect: Fraction) -> tuple[int, int]:
    """Height and width of a film's thumbs: longer side ``THUMB_LONG_PX``, other even and at least 16.

    Examples
    --------
    >>> thumb_shape(Box(0, 140, 1920, 800), Fraction(1))
    (54, 128)
    """
    width, height = max(float(box.width * pixel_aspect), 1.0), float(max(box.height, 1))
    long = max(width, height)

    def side(length: float) -> int:
        return min(THUMB_LONG_PX, max(16, 2 * round(length * THUMB_LONG_PX / long / 2)))

    return side(height), side(width)


def still_shape(width: int, height: int, pixel_aspect: Fraction) -> tuple[int, int]:
    """Height and width of a picture on the screen: square pixels, longer side ``STILL_LONG_PX`` at most.

    Examples
    --------
    >>> still_shape(720, 576, Fraction(16, 15))
    (480, 640)
    """
    wide, high = (float(width * pixel_aspect), float(height))
    if pixel_aspect < 1:  # squeeze by stretching the other side: no line is thrown away
        wide, high = float(width), float(height / pixel_aspect)
    scale = min(1.0, STILL_LONG_PX / max(wide, high, 1.0))
    return max(1, round(high * scale)), max(1, round(wide * scale))


def turn_box(box: Box, width: int, height: int, quarters: int) -> Box:
    """Turn a box clockwise along with the picture of ``width`` x ``height`` that it lies in.

    Examples
    --------
    >>> turn_box(Box(0, 10, 100, 20), 100, 50, 1)
    Box(left=20, top=0, width=20, height=100)
    """
    for _ in range(quarters % 4):
        box = Box(height - box.top - box.height, box.left, box.height, box.width)
        width, height = height, width
    return box


class Shaper:
    """Gives the pictures of one film's frames, whatever size and kind each frame has."""

    def __init__(self, source: Source) -> None:
        film = source.film
        self._aspect = film.pixel_aspect
        self._width, self._height = film.width_px, film.height_px
        self._quarters = film.rotation_deg // 90
        self._transfer = source.transfer
        self._mapped = source.transfer != "sdr" or source.wide
        self._chains: OrderedDict[tuple[Any, ...], Graph] = OrderedDict()

    def thumb(self, frame: Any, box: Box, shape: tuple[int, int]) -> NDArray[np.uint8]:
        """Scale the picture inside a box to a thumb of the given height and width."""
        return self._picture(frame, box, shape, "thumb")

    def still(self, frame: Any, box: Box | None = None) -> NDArray[np.uint8]:
        """Scale the picture inside a box to a still for the eye, or the whole of it to one that is measured, too.

        One for the eye costs a quarter, and its codes may be one or two lower.
        """
        if box is None:
            whole = Box(0, 0, self._width, self._height)
            return self._picture(frame, whole, still_shape(whole.width, whole.height, self._aspect), "exact")
        return self._picture(frame, box, still_shape(box.width, box.height, self._aspect), "still")

    def edges(self, frame: Any) -> Box | None:
        """Find the box outside which the frame's coded luma is black; None where it is too dark to tell."""
        luma, black, white = luma_plane(frame)
        box = find_edges(luma, black, white)
        if box is None:
            return None
        upright = turn_box(box, frame.width, frame.height, self._quarters)
        wide, high = (frame.width, frame.height) if self._quarters % 2 == 0 else (frame.height, frame.width)
        return _rescale(upright, wide, high, self._width, self._height)

    def _picture(self, frame: Any, box: Box, shape: tuple[int, int], kind: str) -> NDArray[np.uint8]:
        wide, high = (frame.width, frame.height) if self._quarters % 2 == 0 else (frame.height, frame.width)
        box = _rescale(box, self._width, self._height, wide, high)
        box = turn_box(box, wide, high, -self._quarters)
        rows, columns = shape if self._quarters % 2 == 0 else (shape[1], shape[0])
        key = (
            frame.format.name,
            frame.width,
            frame.height,
            int(frame.colorspace),
            int(frame.color_range),
            bool(frame.interlaced_frame),
            box,
            rows,
            columns,
            kind,
        )
        chain = self._chains.get(key)
        if chain is None:
            chain = self._chains[key] = _make_chain(
                frame, box, rows, columns, kind, "rgb48le" if self._mapped else "rgb24"
            )
            if len(self._chains) > _KEPT_CHAINS:
                self._chains.popitem(last=False)
        else:
            self._chains.move_to_end(key)
        try:
            chain.vpush(frame)
            raw: NDArray[Any] = chain.vpull().to_ndarray()
        except (av.error.FFmpegError, ValueError):
            del self._chains[key]
            raise
        picture: NDArray[np.uint8] = tone_map(raw, self._transfer) if self._mapped else raw
        if self._quarters:
            picture = np.rot90(picture, -self._quarters)
        return np.ascontiguousarray(picture)


def _rescale(box: Box, from_width: int, from_height: int, to_width: int, to_height: int) -> Box:
    """Carry a box over to a picture of another size, where a film changes its size midway."""
    if (from_width, from_height) == (to_width, to_height):
        return box
    left = min(round(box.left * to_width / from_width), to_width - 1)
    top = min(round(box.top * to_height / from_height), to_height - 1)
    right = max(left + 1, round((box.left + box.width) * to_width / from_width))
    bottom = max(top + 1, round((box.top + box.height) * to_height / from_height))
    return Box(left, top, min(right, to_width) - left, min(bottom, to_height) - top)


def _make_chain(frame: Any, box: Box, rows: int, columns: int, kind: str, out: str) -> Graph:
    """Chain of filters: cut the box out, drop a field where needed, scale, turn to RGB.

    ``kind`` is ``thumb`` (lines are thinned first), ``still`` (scaled as YUV, then turned to RGB quickly) or ``exact``.
    """
    graph = Graph()
    graph.threads = 1
    layout = frame.format
    chain = [
        graph.add(
            "buffer", f"video_size={frame.width}x{frame.height}:pix_fmt={layout.name}:time_base=1/1000:pixel_aspect=1/1"
        )
    ]
    left, top, width, height = _inside(
        box, frame.width, frame.height, _chroma_step(layout, across=True), _chroma_step(layout, across=False)
    )
    if (width, height) != (frame.width, frame.height):
        chain.append(graph.add("crop", f"{width}:{height}:{left}:{top}"))
    lines = height
    if frame.interlaced_frame and lines >= 4:
        chain.append(graph.add("field", "type=top"))
        lines = (lines + 1) // 2
    while kind == "thumb" and lines // 2 >= _LINES_PER_ROW * rows:
        chain.append(graph.add("field", "type=top"))
        lines = (lines + 1) // 2
    flags = "area" if columns <= width and rows <= lines else "bicubic"
    colour = f":in_color_matrix={_matrix(frame)}"
    if int(frame.color_range) == 2 or layout.name.startswith("yuvj"):
        colour += ":in_range=full"
    if kind == "still" and layout.name in ("yuv420p", "yuvj420p") and flags == "area":
        # the exact way makes as many chroma samples as pixels, which a JPEG drops again
        chain.append(graph.add("scale", f"{columns}:{rows}:flags=area{colour}"))
        chain.append(graph.add("format", layout.name))
        chain.append(graph.add("scale", f"{columns}:{rows}:flags=bilinear{colour}"))
    else:
        chain.append(graph.add("scale", f"{columns}:{rows}:flags={flags}+accurate_rnd+full_chroma_int{colour}"))
    chain.append(graph.add("format", out))
    chain.append(graph.add("buffersink"))
    graph.link_nodes(*chain)
    graph.configure()
    return graph


def _inside(box: Box, width: int, height: int, step_x: int, step_y: int) -> Box:
    """Draw a box in to whole chroma samples; one too small for that stays the whole picture."""

    def pull(start: int, length: int, size: int, step: int) -> tuple[int, int]:
        low, high = max(0, start), min(size, start + length)
        low = low + -low % step
        if high < size:
            high -= high % step
        return (low, high - low) if high - low >= min(size, 2 * step) else (0, size)

    left, wide = pull(box.left, box.width, width, step_x)
    top, high = pull(box.top, box.height, height, step_y)
    return Box(left, top, wide, high)


def _chroma_step(layout: Any, across: bool) -> int:
    small = layout.chroma_width(64) if across else layout.chroma_height(64)
    return max(1, 64 // max(1, int(small)))


def _matrix(frame: Any) -> str:
    """Matrix of the frame's luma: as tagged, else BT.601 up to 576 lines and BT.709 above."""
    tagged = {1: "bt709", 4: "fcc", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020", 10: "bt2020"}.get(
        int(frame.colorspace)
    )
    if tagged is not None:
        return tagged
    return "bt601" if frame.height <= 576 and frame.width <= 1024 else "bt709"


def luma_plane(frame: Any) -> tuple[NDArray[Any], float, float]:
    """Luma of a frame as it is coded, without copying it where it has a plane of its own.

    Returns
    -------
    luma : np.ndarray [shape=(h, w), dtype=uint8 or uint16]
        a view that is good as long as the frame is
    black, white : float
        the codes of black and white
    """
    layout = frame.format
    name = layout.name
    if not (layout.is_planar and not layout.is_rgb and name.startswith(("yuv", "nv", "gray"))) or name.endswith("be"):
        frame = frame.reformat(format="gray", threads=1)
        bits = 8
        full = int(frame.color_range) == 2
    else:
        bits = int(layout.components[0].bits)
        full = int(frame.color_range) == 2 or name.startswith("yuvj")
    plane = frame.planes[0]
    kind: Any = np.uint8 if bits <= 8 else np.dtype("<u2")
    stride = plane.line_size // np.dtype(kind).itemsize
    luma = np.frombuffer(plane, kind)[: plane.height * stride].reshape(plane.height, stride)[:, : frame.width]
    scale = float(1 << max(0, bits - 8))
    return luma, (0.0 if full else 16.0 * scale), (255.0 if full else 235.0) * scale


def active_box(stretches: Sequence[Stretch], time_s: float, whole: Box) -> Box:
    """Box of the stretch that a time lies in; the whole picture where there are none."""
    for stretch in reversed(stretches):
        if time_s >= stretch.start_s:
            return stretch.box_px
    return stretches[0].box_px if stretches else whole


def longest_box(stretches: Sequence[Stretch], whole: Box) -> Box:
    """Box of the longest stretch, which gives the film's thumbs their shape; the first of equals."""
    return max(stretches, key=lambda s: s.end_s - s.start_s).box_px if stretches else whole


def crop_still(
    source: Source, picture: NDArray[np.uint8], stretches: Sequence[Stretch], time_s: float
) -> NDArray[np.uint8]:
    """Leave the bars out of a key frame's picture.

    Parameters
    ----------
    source : Source
        the film it is of
    picture : np.ndarray [shape=(h, w, 3), dtype=uint8]
        as ``KeyFrame`` holds it: the whole picture
    stretches : sequence of Stretch
        active boxes by film time
    time_s : float
        when it is shown

    Returns
    -------
    picture : np.ndarray [shape=(h2, w2, 3), dtype=uint8]
    """
    film = source.film
    whole = Box(0, 0, film.width_px, film.height_px)
    box = active_box(stretches, time_s, whole)
    if box == whole:
        return picture
    high, wide = picture.shape[:2]

    def cut(start: int, length: int, size: int, to: int) -> slice:
        # inwards by a pixel, so that no half-black line stays
        low = -(-start * to // size) + (start > 0)
        end = (start + length) * to // size - (start + length < size)
        return slice(low, end) if end - low >= 2 else slice(0, to)

    return np.ascontiguousarray(
        picture[cut(box.top, box.height, whole.height, high), cut(box.left, box.width, whole.width, wide)]
    )


def thumb_of(source: Source, picture: NDArray[np.uint8], stretches: Sequence[Stretch]) -> NDArray[np.uint8]:
    """Scale a picture without bars to the shape of the film's thumbs.

    Returns
    -------
    thumb : np.ndarray [shape=(h, w, 3), dtype=uint8]
        the shape that ``decode_blocks`` gives with the same stretches
    """
    film = source.film
    rows, columns = thumb_shape(longest_box(stretches, Box(0, 0, film.width_px, film.height_px)), film.pixel_aspect)
    smaller = rows <= picture.shape[0] and columns <= picture.shape[1]
    done = cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
    return np.asarray(done, np.uint8)


def encode_picture(picture: NDArray[np.uint8], quality: int = 85) -> bytes:
    """Encode a picture as JPEG; the same picture gives the same bytes.

    Parameters
    ----------
    picture : np.ndarray [shape=(h, w, 3), dtype=uint8]
        RGB
    quality : int
        1 to 100
    """
    done, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:  # pragma: no cover - cv2 refuses only what is no picture
        raise ValueError(f"cannot encode a picture of shape {picture.shape}")
    return data.tobytes()


def decode_picture(data: bytes) -> NDArray[np.uint8]:
    """Decode a JPEG or PNG picture.

    Returns
    -------
    picture : np.ndarray [shape=(h, w, 3), dtype=uint8]
        RGB

    Raises
    ------
    FilmUnreadable
        where the bytes are no picture
    """
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if found is None:
        raise FilmUnreadable("a kept picture is damaged", "read the film again with `--force`")
    return np.ascontiguousarray(cv2.cvtColor(found, cv2.COLOR_BGR2RGB).astype(np.uint8))
