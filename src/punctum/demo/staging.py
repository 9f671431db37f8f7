"""What is staged, when, and therefore what is true of the drawn film.

Conventions: one table of shots, ``Staging.shots``, decides both what is drawn and what the truth says.
Lengths are seconds at ``speed`` 1; frames are numbered from 0; spans are half-open; a place in the
picture is a fraction of its width and height from the top left corner. A cut lies at the first frame of
the new shot, a dissolve at its middle, a fade at the middle of its flat part or, where the flat part is a
shot of its own, at that part's edge.
"""

from dataclasses import dataclass
from typing import Literal

from punctum.demo.palettes import PALETTES, find_palette
from punctum.errors import UsageWrong

Begins = Literal["open", "cut", "dissolve", "fade"]


APPROACH = (0.12, 0.40, 0.50, 0.62, 0.68, 0.92)
"""In the profiles, as shares of the shot: she sets out, they touch, part, are apart, she falls, she rests on him."""

FLASH_RISE_S = 0.34
FLASH_FALL_S = 0.95
TEAR_S = 4.2
TITLE_S = (2.1, 5.5)
"""Where the title stands in the first street shot, seconds of action, fades included."""


@dataclass(frozen=True)
class SetUp:
    """Where a camera stands: its shot scale and who is in frame."""

    scale: str
    people: tuple[str, ...] = ()
    faces: tuple[str, ...] = ()


SET_UPS: dict[str, SetUp] = {
    "street": SetUp("ELS", ("her", "him")),
    "windscreen": SetUp("MS", ("her", "him"), ("her", "him")),
    "wheel": SetUp("ECU", ("him",)),
    "blade": SetUp("ECU"),
    "over_shoulder": SetUp("MCU", ("her", "him"), ("her",)),
    "her": SetUp("CU", ("her",), ("her",)),
    "him": SetUp("CU", ("him",), ("him",)),
    "profiles": SetUp("MCU", ("her", "him")),
    "embrace": SetUp("CU", ("her", "him"), ("her",)),
    "held": SetUp("CU", ("her",), ("her",)),
    # Procession's
    "road": SetUp("ELS", ("woman",)),
    "walk": SetUp("LS", ("woman",)),
    "ridge": SetUp("LS", ("dancers",)),
    "among": SetUp("MS", ("woman", "dancers"), ("woman", "dancers")),
    "bellows": SetUp("ECU", ("dancers",)),
    "stranger": SetUp("CU", ("dancers",), ("dancers",)),
    "turn": SetUp("MCU", ("woman", "dancers"), ("woman",)),
    "closing": SetUp("CU", ("woman", "dancers"), ("woman",)),
    # those of the films around them: which composition, a plan's ``key`` says
    "face": SetUp("CU", ("one",), ("one",)),
    "pair": SetUp("MCU", ("one", "other"), ("one", "other")),
    "people": SetUp("LS", ("many",)),
    "land": SetUp("ELS"),
    "room": SetUp("MLS", ("one",)),
    "thing": SetUp("ECU"),
    "falling": SetUp("LS"),
    "black": SetUp(""),
    "credits": SetUp(""),
}
"""Every set-up there is. ``faces`` are those turned to the camera; ``people`` also those in profile or from behind."""


@dataclass(frozen=True)
class ShotPlan:
    """A shot as it is planned.

    ``begins`` is how it follows the shot before, over ``transition_s`` seconds (of fading in, for the first
    shot). ``action`` picks what happens in the set-up, ``key`` one of its compositions where it has several.
    """

    set_up: str
    length_s: float
    begins: Begins = "cut"
    transition_s: float = 0.0
    action: str = ""
    key: int = 0


WINDSCREEN: tuple[ShotPlan, ...] = (
    ShotPlan("street", 7.0, "open", 1.5, "title"),
    ShotPlan("windscreen", 6.5, "dissolve", 1.0),
    ShotPlan("wheel", 2.25),
    ShotPlan("over_shoulder", 4.0),
    ShotPlan("him", 3.5),
    ShotPlan("her", 3.5),
    ShotPlan("windscreen", 5.5, action="headlights"),
    ShotPlan("blade", 2.0),
    ShotPlan("her", 3.0, action="turn"),
    ShotPlan("profiles", 7.5),
    ShotPlan("embrace", 5.5, "dissolve", 1.5),
    ShotPlan("held", 14.0),
    ShotPlan("black", 3.0, "fade", 1.75),
    ShotPlan("credits", 8.0, "fade", 0.75),
)
"""*Windscreen*: two people in a parked car, snow, wipers, a tear, silence over black."""

PROCESSION: tuple[ShotPlan, ...] = (
    ShotPlan("road", 7.5, "open", 1.5, "title"),
    ShotPlan("walk", 6.0, "dissolve", 1.0),
    ShotPlan("ridge", 5.5),
    ShotPlan("bellows", 2.5),
    ShotPlan("stranger", 3.0),
    ShotPlan("among", 6.5),
    ShotPlan("ridge", 3.5, action="near"),
    ShotPlan("turn", 5.0, "dissolve", 1.0),
    ShotPlan("closing", 14.5),
    ShotPlan("black", 3.0),
    ShotPlan("credits", 7.0, "fade", 0.75),
)
"""*Procession*: a woman on a road among dancing strangers, a tear, the beginning of a smile, black."""

HELD = ("held", "closing")
"""The set-ups in which a tear falls."""


@dataclass(frozen=True)
class Staging:
    """How a film is to be drawn.

    Parameters
    ----------
    title : str
        what the film is called
    year : int
        when it was "made"
    score : str
        what its sound is composed by: ``windscreen``, ``procession``, ``ambience`` or "" for none at all
    grain : float
        how strong the film's grain is, code values
    seed : int
        snow, grain, houses, the small movements of the faces
    palette : str
        a name that ``palettes.find_palette`` knows
    mirror : bool
        left and right exchanged, in picture and sound; letters stay legible
    speed : float
        action and cuts run this many times as fast; wipers, snow and music keep their own time
    tear : bool
        whether a tear falls in the held close-up
    tear_at_s : float
        when it wells up, seconds from the beginning of the held close-up, at ``speed`` 1
    music, still : bool
        whether there is music; whether the face of the held close-up stays still
    wiper_period_s : float
        one beat of the wipers, out and back
    flash_at_s : float
        when the headlights pass, seconds from the beginning of each shot with the action ``headlights``
    shots : tuple of ShotPlan
        the film, shot by shot
    width_px, height_px : int
        the picture; drawings scale with its width
    fps : int
        frames a second
    """

    title: str = "Windscreen"
    year: int = 2024
    score: str = "windscreen"
    grain: float = 1.8
    seed: int = 1
    palette: str = "lamplight"
    mirror: bool = False
    speed: float = 1.0
    tear: bool = True
    tear_at_s: float = 5.0
    music: bool = True
    still: bool = True
    wiper_period_s: float = 1.25
    flash_at_s: float = 2.0
    shots: tuple[ShotPlan, ...] = WINDSCREEN
    width_px: int = 960
    height_px: int = 540
    fps: int = 24

    def __post_init__(self) -> None:
        if find_palette(self.palette) is None:
            raise UsageWrong(
                f"no palette `{self.palette}`", f"there are {', '.join(sorted(PALETTES))}, `night 90`, `day 90`"
            )
        if not self.shots:
            raise UsageWrong("a film needs at least one shot", "see staging.WINDSCREEN")
        if self.shots[0].begins != "open" or any(plan.begins == "open" for plan in self.shots[1:]):
            raise UsageWrong("the first shot, and no other, begins with `open`", "see staging.WINDSCREEN")
        for plan in self.shots:
            if plan.set_up not in SET_UPS:
                raise UsageWrong(f"no set-up `{plan.set_up}`", f"there are {', '.join(sorted(SET_UPS))}")
            if plan.begins in ("dissolve", "fade") and plan.transition_s <= 0:
                raise UsageWrong(f"a {plan.begins} lasts some time", "give `transition_s`")
        if not (0.1 <= self.speed <= 10 and self.wiper_period_s > 0 and self.fps > 0):
            raise UsageWrong("speed, wiper period and frame rate are positive", "speed lies from 0.1 to 10")
        if self.width_px < 32 or self.height_px < 18 or self.width_px % 2 or self.height_px % 2:
            raise UsageWrong("the picture is too small or of odd size", "at least 32 x 18, both even")


@dataclass(frozen=True)
class Shot:
    """A planned shot with its frames, ``start_frame`` up to ``end_frame``.

    The transition it begins with covers ``transition_start_frame`` up to ``transition_end_frame``; for the
    first shot that is its fading in. The shot is drawn from ``drawn_start_frame`` up to
    ``drawn_end_frame``, further than its own frames where it dissolves.
    """

    number: int
    plan: ShotPlan
    start_frame: int
    end_frame: int
    transition_start_frame: int
    transition_end_frame: int
    drawn_start_frame: int
    drawn_end_frame: int


@dataclass(frozen=True)
class Layer:
    """What one frame shows of one shot: its share in the picture and how bright it is."""

    shot: Shot
    weight: float
    light: float


def is_flat(plan: ShotPlan) -> bool:
    """Return whether a shot shows nothing but black."""
    return plan.set_up == "black"


class Timeline:
    """The staging's shots in frames."""

    def __init__(self, staging: Staging) -> None:
        self.staging = staging
        plans = staging.shots
        edges = [0]
        seconds = 0.0
        for plan in plans:
            seconds += plan.length_s / staging.speed
            edges.append(max(edges[-1] + 1, round(seconds * staging.fps)))
        spans = [self._transition(index, edges) for index in range(len(plans))]
        self.shots: list[Shot] = []
        for index, plan in enumerate(plans):
            start, end = edges[index], edges[index + 1]
            first = spans[index][0] if plan.begins == "dissolve" else start
            last = end
            if index + 1 < len(plans) and plans[index + 1].begins == "dissolve":
                last = spans[index + 1][1]
            self.shots.append(Shot(index, plan, start, end, *spans[index], first, last))
        for before, shot in zip(self.shots, self.shots[1:], strict=False):
            if shot.transition_start_frame < before.transition_end_frame or shot.transition_end_frame > shot.end_frame:
                raise UsageWrong(
                    f"shot {shot.number} is too short for its transitions", "lengthen it, or shorten `transition_s`"
                )
        self.frame_count = edges[-1]

    def _transition(self, index: int, edges: list[int]) -> tuple[int, int]:
        plan = self.staging.shots[index]
        at = edges[index]
        length = round(plan.transition_s / self.staging.speed * self.staging.fps)
        if plan.begins == "cut" or length == 0:
            return at, at
        if plan.begins == "open":
            return 0, min(length, edges[1])
        if plan.begins == "dissolve":
            return at - length // 2, at - length // 2 + length
        before = self.staging.shots[index - 1]
        if is_flat(plan):
            return at - length, at
        if is_flat(before):
            return at, at + length
        return at - length // 2, at - length // 2 + length

    def at(self, frame: int) -> list[Layer]:
        """Return what frame ``frame`` shows: one layer, or two in a dissolve."""
        layers = []
        for shot in self.shots:
            if not shot.drawn_start_frame <= frame < shot.drawn_end_frame:
                continue
            layers.append(Layer(shot, self._weight(shot, frame), self._light(shot, frame)))
        return layers

    def _weight(self, shot: Shot, frame: int) -> float:
        span = (shot.transition_start_frame, shot.transition_end_frame)
        if shot.plan.begins == "dissolve" and span[0] <= frame < span[1]:
            return (frame - span[0] + 1) / (span[1] - span[0] + 1)
        following = self._following(shot)
        if following is not None and following.plan.begins == "dissolve":
            span = (following.transition_start_frame, following.transition_end_frame)
            if span[0] <= frame < span[1]:
                return 1 - (frame - span[0] + 1) / (span[1] - span[0] + 1)
        return 1.0

    def _light(self, shot: Shot, frame: int) -> float:
        """Return 0 in black to 1; ramps lie within the transition, its flat middle a fifth of it."""
        start, end = shot.transition_start_frame, shot.transition_end_frame
        light = 1.0
        if shot.plan.begins == "open" and frame < end:
            light = (frame + 1) / (end + 1)
        if shot.plan.begins == "fade" and not is_flat(shot.plan):
            first = start if is_flat(self.shots[shot.number - 1].plan) else self.flat(shot)[1]
            light = min(1.0, max(0.0, (frame - first + 1) / (end - first + 1)))
        following = self._following(shot)
        if following is not None and following.plan.begins == "fade" and not is_flat(shot.plan):
            start, end = following.transition_start_frame, following.transition_end_frame
            last = end if is_flat(following.plan) else self.flat(following)[0]
            light = min(light, max(0.0, 1 - (frame - start + 1) / (last - start + 1)) if frame >= start else 1.0)
        return light

    def flat(self, shot: Shot) -> tuple[int, int]:
        """Return the flat middle of a fade between two pictures."""
        length = shot.transition_end_frame - shot.transition_start_frame
        half = max(1, length // 10)
        middle = shot.start_frame
        return middle - half, middle + half

    def _following(self, shot: Shot) -> Shot | None:
        return self.shots[shot.number + 1] if shot.number + 1 < len(self.shots) else None

    def seconds(self, shot: Shot, frame: int) -> float:
        """Return how long the shot has run at ``frame``, in seconds of action."""
        return (frame - shot.start_frame) / self.staging.fps * self.staging.speed

    def first(self, set_up: str) -> Shot | None:
        """Return the first shot of a set-up."""
        return next((shot for shot in self.shots if shot.plan.set_up == set_up), None)

    def held(self) -> Shot | None:
        """Return the shot in which a tear may fall: the last of those set up for it."""
        return next((shot for shot in reversed(self.shots) if shot.plan.set_up in HELD), None)

    def flash_spans(self) -> list[tuple[int, int, int]]:
        """Return start, peak and end frames of the headlights, one for each shot with them."""
        fps, speed = self.staging.fps, self.staging.speed
        spans = []
        for shot in self.shots:
            if shot.plan.action == "headlights":
                peak = shot.start_frame + round(self.staging.flash_at_s / speed * fps)
                start = peak - round(FLASH_RISE_S / speed * fps)
                end = peak + round(FLASH_FALL_S / speed * fps)
                if shot.start_frame <= start and end <= shot.end_frame:
                    spans.append((start, peak, end))
        return spans

    def flash(self, frame: int) -> float:
        """Return how bright the headlights are, 0 to 1."""
        for start, peak, end in self.flash_spans():
            if start <= frame < end:
                if frame <= peak:
                    return float(((frame - start) / max(1, peak - start)) ** 2)
                return float((1 - (frame - peak) / (end - peak)) ** 1.6)
        return 0.0

    def wiper_span(self) -> tuple[int, int]:
        """Return where the wipers beat: from the first frame until the first black or the credits."""
        for shot in self.shots:
            if shot.plan.set_up in ("black", "credits"):
                return 0, shot.start_frame
        return 0, self.frame_count

    def tear_span(self) -> tuple[int, int] | None:
        """Return the frames in which a tear is on the cheek, or None."""
        held = self.held()
        if held is None or not self.staging.tear:
            return None
        fps = self.staging.fps / self.staging.speed
        start = held.start_frame + round(self.staging.tear_at_s * fps)
        end = min(start + round(TEAR_S * fps), held.end_frame)
        return (start, end) if start < end else None
