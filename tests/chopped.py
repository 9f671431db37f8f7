"""Films that are only arrays, cut into blocks as media cuts them."""

import numpy as np
import polars as pl

from punctum.film import SOUND_LEAD_S, Block
from punctum.measure import Measured, measure_block


def chop(thumbs, times, sound, rate, sizes, channels=("FL", "FR"), rate_fps=24):
    """Cut a film into blocks of the given sizes, the last size repeated, as media does."""
    thumbs, times = np.asarray(thumbs), np.asarray(times, np.float64)
    n = len(times)
    made, start, turn = [], 0, 0
    lead_samples = round(SOUND_LEAD_S * rate)
    padded = np.concatenate([np.zeros((len(sound), lead_samples), np.float32), sound], axis=1)
    ends = np.append(times[1:], times[-1] + 1 / rate_fps)
    while start < n:
        end = min(start + sizes[min(turn, len(sizes) - 1)], n)
        turn += 1
        lead = min(start, 2)
        edges = np.rint(np.append(times[start:end], ends[end - 1]) * rate).astype(np.int64)
        edges = np.minimum(edges, sound.shape[1])
        made.append(
            Block(
                first_frame=start,
                lead=lead,
                pts=np.arange(start, end, dtype=np.int64),
                time_s=times[start:end],
                lead_time_s=times[start - lead : start],
                thumbs=thumbs[start - lead : end],
                sound=padded[:, edges[0] : edges[-1] + lead_samples],
                sound_edges=edges - edges[0] + lead_samples,
                sample_rate_hz=rate,
                channels=channels,
                interlaced=np.zeros(end - start, bool),
                damaged=np.zeros(end - start, bool),
            )
        )
        start = end
    return made


def joined(blocks):
    parts = [measure_block(block) for block in blocks]
    return Measured(*(pl.concat([part[i] for part in parts]) for i in range(len(Measured._fields))))
