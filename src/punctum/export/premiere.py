"""Final Cut Pro 7's XML (xmeml), which Premiere imports: a sequence with a clip a shot, its sound, and markers.

Conventions: positions are frames; ``in`` and ``out`` of a clip count from the file's first frame, markers from the
sequence's. Source: Apple, Final Cut Pro XML Interchange Format, version 4.
"""

import xml.etree.ElementTree as ET

from punctum.export import xml
from punctum.export.timecode import format_timecode
from punctum.export.timeline import Clip, Timeline


def write_premiere(timeline: Timeline) -> tuple[str, list[str]]:
    """Write a film's shots and markers as a sequence.

    Returns
    -------
    text : str
    remarks : list of str
    """
    root = ET.Element("xmeml", version="4")
    sequence = xml.add(root, "sequence", id="sequence-1")
    xml.add(sequence, "name", timeline.title)
    xml.add(sequence, "duration", timeline.length)
    _rate(sequence, timeline)
    _timecode(sequence, timeline, 0)
    media = xml.add(sequence, "media")
    video = xml.add(media, "video")
    shape = xml.add(xml.add(video, "format"), "samplecharacteristics")
    _rate(shape, timeline)
    xml.add(shape, "width", timeline.width_px)
    xml.add(shape, "height", timeline.height_px)
    xml.add(shape, "pixelaspectratio", "square")
    track = xml.add(video, "track")
    for clip in timeline.clips:
        _clip(track, timeline, clip, "v", 0)
    if timeline.sound:
        audio = xml.add(media, "audio")
        for channel in range(1, min(timeline.channels, 8) + 1):
            track = xml.add(audio, "track")
            for clip in timeline.clips:
                _clip(track, timeline, clip, f"a{channel}", channel)
    for mark in timeline.marks:
        one = xml.add(sequence, "marker")
        xml.add(one, "comment", mark.comment)
        xml.add(one, "name", mark.name)
        xml.add(one, "in", mark.start)
        xml.add(one, "out", mark.end if mark.end > mark.start + 1 else -1)
    remarks = []
    if timeline.clock.rate.fps.denominator not in (1, 1001):
        remarks.append(
            f"the rate was written as {timeline.clock.rate.count}: the format has whole ones and NTSC's only"
        )
    return xml.document(root, "xmeml"), remarks


def _rate(parent: ET.Element, timeline: Timeline) -> None:
    rate = xml.add(parent, "rate")
    xml.add(rate, "timebase", timeline.clock.rate.count)
    xml.add(rate, "ntsc", "TRUE" if timeline.clock.rate.fps.denominator == 1001 else "FALSE")


def _timecode(parent: ET.Element, timeline: Timeline, frame: int) -> None:
    code = xml.add(parent, "timecode")
    _rate(code, timeline)
    xml.add(code, "string", format_timecode(frame, timeline.clock.rate))
    xml.add(code, "frame", frame)
    xml.add(code, "displayformat", "DF" if timeline.clock.rate.drop else "NDF")


def _clip(track: ET.Element, timeline: Timeline, clip: Clip, kind: str, channel: int) -> None:
    one = xml.add(track, "clipitem", id=f"{kind}-{clip.shot}")
    xml.add(one, "name", f"shot {clip.shot}")
    xml.add(one, "duration", timeline.length)
    _rate(one, timeline)
    for name, value in (("start", clip.start), ("end", clip.end), ("in", clip.start), ("out", clip.end)):
        xml.add(one, name, value)
    file = xml.add(one, "file", id="file-1")
    if clip is timeline.clips[0] and not channel:  # said once, then named by its id
        _file(file, timeline)
    if channel:
        source = xml.add(one, "sourcetrack")
        xml.add(source, "mediatype", "audio")
        xml.add(source, "trackindex", channel)
    if timeline.sound:
        for other in ("v", *(f"a{n}" for n in range(1, min(timeline.channels, 8) + 1))):
            link = xml.add(one, "link")
            xml.add(link, "linkclipref", f"{other}-{clip.shot}")
    note = xml.add(one, "comments")
    xml.add(note, "mastercomment1", f"begins: {clip.begins}" + (f"; scale: {clip.scale}" if clip.scale else ""))


def _file(file: ET.Element, timeline: Timeline) -> None:
    xml.add(file, "name", timeline.media_name)
    xml.add(file, "pathurl", timeline.media)
    _rate(file, timeline)
    xml.add(file, "duration", timeline.length)
    _timecode(file, timeline, timeline.start)
    if timeline.reel:
        code = file.find("timecode")
        assert code is not None
        xml.add(xml.add(code, "reel"), "name", timeline.reel)
    media = xml.add(file, "media")
    shape = xml.add(xml.add(media, "video"), "samplecharacteristics")
    xml.add(shape, "width", timeline.width_px)
    xml.add(shape, "height", timeline.height_px)
    for _ in range(min(timeline.channels, 8) if timeline.sound else 0):
        audio = xml.add(media, "audio")
        xml.add(audio, "channelcount", 1)
