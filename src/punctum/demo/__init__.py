"""Draws the sample film, as frames and samples: *Windscreen*, two people in a parked car.

Conventions: frames are uint8 (h, w, 3), red first; sound is float32 (2, samples) at 48 kHz; the same staging
gives the same frames and samples, whoever asks for them, in whatever order and with however many workers.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np

from punctum.demo.cards import Cards
from punctum.demo.closeups import Her, Him, OverShoulder
from punctum.demo.embrace import Embrace, Held
from punctum.demo.glass import Blade, Windscreen
from punctum.demo.instruments import RATE_HZ, Sound
from punctum.demo.paint import Grain, Picture
from punctum.demo.palettes import PALETTES, Palette
from punctum.demo.profiles import Profiles
from punctum.demo.score import Score
from punctum.demo.stage import Moment, Stage
from punctum.demo.staging import SET_UPS, WINDSCREEN, Layer, Shot, ShotPlan, Staging, Timeline
from punctum.demo.street import Street
from punctum.demo.truth import tell, tell_sound
from punctum.demo.wheel import Wheel

__all__ = [
    "PALETTES",
    "RATE_HZ",
    "SET_UPS",
    "WINDSCREEN",
    "Drawing",
    "Palette",
    "ShotPlan",
    "Staging",
    "Timeline",
    "draw_windscreen",
]

SETS: dict[str, type] = {
    "street": Street,
    "windscreen": Windscreen,
    "wheel": Wheel,
    "blade": Blade,
    "over_shoulder": OverShoulder,
    "her": Her,
    "him": Him,
    "profiles": Profiles,
    "embrace": Embrace,
    "held": Held,
}
"""The set that draws each set-up; black and the credits need none."""


@dataclass(frozen=True)
class Drawing:
    """A film that can be drawn.

    Parameters
    ----------
    staging : Staging
        what is drawn
    """

    staging: Staging

    @cached_property
    def timeline(self) -> Timeline:
        """The shots in frames."""
        return Timeline(self.staging)

    @property
    def frame_count(self) -> int:
        """How many frames there are."""
        return self.timeline.frame_count

    @cached_property
    def sound(self) -> Sound:
        """The whole film's sound: float32 (2, samples), 48 kHz, as long as its frames."""
        return Score(self.timeline).compose()

    @cached_property
    def truth(self) -> dict[str, Any]:
        """What is true of the film, ready for JSON: see ``truth.tell`` and ``truth.tell_sound``."""
        told = tell(self.timeline)
        told["sound"] = tell_sound(self.timeline, self.sound)
        told["tear"] = self._painter.tell_tear()
        return told

    @cached_property
    def _painter(self) -> "Painter":
        return Painter(self.timeline)

    def frame(self, number: int) -> Picture:
        """Draw one frame: uint8 (h, w, 3)."""
        return self._painter.paint(number)

    def frames(self, workers: int = 2) -> Iterator[Picture]:
        """Draw all frames in order.

        Parameters
        ----------
        workers : int
            threads that draw; the frames do not depend on it

        Yields
        ------
        picture : np.ndarray [shape=(height_px, width_px, 3), dtype=uint8]
            red first
        """
        painter = self._painter
        if workers <= 1:
            for number in range(self.frame_count):
                yield painter.paint(number)
            return
        painter.build()

        def paint_some(first: int) -> list[Picture]:
            return [painter.paint(number) for number in range(first, min(first + AT_ONCE, self.frame_count))]

        ahead: deque[Future[list[Picture]]] = deque()
        # the workers are threads enough: OpenCV's own would wait for each other
        threads = cv2.getNumThreads()
        cv2.setNumThreads(1)
        with ThreadPoolExecutor(workers) as pool:
            try:
                for first in range(0, self.frame_count, AT_ONCE):
                    ahead.append(pool.submit(paint_some, first))
                    if len(ahead) > 2 * workers:
                        yield from ahead.popleft().result()
                while ahead:
                    yield from ahead.popleft().result()
            finally:
                for future in ahead:
                    future.cancel()
                cv2.setNumThreads(threads)


class Painter:
    """Paints any frame of a timeline; sets are built when they are first needed."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        staging = timeline.staging
        self.stage = Stage(staging, PALETTES[staging.palette])
        self.cards = Cards(self.stage)
        self.grain = Grain(staging.seed, staging.width_px, staging.height_px, 1.8)
        self.tear = timeline.tear_span()
        self._sets: dict[str, Any] = {}

    def build(self) -> None:
        """Build every set of the film now, so that threads find them built."""
        for shot in self.timeline.shots:
            self._set(shot.plan.set_up)

    def _set(self, name: str) -> Any:
        if name in SETS and name not in self._sets:
            self._sets[name] = SETS[name](self.stage)
        return self._sets.get(name)

    def moment(self, shot: Shot, frame: int) -> Moment:
        """Return the moment that ``frame`` is of a shot."""
        staging = self.timeline.staging
        before = self.moment(shot, frame - 1) if frame % 2 else None
        tear = None
        held = self.timeline.first("held")
        if self.tear is not None and shot is held and frame >= self.tear[0]:
            # the drop stays at the jaw once it has come there
            tear = min(1.0, (frame - self.tear[0]) / max(1, self.tear[1] - self.tear[0]))
        return Moment(
            frame=frame,
            clock_s=frame / staging.fps,
            action_s=self.timeline.seconds(shot, frame),
            share=(frame - shot.start_frame) / (shot.end_frame - shot.start_frame),
            length_s=(shot.end_frame - shot.start_frame) / staging.fps,
            flash=self.timeline.flash(frame),
            action=shot.plan.action,
            tear=tear,
            before=before,
        )

    def paint(self, frame: int) -> Picture:
        """Paint one frame."""
        mirror = self.timeline.staging.mirror
        layers = self.timeline.at(frame)
        if len(layers) == 1:
            return self._layer(layers[0], frame, mirror)
        first, second = (self._layer(layer, frame, mirror) for layer in layers[:2])
        return cv2.addWeighted(first, layers[0].weight, second, layers[1].weight, 0)

    def _layer(self, layer: Layer, frame: int, mirror: bool) -> Picture:
        moment = self.moment(layer.shot, frame)
        name = layer.shot.plan.set_up
        if name == "black" or layer.light <= 0:
            return self.stage.blank()
        if name == "credits":
            picture = self.cards.roll_credits(moment)
            if layer.shot.number == len(self.timeline.shots) - 1:
                left_s = (layer.shot.end_frame - 1 - frame) / self.timeline.staging.fps
                picture = cv2.convertScaleAbs(picture, alpha=min(1.0, left_s / CREDITS_OUT_S))
        else:
            picture = self._set(name).draw(moment)
            if mirror:
                picture = np.ascontiguousarray(picture[:, ::-1])
            if moment.action == "title":
                self.cards.lay_title(picture, moment.action_s)
            picture = self.grain.lay_on(picture, frame)
        if layer.light < 1:
            picture = cv2.convertScaleAbs(picture, alpha=layer.light)
        return picture

    def tell_tear(self) -> dict[str, Any] | None:
        """Return where the tear is: its frames, and its place in the picture on every sixth of them."""
        held = self.timeline.first("held")
        if self.tear is None or held is None:
            return None
        staging = self.timeline.staging
        places = []
        for frame in range(self.tear[0], self.tear[1], 6):
            x, y = self._set("held").where_tear(self.moment(held, frame))
            places.append({"frame": frame, "x": round(1 - x if staging.mirror else x, 4), "y": round(y, 4)})
        return {"start_frame": self.tear[0], "end_frame": self.tear[1], "shot": held.number, "places": places}


AT_ONCE = 4
"""Frames that a worker draws in one go: an even number, since figures stand for two."""

CREDITS_OUT_S = 0.8
"""The credits fade out over the film's last moments."""

Draw = Callable[[Moment], Picture]


def draw_windscreen(staging: Staging | None = None) -> Drawing:
    """Return the sample film as something to draw.

    Parameters
    ----------
    staging : Staging, optional
        how; the sample film itself where left out

    Returns
    -------
    Drawing
        ``.frames()``, ``.sound`` and ``.truth``

    Examples
    --------
    >>> drawing = draw_windscreen(Staging(width_px=96, height_px=54))
    >>> drawing.frame_count
    1806
    """
    return Drawing(staging or Staging())
