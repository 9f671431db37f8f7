"""What is heard: spans found in the sound."""

from collections.abc import Mapping

import polars as pl

from punctum.tables.column import FRAME, SECONDS_DECIMALS, Column, share

EVENT_KINDS = (
    "crying",
    "laughter",
    "screaming",
    "sighing",
    "applause",
    "footsteps",
    "dog",
    "bell",
    "rain",
    "thunder",
    "train",
    "door",
    "telephone",
    "siren",
    "shot",
    "glass",
)
"""Kinds of ``sounds`` that are heard only with a model that has to be fetched."""

SOUND_KINDS = ("speech", "singing", "music", "silence", "digital_silence", "periodic", "sudden", *EVENT_KINDS)
"""Kinds of rows of ``sounds``; spans of different kinds overlap."""

SOUNDS: Mapping[str, Column] = {
    "sound": Column(pl.Int32(), "", "number of the row, from 0, in the order of the film"),
    "kind": Column(
        pl.String(),
        "",
        "speech, singing, music; silence, and of it digital_silence (nothing but zeros); periodic (a beat that goes"
        " on); sudden (a rise out of quiet); with the model YAMNet also " + ", ".join(EVENT_KINDS),
    ),
    "start_frame": Column(FRAME, "", "first frame"),
    "end_frame": Column(FRAME, "", "frame after the last"),
    "start_s": Column(pl.Float64(), "s", "when it begins", SECONDS_DECIMALS),
    "end_s": Column(pl.Float64(), "s", "when it ends", SECONDS_DECIMALS),
    "score": share("how sure the finder is, mean over the span; null where a level decides", 3),
    "loudness_lufs": Column(pl.Float32(), "LUFS", "K-weighted level of all that sounds in it, ungated", 2),
    "period_s": Column(pl.Float64(), "s", "of a beat: from one to the next", 4),
    "strength": share("of a beat: mean autocorrelation of its band's level one to four periods on", 3),
    "chance": Column(
        pl.Float64(), "", "of a beat: probability of one as strong anywhere in so much sound without a beat", 6
    ),
    "band": Column(pl.String(), "", "of a beat: where it is strongest, a band of ``hearing``: low, middle, high, top"),
    "rise_lu": Column(pl.Float32(), "LU", "of what is sudden: rise over the loudest of the second before", 1),
}
