"""Whose face: a face's place among faces, 128 numbers, near to each other for one person and apart for two.

The network is dlib's (King 2017, "High Quality Face Recognition with Deep Metric Learning"): a ResNet of 29 layers, 5.6
million weights, whose places lie within 0.6 of each other for one person as a rule. It is written here as ONNX and run
by OpenCV, which gives dlib's own numbers within 1e-4 in a ninth of the time. Conventions: a picture is RGB and its
places are pixels; a face is cut out upright, by its five points, 150 pixels wide; a place is kept in 128 bytes.
"""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from punctum.measure.faces.squares import Picture

Floats = NDArray[np.float32]

Embed = Callable[[Picture, NDArray[np.float64]], Floats]
"""A picture and a face's five points in its pixels, float64 (5, 2), to its place, float32 (128,)."""

SIDE_PX, PLACE_SIZE = 150, 128

STEP = 1 / 200
"""What one of a byte's steps stands for: no number of a place comes near to 0.6."""

_LEVELS = ((32, 3, False), (64, 4, True), (128, 3, True), (256, 3, True), (256, 1, True))
"""Of the network's levels: channels, blocks, and whether the first of them halves the picture."""

_MEAN = (122.782, 117.001, 104.298)
"""Red, green and blue that the network takes for nothing."""

_SEEN = np.array([[47.0, 45.3], [102.0, 45.3], [74.5, 77.0], [51.5, 102.8], [97.5, 102.8]])
"""Where the finder's five points lie, right eye first, in faces that dlib cut out by its own points: medians over the
people who are learnt from (`benchmarks/people/cast.py`), left and right made alike."""


def load_identity(weights: bytes) -> Embed:
    """Make what says whose face it is of dlib's file of weights.

    Raises
    ------
    ValueError
        where they are not those
    """
    try:
        net = cv2.dnn.readNetFromONNX(np.frombuffer(_write_onnx(_read_weights(weights)), np.uint8))
    except cv2.error as error:
        raise ValueError(f"OpenCV cannot read the weights of identity: {error.err}") from error

    def embed(picture: Picture, points: NDArray[np.float64]) -> Floats:
        cut = (cut_face(picture, points).astype(np.float32) - np.array(_MEAN, np.float32)) / np.float32(256)
        net.setInput(np.ascontiguousarray(cut.transpose(2, 0, 1)[None]))
        return np.asarray(net.forward(), np.float32).reshape(PLACE_SIZE)

    return embed


def cut_face(picture: Picture, points: NDArray[np.float64]) -> Picture:
    """Cut a face out, moved, turned and scaled so that its five points lie nearest to where the network expects them.

    Parameters
    ----------
    picture : np.ndarray [shape=(h, w, 3), dtype=uint8]
    points : np.ndarray [shape=(5, 2), dtype=float64]
        right eye, left eye, tip of the nose, right and left corner of the mouth, in pixels

    Returns
    -------
    np.ndarray [shape=(150, 150, 3), dtype=uint8]
        by the least squares of Umeyama (1991) without mirroring, in complex numbers
    """
    seen, wanted = points @ [1, 1j], _SEEN @ [1, 1j]
    about, middle = wanted - wanted.mean(), seen.mean()
    turn = complex(np.vdot(about, seen - middle) / np.vdot(about, about))  # from the cut to the picture
    shift = middle - turn * wanted.mean()
    back = np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])
    if abs(turn) > 2:  # linear sampling would skip pixels
        step = int(abs(turn))
        small = cv2.resize(picture, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA)
        scale = np.array(small.shape[1::-1]) / np.array(picture.shape[1::-1])
        back = back * scale[:, None]
        back[:, 2] += (scale - 1) / 2
        picture = np.asarray(small, np.uint8)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(picture, back, (SIDE_PX, SIDE_PX), flags=flags), np.uint8)


def pack_place(place: Floats) -> bytes:
    """Pack a place into the bytes of ``identity``, int8 in steps of `STEP`.

    Examples
    --------
    >>> list(pack_place(np.array([0.1, 0.203], np.float32)))
    [20, 41]
    """
    kept: bytes = np.clip(np.rint(place / STEP), -127, 127).astype(np.int8).tobytes()
    return kept


def read_places(kept: Sequence[bytes]) -> Floats:
    """Read the bytes of ``identity``: float32 (n, 128)."""
    return np.stack([np.frombuffer(one, np.int8) for one in kept]).astype(np.float32) * np.float32(STEP)


def _shapes() -> list[tuple[int, int, int]]:
    """Channels out and in, and side, of every convolution, from the picture on."""
    shapes, last = [(32, 3, 7)], 32
    for channels, blocks, _ in _LEVELS:
        for _ in range(blocks):
            shapes += [(channels, last, 3), (channels, channels, 3)]
            last = channels
    return shapes


def _read_weights(weights: bytes) -> list[tuple[Floats, Floats]]:
    """Read filters and offsets of every convolution from the picture on, and of the last map, from dlib's file.

    A tensor is a version, 2, its four sizes, and float32 values; an integer is how many bytes it takes, and these. A
    convolution's filters are followed by its offsets; the affine layer after it holds gains, then offsets.
    """
    place = 0

    def take(*sizes: int) -> Floats:
        nonlocal place
        head = b"".join(_integer(number) for number in (2, *sizes, *[1] * (4 - len(sizes))))
        found = weights.find(head, place)
        count = int(np.prod(sizes))
        begin, place = found + len(head), found + len(head) + 4 * count
        if found < 0 or place > len(weights):
            raise ValueError("the weights of identity are not dlib's ResNet")
        return np.frombuffer(weights, "<f4", count, begin).astype(np.float32)

    made = []
    for out, into, side in _shapes():
        own = take(out * into * side * side + out)
        gain, offset = take(2 * out).reshape(2, out)
        filters = own[:-out].reshape(out, into, side, side) * gain[:, None, None, None]
        made.append((filters, own[-out:] * gain + offset))
    last = take(256, PLACE_SIZE).reshape(256, PLACE_SIZE).T.copy()
    return [*made, (last, np.zeros(PLACE_SIZE, np.float32))]


def _integer(number: int) -> bytes:
    size = max(1, (number.bit_length() + 7) // 8)
    return bytes([size]) + number.to_bytes(size, "little")


def _write_onnx(layers: Sequence[tuple[Floats, Floats]]) -> bytes:
    """Write the network as an ONNX model (opset 9).

    A block adds what it found to what it was given; where it halves the picture, to the mean of each four places of
    that, with channels that are not there 0, as places are at the edge where what it found is smaller.
    """
    graph: list[bytes] = []
    held: list[bytes] = []
    count = 0

    def node(kind: str, inputs: Sequence[str], **attributes: Sequence[int]) -> str:
        nonlocal count
        count += 1
        name = f"n{count}"
        body = b"".join(_field(1, one.encode()) for one in inputs) + _field(2, name.encode()) + _field(4, kind.encode())
        graph.append(_field(1, body + b"".join(_attribute(key, value) for key, value in attributes.items())))
        return name

    def keep(values: Floats) -> str:
        name = f"w{len(held)}"
        sizes = b"".join(_field(1, size) for size in values.shape)
        held.append(_field(5, sizes + _field(2, 1) + _field(8, name.encode()) + _field(9, values.tobytes())))
        return name

    def convolve(given: str, filters: Floats, offsets: Floats, stride: int, edge: int) -> str:
        inputs = [given, keep(np.ascontiguousarray(filters)), keep(np.ascontiguousarray(offsets))]
        return node("Conv", inputs, kernel_shape=filters.shape[2:], strides=[stride] * 2, pads=[edge] * 4)

    left = iter(layers)
    last = node("Relu", [convolve("picture", *next(left), 2, 0)])
    last = node("MaxPool", [last], kernel_shape=[3, 3], strides=[2, 2])
    side, before = 35, 32
    for channels, blocks, halves in _LEVELS:
        for number in range(blocks):
            halved = halves and number == 0
            given = last
            found = node("Relu", [convolve(given, *next(left), *((2, 0) if halved else (1, 1)))])
            found = convolve(found, *next(left), 1, 1)
            if halved:
                mean = np.zeros((channels, before, 2, 2), np.float32)
                mean[np.arange(before), np.arange(before)] = 0.25
                given = convolve(given, mean, np.zeros(channels, np.float32), 2, 0)
                short = side // 2 - ((side - 3) // 2 + 1)
                if short:
                    found = node("Pad", [found], pads=[0, 0, 0, 0, 0, 0, short, short])
                side //= 2
            last = node("Relu", [node("Add", [found, given])])
            before = channels
    last = node("Flatten", [node("GlobalAveragePool", [last])])
    filters, offsets = next(left)
    node("Gemm", [last, keep(filters), keep(offsets)], transB=[1])
    ends = _field(11, _value("picture", (1, 3, SIDE_PX, SIDE_PX))) + _field(12, _value(f"n{count}", (1, PLACE_SIZE)))
    whole = b"".join(graph) + _field(2, b"identity") + b"".join(held) + ends
    return _field(1, 4) + _field(7, whole) + _field(8, _field(2, 9))


def _field(number: int, value: int | bytes) -> bytes:
    """Write a field of a protocol buffer."""
    if isinstance(value, bytes):
        return _varint(number << 3 | 2) + _varint(len(value)) + value
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 127:
        made.append(value & 127 | 128)
        value >>= 7
    return bytes([*made, value])


def _attribute(name: str, value: Sequence[int]) -> bytes:
    if name.startswith("trans"):
        return _field(5, _field(1, name.encode()) + _field(3, value[0]) + _field(20, 2))
    return _field(5, _field(1, name.encode()) + b"".join(_field(8, one) for one in value) + _field(20, 7))


def _value(name: str, sizes: Sequence[int]) -> bytes:
    shape = b"".join(_field(1, _field(1, size)) for size in sizes)
    return _field(1, name.encode()) + _field(2, _field(1, _field(1, 1) + _field(2, shape)))
