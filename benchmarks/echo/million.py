"""A query against a million shots: seconds of processor time and of the clock, memory. Synthetic signatures.

python benchmarks/echo/million.py [--shots 1000000]
"""

import argparse
import resource
import time

import numpy as np

from punctum.echo.channels import Signatures
from punctum.echo.searching import find_echoes

SHOTS_OF_FILM, SHOTS_OF_SCENE = 1000, 20


def draw(count: int) -> Signatures:
    """Draw signatures, in films of a thousand shots and scenes of twenty."""
    rng = np.random.default_rng(0)
    number = np.arange(count, dtype=np.int32)

    def values(*shape: int, spread: float = 1.0) -> np.ndarray:
        made = np.empty((count, *shape), np.float16)
        for low in range(0, count, 65536):
            made[low : low + 65536] = rng.normal(0, spread, made[low : low + 65536].shape)
        return made

    return Signatures(
        number // SHOTS_OF_FILM, number // SHOTS_OF_SCENE, number % SHOTS_OF_FILM, values(57, spread=57**-0.5),
        values(3, 57, spread=57**-0.5), values(4), values(11, spread=0.2), values(5), values(40, spread=0.3), values(8),
        values(11), np.exp(rng.normal(1.4, 0.8, count)).astype(np.float32), values(3),
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--shots", type=int, default=1_000_000)
    count = parser.parse_args().shots
    library = draw(count)
    for shots in (3, 20):
        spent, begun = time.process_time(), time.perf_counter()
        found = find_echoes(library, np.arange(40, 40 + shots))
        cpu_s, wall_s = time.process_time() - spent, time.perf_counter() - begun
        print(f"{shots} shots against {found.shots}: {cpu_s:.1f} s of processor time, {wall_s:.1f} s of the clock")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
