"""What a reading costs beside decoding alone: CPU, wall, memory.

``python benchmarks/speed.py [FILM] [--runs 3] [--minutes 10] [--codec libx264] [--height 1080]``. Without a film
one is composed: *Windscreen* enlarged, a key frame every two seconds, its packets repeated to the length asked for.
Each thing is a process of its own; they run in turn, and the ratio of medians to decoding alone is printed.
``--memory`` compares the peaks at 10 and at 120 minutes of the same film instead.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

DECODE = """
import sys, av
with av.open(sys.argv[1]) as film:
    stream = film.streams.video[0]
    stream.thread_type = "AUTO"
    print(sum(1 for _ in film.decode(stream)))
"""


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


def compose(target: Path, minutes: float, codec: str, height: int) -> Path:
    """Draw a film of this length: *Windscreen* enlarged, encoded once, its packets repeated."""
    import av
    import cv2
    import numpy as np

    from punctum.demo import Staging, draw_windscreen

    once = target.with_name(f"once-{target.name}")
    drawing = draw_windscreen(Staging())
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
            large = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC) + grain[number % 8]
            frame = av.VideoFrame.from_ndarray(np.clip(large, 0, 255).astype(np.uint8), format="rgb24")
            film.mux(picture.encode(frame))
        film.mux(picture.encode(None))
        samples = np.ascontiguousarray(drawing.sound, np.float32)
        for at in range(0, samples.shape[1] - 1023, 1024):
            piece = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[:, at : at + 1024]), "fltp", "stereo")
            piece.sample_rate, piece.pts, piece.time_base = 48000, at, Fraction(1, 48000)
            film.mux(sound.encode(piece))
        film.mux(sound.encode(None))
    repeat(once, target, minutes)
    once.unlink()
    return target


def repeat(once: Path, target: Path, minutes: float) -> None:
    """Repeat a film's packets to a length, without encoding anew."""
    import av

    with av.open(str(once)) as source, av.open(str(target), "w") as film:
        streams = {s.index: film.add_stream_from_template(s) for s in (*source.streams.video, *source.streams.audio)}
        length = Fraction(source.duration, av.time_base)
        last = dict.fromkeys(streams, -(1 << 62))
        for turn in range(max(1, round(minutes * 60 / float(length)))):
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


def readings(film: Path, folder: Path) -> dict[str, list[str]]:
    """Give the commands that are compared."""
    read = [sys.executable, "-m", "punctum", "read", str(film), "--force", "--out"]
    return {
        "decoding alone": [sys.executable, "-c", DECODE, str(film)],
        "punctum read": [*read, str(folder / "whole.punctum")],
        "punctum read --quick": [*read, str(folder / "quick.punctum"), "--quick"],
    }


def main() -> None:
    """Compose if need be, run in turn, print."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("film", nargs="?", type=Path)
    ask.add_argument("--runs", type=int, default=3)
    ask.add_argument("--minutes", type=float, default=10)
    ask.add_argument("--codec", default="libx264")
    ask.add_argument("--height", type=int, default=1080)
    ask.add_argument("--memory", action="store_true")
    asked = ask.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        film = asked.film or compose(folder / "film.mp4", asked.minutes, asked.codec, asked.height)
        if asked.memory:
            long = folder / "long.mp4"
            repeat(film, long, 120)
            for which in (film, long):
                peak = cost(readings(which, folder)["punctum read"]).peak_mb
                print(f"{which.name}: {peak:.0f} MB at most")
            return
        commands = readings(film, folder)
        costs: dict[str, list[Cost]] = {what: [] for what in commands}
        for _ in range(asked.runs):
            for what, command in commands.items():
                costs[what].append(cost(command))
                shutil.rmtree(folder / "whole.punctum", ignore_errors=True)
                shutil.rmtree(folder / "quick.punctum", ignore_errors=True)
        medians = {
            what: Cost(*(statistics.median(column) for column in zip(*runs, strict=True)))
            for what, runs in costs.items()
        }
        floor = medians["decoding alone"]
        print("| | CPU s | wall s | CPU ratio | wall ratio | peak MB |\n|---|---|---|---|---|---|")
        for what, median in medians.items():
            ratios = f"{median.cpu_s / floor.cpu_s:.2f} | {median.wall_s / floor.wall_s:.2f}"
            print(f"| {what} | {median.cpu_s:.1f} | {median.wall_s:.1f} | {ratios} | {median.peak_mb:.0f} |")


if __name__ == "__main__":
    main()
