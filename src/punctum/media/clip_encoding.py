"""Encodes a clip's picture and sound: what plays everywhere, in the film's own shape and times.

Conventions: H.264 and AAC, VP9 and Opus in WebM; eight bits, 4:2:0, square or the film's own pixels, even sides; HDR is
brought to SDR as for the measures, interlaced film is deinterlaced, a turned picture is set upright. Stamps are the
film's, less the first frame's.
"""

from fractions import Fraction
from itertools import pairwise
from typing import Any

import av
import av.error
import numpy as np
from av.filter import Graph
from av.video.reformatter import ColorRange, Interpolation
from numpy.typing import NDArray

from punctum.media.sound import read_sound
from punctum.media.source import Source
from punctum.media.tonemap import tone_map

_OPTIONS = {
    "libx264": {"preset": "veryfast", "crf": "18"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "6", "crf": "24", "b": "0", "row-mt": "1"},
}
_SOUND_STEP_S = 10.0


def picture_of(source: Source, frame: Any) -> NDArray[np.uint8]:
    """A frame as it is seen: RGB uint8 (h, w, 3), upright, square pixels, SDR; bars stay."""
    aspect = source.film.pixel_aspect if source.film.rotation_deg % 180 == 0 else 1 / source.film.pixel_aspect
    wide = max(1, round(frame.width * max(Fraction(1), aspect)))
    high = max(1, round(frame.height / min(Fraction(1), aspect)))
    picture = _rgb(source, frame, wide, high)
    return np.ascontiguousarray(np.rot90(picture, -(source.film.rotation_deg // 90)))


def _rgb(source: Source, frame: Any, wide: int, high: int) -> NDArray[np.uint8]:
    mapped = source.transfer != "sdr" or source.wide
    kind = "rgb48le" if mapped else "rgb24"
    flags = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
    raw = frame.reformat(wide, high, kind, dst_color_range=ColorRange.JPEG, interpolation=flags).to_ndarray()
    picture: NDArray[np.uint8] = tone_map(raw, source.transfer) if mapped else raw
    return picture


class PictureEncoder:
    """Takes decoded frames, and writes those of the clip."""

    def __init__(self, source: Source, out: Any, suffix: str, long_px: int | None, first: int, after: int) -> None:
        self._source, self._out = source, out
        self._first, self._after = first, after
        self._codec = "libvpx-vp9" if suffix == ".webm" else "libx264"
        self._long_px = long_px
        self.stream: Any = None
        self._graph: Graph | None = None
        self._shape = (0, 0)

    def take(self, frame: Any, pts: int) -> None:
        """Take the next frame of the film; those outside the clip only help to deinterlace."""
        if not self._source.interlaced:
            if self._first <= pts < self._after:
                self._write(frame, pts)
            return
        frame.pts, frame.time_base = pts, self._source.time_base
        if self._graph is None:
            self._graph = _deinterlacer(frame, self._source.time_base)
        self._graph.vpush(frame)
        self._pull()

    def _pull(self) -> None:
        assert self._graph is not None
        while True:
            try:
                made = self._graph.vpull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            pts = round(
                int(made.pts or 0) * Fraction(made.time_base or 1) / self._source.time_base
            )  # it counts half ticks
            if self._first <= pts < self._after:
                self._write(made, pts)

    def finish(self) -> None:
        """Write what is still held."""
        if self._graph is not None:
            self._graph.vpush(None)
            self._pull()
        if self.stream is not None:
            self._out.mux(self.stream.encode(None))

    def _write(self, frame: Any, pts: int) -> None:
        made = self._shaped(frame)
        made.pts, made.time_base = pts - self._first, self._source.time_base
        made.pict_type = 0  # the film's own kinds of frames are not asked for again
        self._out.mux(self.stream.encode(made))

    def open(self, frame: Any) -> None:
        """Make the stream, from the first frame that is decoded."""
        source = self._source
        turned = source.film.rotation_deg % 180 != 0
        wide, high = (frame.height, frame.width) if turned else (frame.width, frame.height)
        scale = min(1.0, self._long_px / max(wide, high)) if self._long_px else 1.0
        self._shape = (max(2, 2 * round(wide * scale / 2)), max(2, 2 * round(high * scale / 2)))
        rate = Fraction(1) / (source.nominal_ticks * source.time_base)
        stream = self._out.add_stream(
            self._codec, rate=min(max(rate, Fraction(1)), Fraction(1000)), options=_OPTIONS[self._codec]
        )
        stream.width, stream.height = self._shape
        stream.pix_fmt = "yuv420p"
        stream.time_base = source.time_base
        stream.codec_context.time_base = source.time_base
        stream.sample_aspect_ratio = source.film.pixel_aspect
        context = stream.codec_context
        context.flags |= av.codec.context.Flags.bitexact
        if source.transfer != "sdr" or source.wide:
            context.color_primaries = context.color_trc = context.colorspace = 1
        else:
            context.color_primaries, context.color_trc = int(frame.color_primaries), int(frame.color_trc)
            context.colorspace = int(frame.colorspace)
        context.color_range = 1
        self.stream = stream

    def _shaped(self, frame: Any) -> Any:
        wide, high = self._shape
        source = self._source
        plain = source.transfer == "sdr" and not source.wide and not source.film.rotation_deg
        if plain and (frame.width, frame.height) == self._shape and frame.format.name == "yuv420p":
            return frame
        flags = Interpolation.BICUBIC | Interpolation.ACCURATE_RND
        if plain:
            return frame.reformat(wide, high, "yuv420p", dst_color_range=ColorRange.MPEG, interpolation=flags)
        turns = source.film.rotation_deg // 90
        size = (high, wide) if turns % 2 else (wide, high)
        picture = np.ascontiguousarray(np.rot90(_rgb(source, frame, *size), -turns))
        made = av.VideoFrame.from_ndarray(picture, format="rgb24")
        matrix = 1 if source.transfer != "sdr" or source.wide else int(frame.colorspace)
        return made.reformat(
            format="yuv420p",
            dst_colorspace=matrix if matrix in (1, 5, 6, 7, 9) else 5,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
            interpolation=flags,
        )


def _deinterlacer(frame: Any, base: Fraction) -> Graph:
    graph = Graph()
    graph.threads = 1
    shape = f"video_size={frame.width}x{frame.height}:pix_fmt={frame.format.name}"
    place = graph.add("buffer", f"{shape}:time_base={base.numerator}/{base.denominator}:pixel_aspect=1/1")
    graph.link_nodes(place, graph.add("bwdif", "mode=send_frame:deint=interlaced"), graph.add("buffersink")).configure()
    return graph


class SoundEncoder:
    """Encodes the film's sound of a span, sample for sample: AAC, or Opus in WebM.

    It is made before anything is written, since a file's streams stand in its head.
    """

    def __init__(self, source: Source, start_s: float, end_s: float, out: Any, suffix: str) -> None:
        film = source.film
        self._out, self._rate, self._at = out, film.sample_rate_hz, 0
        name, rate = ("libopus", 48000) if suffix == ".webm" else ("aac", min(max(self._rate, 8000), 96000))
        layouts = {1: "mono", 2: "stereo", 6: "5.1"}
        channels = len(film.channels)
        self._layout = layouts.get(channels, f"{channels}c")
        self._stream = out.add_stream(name, rate=rate, layout=layouts.get(channels, "stereo"))
        context = self._stream.codec_context
        context.bit_rate = 96_000 * context.layout.nb_channels
        context.flags |= av.codec.context.Flags.bitexact
        self._resampler = av.AudioResampler(context.format, context.layout, rate, frame_size=context.frame_size or 0)
        steps = np.append(np.arange(start_s, end_s, _SOUND_STEP_S), end_s).tolist()
        self._pieces = read_sound(source, list(pairwise(steps)))

    def up_to(self, time_s: float) -> None:
        """Write what is heard up to a time of the clip."""
        while self._at <= time_s * self._rate:
            piece = next(self._pieces, None)
            if piece is None:
                return
            samples = np.ascontiguousarray(piece.sound.T).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(samples, format="flt", layout=self._layout)
            frame.sample_rate, frame.pts, frame.time_base = self._rate, self._at, Fraction(1, self._rate)
            self._at += piece.sound.shape[1]
            for made in self._resampler.resample(frame):
                self._out.mux(self._stream.encode(made))

    def finish(self) -> None:
        """Write all that is left."""
        self.up_to(float("inf"))
        for made in self._resampler.resample(None):
            self._out.mux(self._stream.encode(made))
        self._out.mux(self._stream.encode(None))
