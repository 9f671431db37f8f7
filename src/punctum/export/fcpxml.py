"""Final Cut Pro's XML (FCPXML 1.10): a project with a clip a shot and its markers.

Conventions: times are rational seconds, whole multiples of a frame, as Final Cut Pro demands. The project begins at 0;
a clip's own time counts from the file's start time code, and so do the markers in it.

Source: Apple, FCPXML Reference.
"""

import xml.etree.ElementTree as ET
from fractions import Fraction

from punctum.export import xml
from punctum.export.timeline import Mark, Timeline


def write_fcpxml(timeline: Timeline) -> tuple[str, list[str]]:
    """Write a film's shots and markers; scenes are chapter markers.

    Returns
    -------
    text : str
    remarks : list of str
    """
    rate, fps = timeline.clock.rate, timeline.clock.rate.fps

    def seconds(frames: int) -> str:
        time = Fraction(frames) / fps
        return f"{frames * fps.denominator}/{fps.numerator}s" if frames and time.denominator > 1 else f"{time}s"

    frame = seconds(1)
    root = ET.Element("fcpxml", version="1.10")
    resources = xml.add(root, "resources")
    xml.add(
        resources,
        "format",
        id="r1",
        frameDuration=frame,
        width=timeline.width_px,
        height=timeline.height_px,
    )
    asset = xml.add(
        resources,
        "asset",
        id="r2",
        name=timeline.media_name,
        start=seconds(timeline.start),
        duration=seconds(timeline.length),
        hasVideo="1",
        format="r1",
        videoSources="1",
        hasAudio="1" if timeline.sound else None,
        audioSources="1" if timeline.sound else None,
        audioChannels=timeline.channels if timeline.sound else None,
        audioRate=timeline.sample_rate_hz if timeline.sound else None,
    )
    xml.add(asset, "media-rep", kind="original-media", src=timeline.media)
    if timeline.reel:
        note = xml.add(asset, "metadata")
        xml.add(note, "md", key="com.apple.proapps.studio.reel", value=timeline.reel)
    event = xml.add(root, "event", name="Punctum")
    project = xml.add(event, "project", name=timeline.title)
    form = "DF" if rate.drop else "NDF"
    sequence = xml.add(project, "sequence", format="r1", duration=seconds(timeline.length), tcStart="0s", tcFormat=form)
    spine = xml.add(sequence, "spine")
    marks, cut = list(timeline.marks), 0
    for clip in timeline.clips:
        one = xml.add(
            spine,
            "asset-clip",
            ref="r2",
            offset=seconds(clip.start),
            name=f"shot {clip.shot}",
            start=seconds(timeline.start + clip.start),
            duration=seconds(clip.end - clip.start),
            tcFormat=form,
        )
        xml.add(one, "note", f"begins: {clip.begins}" + (f"; scale: {clip.scale}" if clip.scale else ""))
        while marks and marks[0].start < clip.end:
            mark = marks.pop(0)
            lasts = 1 if mark.kind == "scene" else min(mark.end, clip.end) - mark.start
            cut += mark.kind != "scene" and mark.end > clip.end
            _marker(one, mark, seconds(timeline.start + mark.start), seconds(max(1, lasts)))
    remarks = [f"markers that were cut off at the end of a shot, since a clip holds its own: {cut}"] if cut else []
    return xml.document(root, "fcpxml"), remarks


def _marker(clip: ET.Element, mark: Mark, start: str, duration: str) -> None:
    if mark.kind == "scene":
        value = f"{mark.name}: {mark.comment}" if mark.comment else mark.name
        xml.add(clip, "chapter-marker", start=start, duration=duration, value=value, posterOffset="0s")
    else:
        xml.add(clip, "marker", start=start, duration=duration, value=mark.name, note=mark.comment or None)
