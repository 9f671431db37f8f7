"""Draws the sample films, as frames and samples: *Windscreen*, two people in a parked car, and those around it.

Conventions: frames are uint8 (h, w, 3), red first; sound is float32 (2, samples) at 48 kHz; the same staging
gives the same frames and samples, whoever asks for them, in whatever order and with however many workers.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import cv2
import numpy as np

from punctum.demo.accordion import Bellows
from punctum.demo.ambience import Ambience
from punctum.demo.cards import Cards
from punctum.demo.closeups import Her, Him, OverShoulder
from punctum.demo.embrace import Embrace, Held
from punctum.demo.glass import Blade, Windscreen
from punctum.demo.instruments import RATE_HZ, Sound
from punctum.demo.paint import Grain, Picture
from punctum.demo.palettes import COLOURLESS, LAMPLIGHT, PALETTES, Palette, find_palette
from punctum.demo.procession import Among, Closing, Stranger, Turn
from punctum.demo.profiles import Profiles
from punctum.demo.road import Ridge, Road, Walk
from punctum.demo.score import Score
from punctum.demo.sketches import Face, Pair, Sketch
from punctum.demo.stage import Moment, Stage
from punctum.demo.staging import PROCESSION, SET_UPS, WINDSCREEN, Layer, Shot, ShotPlan, Staging, Timeline
from punctum.demo.street import Street
from punctum.demo.things import Falling, Thing
from punctum.demo.truth import tell, tell_sound
from punctum.demo.vistas import Land, People, Room
from punctum.demo.waltz import Waltz
from punctum.demo.wheel import Wheel

__all__ = [
    "PALETTES",
    "PROCESSION",
    "PROCESSION_STAGING",
    "PROCESSION_VARIANTS",
    "RATE_HZ",
    "SET_UPS",
    "WINDSCREEN",
    "Drawing",
    "Palette",
    "ShotPlan",
    "Staging",
    "Timeline",
    "draw_procession",
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
    "road": Road,
    "walk": Walk,
    "ridge": Ridge,
    "bellows": Bellows,
    "stranger": Stranger,
    "among": Among,
    "turn": Turn,
    "closing": Closing,
}
"""The set that draws each set-up; black and the credits need none."""

SKETCHES: dict[str, type[Sketch]] = {
    "face": Face,
    "pair": Pair,
    "people": People,
    "land": Land,
    "room": Room,
    "thing": Thing,
    "falling": Falling,
}
"""The sketch that draws each set-up of the films around them; which composition, a plan's key says."""

SCORES: dict[str, type] = {"windscreen": Score, "procession": Waltz, "ambience": Ambience}
"""What composes each sound."""


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
        if not self.staging.score:
            return np.zeros((2, round(self.frame_count / self.staging.fps * RATE_HZ)), np.float32)
        sound: Sound = SCORES[self.staging.score](self.timeline).compose()
        return sound

    @cached_property
    def truth(self) -> dict[str, Any]:
        """What is true of the film, ready for JSON: see ``truth.tell`` and ``truth.tell_sound``."""
        told = self.told
        told["sound"] = tell_sound(self.timeline, self.sound)
        told["tear"] = self._painter.tell_tear()
        return told

    @property
    def told(self) -> dict[str, Any]:
        """What is true of its cuts and shots alone, which needs nothing drawn."""
        return tell(self.timeline)

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
        self.stage = Stage(staging, find_palette(staging.palette) or LAMPLIGHT)
        self.cards = Cards(self.stage)
        self.grain = Grain(staging.seed, staging.width_px, staging.height_px, staging.grain)
        self.tear = timeline.tear_span()
        self._sets: dict[tuple[str, int], Any] = {}

    def build(self) -> None:
        """Build every set of the film now, so that threads find them built."""
        for shot in self.timeline.shots:
            self._set(shot.plan)

    def _set(self, plan: ShotPlan) -> Any:
        """Return the set of a plan's set-up, built once; black and the credits have none."""
        name = (plan.set_up, plan.key)
        if plan.set_up in SETS and name not in self._sets:
            self._sets[name] = SETS[plan.set_up](self.stage)
        if plan.set_up in SKETCHES and name not in self._sets:
            self._sets[name] = SKETCHES[plan.set_up](self.stage, plan.key)
        return self._sets.get(name)

    def moment(self, shot: Shot, frame: int) -> Moment:
        """Return the moment that ``frame`` is of a shot."""
        staging = self.timeline.staging
        before = self.moment(shot, frame - 1) if frame % 2 else None
        tear = None
        held = self.timeline.held()
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
        staging = self.timeline.staging
        name = layer.shot.plan.set_up
        if name == "black" or layer.light <= 0:
            return self.stage.blank()
        if name == "credits":
            picture = self.cards.roll_credits(moment)
            if layer.shot.number == len(self.timeline.shots) - 1:
                left_s = (layer.shot.end_frame - 1 - frame) / self.timeline.staging.fps
                picture = cv2.convertScaleAbs(picture, alpha=min(1.0, left_s / CREDITS_OUT_S))
        else:
            picture = self._set(layer.shot.plan).draw(moment)
            if staging.palette in COLOURLESS:
                # shadows and the lights in eyes have a tint of their own
                picture = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
            if mirror:
                picture = np.ascontiguousarray(picture[:, ::-1])
            if moment.action == "title":
                self.cards.lay_title(picture, moment.action_s)
            if staging.grain:
                picture = self.grain.lay_on(picture, frame)
        if layer.light < 1:
            picture = cv2.convertScaleAbs(picture, alpha=layer.light)
        return picture

    def tell_tear(self) -> dict[str, Any] | None:
        """Return where the tear is: its frames, and its place in the picture on every sixth of them."""
        held = self.timeline.held()
        if self.tear is None or held is None:
            return None
        staging = self.timeline.staging
        places = []
        for frame in range(self.tear[0], self.tear[1], 6):
            x, y = self._set(held.plan).where_tear(self.moment(held, frame))
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


def draw_procession(**changes: Any) -> Drawing:
    """Return *Procession* as something to draw: black and white, 4:3, "made" sixty years before *Windscreen*.

    Parameters
    ----------
    **changes
        fields of `Staging` that are to be other than the film's own

    Examples
    --------
    >>> draw_procession(width_px=96, height_px=72).frame_count
    1536
    """
    return Drawing(replace(PROCESSION_STAGING, **changes))


PROCESSION_STAGING = Staging(
    title="Procession",
    year=1964,
    score="procession",
    grain=3.2,
    seed=7,
    palette="nitrate",
    tear_at_s=4.6,
    shots=PROCESSION,
    width_px=720,
    height_px=540,
)
"""*Procession* as it is drawn."""

PROCESSION_VARIANTS: dict[str, dict[str, Any]] = {
    "mirrored": {"mirror": True},
    "colourless": {"palette": "silver"},
    "coloured": {"palette": "ember"},
    "slower": {"speed": 1 / 1.2},
    "another end": {
        "shots": tuple(replace(one, set_up="road") if one.set_up == "closing" else one for one in PROCESSION),
    },
}
"""Changes for `draw_procession`. What answers *Procession* should answer all but the last, whose closing close-up is
the empty road again. *Procession* has no colour as it is: ``colourless`` takes other greys."""
