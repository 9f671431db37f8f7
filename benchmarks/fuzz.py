"""Hostile files and sudden deaths: mutated films are read, readings are killed.

``python benchmarks/fuzz.py --files 5000 --kills 100`` prints what came of it and leaves with 1 on any crash,
hang, traceback, fault of our own, or anything finished that was lost. Seeded: the same numbers give the same
mutants. Each mutant is read by a worker process that is watched from outside: a hang is ended after
``PATIENCE_S`` seconds, memory is the process's highest.
"""

import argparse
import contextlib
import filecmp
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from punctum.media import write_film

PATIENCE_S = 60.0
MEMORY_MB = 4096

WORKER = """
import contextlib, io, resource, sys
from punctum.cli import run
for line in sys.stdin:
    film, _, out = line.rstrip("\\n").partition("\\t")
    told, said = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(said):
        code = run(["read", film, "--out", out])
    text = said.getvalue()
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    first = (text.strip().splitlines() or [""])[0]
    print(code, int("Traceback" in text), peak_mb, ascii(first), sep="\\t", flush=True)
"""


def mutate(data: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """Give a damaged copy of a file: bits, runs, sizes, cuts, splices."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        if not made:
            break
        # half of the damage goes where headers are
        reach = len(made) if chance.random() < 0.5 else min(len(made), 2048)
        at = chance.randrange(reach) if chance.random() < 0.8 else max(0, len(made) - 1 - chance.randrange(reach))
        what = chance.randrange(8)
        if what == 0:
            made[at] ^= 1 << chance.randrange(8)
        elif what == 1:
            made[at : at + 4] = chance.choice((b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\1"))
        elif what == 2:
            length = chance.randrange(1, 512)
            made[at : at + length] = bytes(chance.choice((0, 255)) for _ in range(1)) * length
        elif what == 3:
            made[at : at + 64] = chance.randbytes(64)
        elif what == 4:
            del made[at : at + chance.randrange(1, 4096)]
        elif what == 5:
            made[at:at] = made[at : at + chance.randrange(1, 4096)]
        elif what == 6:
            del made[at:]
        else:
            other = chance.choice(others)
            start = chance.randrange(len(other))
            made[at : at + 1024] = other[start : start + 1024]
    return bytes(made)


class Reader:
    """A worker process that reads one film after another, begun anew when it dies or hangs."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None

    def read(self, film: Path, out: Path) -> tuple[str, str]:
        """Read a film; gives (``ok``, ``refused``, ``crash``, ``hang``, ``fault``, ``memory``) and a line."""
        import threading

        if self.process is None or self.process.poll() is not None:
            self.close()
            self.process = subprocess.Popen(
                [sys.executable, "-c", WORKER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        process = self.process
        assert process.stdin
        assert process.stdout
        hung = False

        def give_up() -> None:
            nonlocal hung
            hung = True
            process.kill()

        timer = threading.Timer(PATIENCE_S, give_up)
        timer.start()
        process.stdin.write(f"{film}\t{out}\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        timer.cancel()
        if not answer:
            code = process.wait()
            return ("hang", f"no answer within {PATIENCE_S:g} s") if hung else ("crash", f"worker ended with {code}")
        code, traceback, peak_mb, line = answer.rstrip("\n").split("\t")
        if traceback == "1" or code not in "01":
            return "fault", f"exit {code}: {line}"
        if int(peak_mb) > MEMORY_MB:
            process.kill()  # what its highest was says nothing of the next film
            return "memory", f"{peak_mb} MB"
        return ("ok" if code == "0" else "refused"), line

    def close(self) -> None:
        """End the worker."""
        if self.process:
            self.process.kill()
            with self.process, contextlib.suppress(BrokenPipeError):
                pass
            self.process = None


def fuzz(bases: list[Path], count: int, seed: int, keep: Path | None = None, shown: bool = False) -> Counter[str]:
    """Read mutants of some films; gives how many came to what."""
    data = [base.read_bytes() for base in bases]
    found: Counter[str] = Counter()
    reader = Reader()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            chance = random.Random(f"{seed}/{number}")
            which = chance.randrange(len(bases))
            film = Path(folder) / f"{number}{bases[which].suffix}"
            film.write_bytes(mutate(data[which], data, chance))
            out = Path(folder) / "out.punctum"
            what, line = reader.read(film, out)
            found[what] += 1
            if what not in ("ok", "refused"):
                print(f"{what}: mutant {number} of {bases[which].name}: {line}")
                if keep:
                    keep.mkdir(parents=True, exist_ok=True)
                    shutil.copy(film, keep / f"{what}-{film.name}")
            elif what == "refused" and line == "''":
                found["silent"] += 1
            film.unlink()
            shutil.rmtree(out, ignore_errors=True)
            shutil.rmtree(out.with_name(out.name + ".reading"), ignore_errors=True)
            if shown and number % 100 == 99:
                print(f"{number + 1} of {count}: {dict(found)}", flush=True)
    reader.close()
    return found


def kill_readings(film: Path, count: int, seed: int) -> list[str]:
    """Kill readings at random moments; gives what was lost or went wrong.

    After each kill the finished parts must still be there; once in a while the reading is let finish, and
    its bundle must be, byte for byte, that of an unbroken reading.
    """
    chance = random.Random(seed)
    wrong = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [sys.executable, "-m", "punctum", "read", str(film), "--out"]
        began = time.monotonic()
        whole = folder / "whole.punctum"
        subprocess.run([*command, str(whole)], check=True, capture_output=True)
        usual_s = time.monotonic() - began
        out = folder / "killed.punctum"
        parts = out.with_name(out.name + ".reading")
        for number in range(count):
            before = finished(parts)
            process = subprocess.Popen([*command, str(out)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(chance.uniform(0.0, usual_s * 1.1))
            process.kill()
            process.wait()
            if (out / "made.json").exists() and not parts.exists():
                pass  # it had finished
            elif not before <= finished(parts):
                wrong.append(f"kill {number}: parts {sorted(before - finished(parts))} were lost")
            if number % 5 == 4 or number == count - 1:
                done = subprocess.run([*command, str(out)], capture_output=True, text=True, check=False)
                if done.returncode:
                    wrong.append(f"after kill {number}: exit {done.returncode}: {done.stderr.strip()}")
                else:
                    wrong += [f"after kill {number}: {text}" for text in unlike(whole, out)]
                shutil.rmtree(out, ignore_errors=True)
    return wrong


def finished(parts: Path) -> set[str]:
    """Names of the finished parts."""
    return {path.name for path in parts.glob("[0-9]*") if path.name.isdigit()}


def unlike(first: Path, second: Path) -> list[str]:
    """Files of two bundles that differ."""
    names = {p.relative_to(f).as_posix() for f in (first, second) for p in f.rglob("*") if p.is_file()}
    names = {name for name in names if not name.startswith(".")}
    return [
        f"{name} differs"
        for name in sorted(names)
        if not (first / name).is_file()
        or not (second / name).is_file()
        or not filecmp.cmp(first / name, second / name, shallow=False)
    ]


def draw_scenes(frames: int, height: int, width: int, seed: int = 0) -> Iterator[np.ndarray]:
    """Draw soft moving blobs that change altogether every 37 frames."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    for number in range(frames):
        chance = np.random.default_rng([seed, number // 37])
        centres, colours = chance.uniform(0, 1, (4, 2)), chance.uniform(0, 255, (4, 3))
        picture = np.full((height, width, 3), chance.uniform(20, 120, 3), np.float32)
        for (across, down), colour in zip(centres, colours, strict=True):
            away = (x - (across * width + number % 37)) ** 2 + (y - down * height) ** 2
            picture += np.exp(-away / (2 * (height / 5) ** 2))[..., None] * (colour - picture)
        yield picture.clip(0, 255).astype(np.uint8)


def draw_film(target: Path, seconds: float, fps: int, size: tuple[int, int] = (72, 128), **how: Any) -> Path:
    """Draw a film with sound."""
    times = np.arange(round(seconds * 48000)) / 48000
    sound = (0.3 * np.sin(2 * np.pi * (220 + 40 * np.sin(times)) * times) * (times % 3 < 2)).astype(np.float32)
    scenes = draw_scenes(round(seconds * fps), *size)
    write_film(target, scenes, fps=fps, sound=np.stack([sound, sound]), sample_rate_hz=48000, **how)
    return target


def films_to_mutate(folder: Path) -> list[Path]:
    """Draw three seconds in several containers and codecs."""
    kinds: dict[str, dict[str, Any]] = {
        "a.mp4": {},
        "b.mkv": {"sound_codec": "libopus"},
        "c.ts": {"codec": "mpeg2video", "sound_codec": "mp2", "options": {"g": "12", "b": "1M"}},
        "d.avi": {"codec": "mpeg4", "sound_codec": "mp3", "options": {"g": "24", "b": "1M"}},
        "e.webm": {"codec": "libvpx", "sound_codec": "libopus", "options": {"deadline": "realtime", "b": "500k"}},
    }
    return [draw_film(folder / name, 3.0, 24, **how) for name, how in kinds.items()]


def film_to_be_killed(folder: Path) -> Path:
    """Draw a film of five parts."""
    return draw_film(folder / "long.mp4", 140.0, 12, (54, 96))


def main() -> int:
    """Run both and say what came of them."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--files", type=int, default=300)
    ask.add_argument("--kills", type=int, default=10)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--keep", type=Path, help="folder that receives the mutants that went wrong")
    asked = ask.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = fuzz(films_to_mutate(Path(folder)), asked.files, asked.seed, asked.keep, shown=True)
        wrong = kill_readings(film_to_be_killed(Path(folder)), asked.kills, asked.seed) if asked.kills else []
    bad = {what: number for what, number in found.items() if what not in ("ok", "refused")}
    print(f"{asked.files} mutants: {dict(found)}; {asked.kills} kills: {len(wrong)} wrong")
    for line in wrong:
        print(line)
    return 1 if bad or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
