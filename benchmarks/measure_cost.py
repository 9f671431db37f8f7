"""CPU milliseconds a frame of each measure, on drawn pictures or on a real film.

    python benchmarks/measure_cost.py [FILM]

Each measure is timed alone, several times over the same block; the least is shown, since other
work on the computer only ever adds. ``all`` is ``measure_block`` itself, tables included.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from punctum.film import Block
from punctum.measure import change, colour, light, measure_block, motion, sound

RATE_HZ = 48000
FRAMES = 48
ROUNDS = 15


def drawn_block() -> Block:
    """Give a pan over a drawn scene with a moving figure, grain, and noise as sound."""
    rng = np.random.default_rng(0)
    scene = cv2.resize(rng.integers(0, 256, (40, 60, 3), dtype=np.uint8), (320, 200), interpolation=cv2.INTER_CUBIC)
    thumbs = np.empty((FRAMES + 2, 72, 128, 3), np.uint8)
    for i in range(len(thumbs)):
        picture = scene[20 : 20 + 72, 2 * i : 2 * i + 128].astype(np.int16)
        picture[30:50, 2 * i % 100 : 2 * i % 100 + 20] = 200
        picture += rng.integers(-3, 4, picture.shape, dtype=np.int16)
        thumbs[i] = np.clip(picture, 0, 255)
    lead = RATE_HZ // 2
    samples = rng.normal(0, 0.1, (2, lead + FRAMES * 2000)).astype(np.float32)
    times = np.arange(FRAMES + 2) / 24
    return Block(
        first_frame=2,
        lead=2,
        pts=np.arange(2, FRAMES + 2, dtype=np.int64),
        time_s=times[2:],
        lead_time_s=times[:2],
        thumbs=thumbs,
        sound=samples,
        sound_edges=lead + 2000 * np.arange(FRAMES + 1, dtype=np.int64),
        sample_rate_hz=RATE_HZ,
        channels=("FL", "FR"),
        interlaced=np.zeros(FRAMES, bool),
        damaged=np.zeros(FRAMES, bool),
    )


def film_block(path: str) -> Block:
    """Give a block from the middle of a real film."""
    from punctum.media import decode_blocks, open_source

    source = open_source(path)
    middle = source.film.duration_s / 2
    blocks = decode_blocks(source, source.film.stretches, middle, middle + 10.0)
    return max((next(blocks), next(blocks)), key=lambda block: len(block.pts))


def cost(work: Callable[[], object], frames: int) -> float:
    """Give CPU milliseconds a frame, the least of several rounds."""
    work()
    spent = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work()
        spent.append((time.process_time() - begun) * 1000 / frames)
    return min(spent)


def main() -> None:
    block = film_block(sys.argv[1]) if len(sys.argv) > 1 else drawn_block()
    cv2.setNumThreads(1)
    n, lead = len(block.pts), block.lead
    own = slice(lead, lead + 16)
    stack = np.ascontiguousarray(block.thumbs[: lead + 16])
    if not lead:
        sys.exit("the block has no lead: take another film")
    count = len(stack) - lead
    h, w = stack.shape[1:3]
    planes = light.split_planes(stack)
    lumas = light.to_luma(planes)
    means = light.channel_means(planes[:, own])
    contrasts = light.contrast(lumas[own])
    halves = np.array(
        [cv2.resize(light.to_linear(p), (w // 2, h // 2), interpolation=cv2.INTER_AREA) for p in stack[own]]
    )
    cells = np.array([colour.grid_light(picture) for picture in halves])
    halves_luma = light.halved(lumas)
    before, after = halves_luma[lead - 1 : -1], halves_luma[lead:]
    flow, edges = motion.flows(before, after), motion.gradients(after)
    moves = motion.find_moves(flow, np.ones_like(edges[0]), h // 2, w // 2)
    power = sound.weighted_power(block.sound, block.sample_rate_hz, block.channels)
    first = round(block.time_s[0] * block.sample_rate_hz)
    last = first + int(block.sound_edges[-1] - block.sound_edges[0])

    parts: dict[str, tuple[Callable[[], object], int]] = {
        "(planes)": (lambda: light.split_planes(stack), count),
        "(luma of each pixel)": (lambda: light.to_luma(planes), count),
        "(linear light, halved)": (
            lambda: [
                cv2.resize(light.to_linear(p), (w // 2, h // 2), interpolation=cv2.INTER_AREA) for p in stack[own]
            ],
            count,
        ),
        "grid": (lambda: colour.grid_cells(np.array([colour.grid_light(p) for p in halves])), count),
        "brightness": (lambda: light.brightness(cells), count),
        "luma": (lambda: light.luma(light.channel_means(planes[:, own])), count),
        "contrast": (lambda: light.contrast(lumas[own]), count),
        "key": (lambda: light.key(lumas[own]), count),
        "sharpness": (lambda: light.sharpness(lumas[own], contrasts), count),
        "saturation, warmth": (lambda: colour.saturation_and_warmth(halves), count),
        "colourfulness": (lambda: colour.colourfulness(planes[:, own], means), count),
        "change": (lambda: change.change(stack, lead), count),
        "histogram_change": (lambda: change.histogram_change(change.histograms(planes), lead, h * w), count),
        "correlation": (lambda: change.correlation(lumas, lead), count),
        "(luma, halved)": (lambda: light.halved(lumas), count),
        "(flow)": (lambda: motion.flows(before, after), count),
        "(gradients)": (lambda: motion.gradients(after), count),
        "(the camera's move)": (lambda: motion.find_moves(flow, edges[0], h // 2, w // 2), count),
        "(the move undone)": (lambda: motion.undo_moves(before, after, moves), count),
        "all of motion": (lambda: motion.follow(halves_luma, lead), count),
    }
    heard: dict[str, tuple[Callable[[], object], int]] = {
        "level_db": (lambda: sound.level(block.sound, block.sound_edges), n),
        "(K-weighting)": (lambda: sound.weighted_power(block.sound, block.sample_rate_hz, block.channels), n),
        "loudness_lufs": (lambda: sound.loudness(power, block.sound_edges, block.sample_rate_hz), n),
        "loudness table": (
            lambda: sound.step_loudness(power, first - int(block.sound_edges[0]), first, last, block.sample_rate_hz),
            n,
        ),
    }
    print(f"{n} frames of {w}x{h}, {len(block.channels)} channels at {block.sample_rate_hz} Hz; CPU ms a frame")
    for title, group in (("picture", parts), ("sound", heard if block.sample_rate_hz else {})):
        print(title)
        for name, (work, frames) in group.items():
            print(f"  {name:24s} {cost(work, frames):7.4f}")
    silent = replace(block, sound=np.zeros((0, 0), np.float32), sample_rate_hz=0, sound_edges=np.zeros(n + 1, np.int64))
    print(f"{'all, without sound':26s} {cost(lambda: measure_block(silent), n):7.4f}")
    print(f"{'all':26s} {cost(lambda: measure_block(block), n):7.4f}")


if __name__ == "__main__":
    main()
