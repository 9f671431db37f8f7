"""What sound and words cost beside decoding the picture.

``python benchmarks/sound/cost.py FILM [--runs 3]``

CPU of one process, in turn: decoding the film's picture alone; decoding its sound; measuring bands and listening for
voices; spans, beats and sudden sounds; and a subtitle with a cue every five seconds put on its frames and laid against
its speech. Loudness and level belong to the reading's other measures. Medians;
milliseconds a second of film, and the share of decoding: at most 0.15 of it at 1080p is wanted.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import av
import numpy as np
import polars as pl

from punctum import media
from punctum.film import PART_S
from punctum.measure import listen, mix_down
from punctum.measure.bands import STEPS_A_SECOND, band_levels
from punctum.measure.sound import step_loudness, weighted_power
from punctum.measure.words import Cue, Spine, find_drift, measure_words
from punctum.pipeline.listening import Listener
from punctum.segment import find_sounds
from punctum.tables import FRAMES, HEARING, LOUDNESS, conform


def decode_picture(path: str) -> int:
    """Decode every frame."""
    with av.open(path) as film:
        stream = film.streams.video[0]
        stream.thread_type = "AUTO"
        return sum(1 for _ in film.decode(stream))


def parts(source: media.Source) -> Iterator[Any]:
    """The film's sound in parts, as a reading has it."""
    end_s = source.film.duration_s
    yield from media.read_sound(
        source, [(at, min(at + PART_S, end_s)) for at in np.arange(0.0, end_s, PART_S).tolist()]
    )


def hear(pieces: list[Any], finder: Any) -> pl.DataFrame:
    """Bands' levels and certainties of voices."""
    tables = []
    for piece in pieces:
        rate = piece.sample_rate_hz
        first = round(piece.start_s * rate)
        steps, levels = band_levels(piece.sound, first, first, first + piece.sound.shape[1], rate)
        heard = listen(mix_down(piece.sound, piece.channels), first, rate, np.asarray(steps, np.int64), finder)
        tables.append(conform(pl.DataFrame({"step": steps, **levels, **heard}), HEARING))
    return pl.concat(tables)


def loud(pieces: list[Any]) -> pl.DataFrame:
    """Loudness, which the sounds lean on; not counted here."""
    tables = []
    for piece in pieces:
        rate = piece.sample_rate_hz
        first = round(piece.start_s * rate)
        power = weighted_power(piece.sound, rate, piece.channels)
        steps, levels = step_loudness(power, first, first, first + piece.sound.shape[1], rate)
        rows = {"step": steps, "start_s": steps / 10, "loudness_lufs": levels}
        tables.append(conform(pl.DataFrame(rows), LOUDNESS))
    return pl.concat(tables)


def put_words(source: media.Source, times: Any, speech: list[tuple[float, float]]) -> None:
    """A subtitle of a cue every five seconds: laid against the speech, put on the frames."""
    end_s = source.film.duration_s
    cues = [Cue(at, at + 2.5, "Somebody says something, and somebody answers.") for at in np.arange(1, end_s - 3, 5.0)]
    find_drift([(cue.start_s, cue.end_s) for cue in cues], speech, end_s)
    measure_words(cues, Spine(np.arange(len(times)), times, len(times), end_s), "en")


def cpu_s(work: Callable[[], Any]) -> tuple[float, Any]:
    """Processor time of some work, and what it gave."""
    begun = time.process_time()
    made = work()
    return time.process_time() - begun, made


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("film")
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    source = media.open_source(asked.film)
    finder = Listener()._finder()
    end_s = source.film.duration_s
    taken: dict[str, list[float]] = {}
    for _ in range(asked.runs):
        spent: dict[str, float] = {}
        spent["decoding the picture"], count = cpu_s(lambda: decode_picture(asked.film))
        times = np.arange(count) * end_s / count
        frames = conform(pl.DataFrame({"frame": np.arange(count), "time_s": times}), FRAMES)
        spent["decoding the sound"], pieces = cpu_s(lambda: list(parts(source)))
        loudness = loud(pieces)
        spent["bands and voices"], hearing = cpu_s(lambda pieces=pieces: hear(pieces, finder))
        spent["spans, beats, sudden sounds"], sounds = cpu_s(
            lambda hearing=hearing, loudness=loudness, frames=frames: find_sounds(hearing, loudness, frames, end_s)
        )
        speech = sounds.filter(pl.col("kind") == "speech").select("start_s", "end_s").rows()
        spent["words"], _ = cpu_s(lambda times=times, speech=speech: put_words(source, times, speech))
        for name, seconds in spent.items():
            taken.setdefault(name, []).append(seconds)
    floor = statistics.median(taken["decoding the picture"])
    whole = 0.0
    print(f"{hearing.height / STEPS_A_SECOND:.0f} s of sound, {source.film.width_px} x {source.film.height_px}")
    for name, seconds in taken.items():
        median = statistics.median(seconds)
        whole += median if name != "decoding the picture" else 0.0
        print(f"{name:<30}{1000 * median / end_s:>8.1f} ms/s{median / floor:>8.3f}")
    print(f"{'sound and words':<30}{1000 * whole / end_s:>8.1f} ms/s{whole / floor:>8.3f}")


if __name__ == "__main__":
    main()
