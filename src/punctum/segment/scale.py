"""Shot scale: how much of a person the frame shows.

Conventions: scales are those of ``tables.SCALES``, closest first. A scale is defined by where the frame's lower edge
cuts a person who stands upright: Salt, *Film Style and Technology* (3rd ed., 2009), and Bordwell and Thompson, *Film
Art*. How much body that is follows from the face by the canon of seven and a half heads (Richer, *Anatomie artistique*,
1890), some air above the head counted in; the smallest are told by the figure: a third of the frame's height is a long
shot, a sixth an extreme long one.

=====  ===========================  =================  =====================
scale  the frame cuts               heads in its height  face, of its height
=====  ===========================  =================  =====================
ECU    the face itself              to 0.85            from 1.06
CU     below the chin or shoulders  0.85 to 1.9        .47 to 1.06
MCU    at the chest                 1.9 to 2.9         .31 to .47
MS     at the waist or the hips     2.9 to 4.7         .19 to .31
MLS    at the thighs or the knees   4.7 to 7.2         .125 to .19
LS     nothing                      7.2 to 30          .03 to .125
ELS    nothing, and all is small    from 30            to .03
=====  ===========================  =================  =====================

A head is measured from crown to chin. `FACE_OF_HEAD`, the part of it that YuNet's box takes, and `SPREAD` are fitted to
frames labelled by eye; ``benchmarks/people/scale.py`` tests each half of them with what the other half gives.
"""

import math

import polars as pl

from punctum.tables import SCALES, SHOTS, conform

HEADS = (0.85, 1.9, 2.9, 4.7, 7.2, 30.0)
"""Heads in the frame's height between one scale and the next."""

FACE_OF_HEAD = 0.90
HEADS_MARKS = tuple((FACE_OF_HEAD / heads, scale) for heads, scale in zip(HEADS[1:4], SCALES[1:], strict=False))
"""Face heights from which a close-up, a medium close-up and a medium shot are one."""

SPREAD = 0.16
"""How far people's labels and the canon differ: standard deviation of the logarithm of heads in the frame."""


def scale_of(face_height: float) -> str:
    """Scale of a frame whose nearest face is so high, as a share of the frame's height.

    Examples
    --------
    >>> [scale_of(height) for height in (1.2, 0.6, 0.4, 0.25, 0.15, 0.05, 0.02)]
    ['ECU', 'CU', 'MCU', 'MS', 'MLS', 'LS', 'ELS']
    """
    heads = FACE_OF_HEAD / max(face_height, 1e-6)
    return SCALES[sum(heads > bound for bound in HEADS)]


def doubt_scale(face_height: float, unrest: float = 0.0, spread: float = SPREAD) -> float:
    """Probability that a person would call the scale another one.

    Parameters
    ----------
    face_height : float
        of the frame's height
    unrest : float
        standard deviation of the logarithm of the height within the shot
    spread : float
        that of people's labels

    Returns
    -------
    float

    Examples
    --------
    >>> round(doubt_scale(0.38), 2), round(doubt_scale(0.47), 2)
    (0.19, 0.49)
    """
    heads = math.log(FACE_OF_HEAD / max(face_height, 1e-6))
    at = SCALES.index(scale_of(face_height))
    wide = math.hypot(spread, unrest)
    low = math.log(HEADS[at - 1]) if at else -math.inf
    high = math.log(HEADS[at]) if at < len(HEADS) else math.inf
    return 1 - (_below((high - heads) / wide) - _below((low - heads) / wide))


def _below(score: float) -> float:
    return 0.5 * (1 + math.erf(score / math.sqrt(2)))


def find_scales(shots: pl.DataFrame, faces: pl.DataFrame, tracks: pl.DataFrame, frames: pl.DataFrame) -> pl.DataFrame:
    """Fill what a shot shows of people: ``scale``, ``scale_doubt``, ``faces``, ``face_height``, ``characters``.

    Only faces that belong to a track count. The nearest face is the highest of each frame that was looked at; the
    shot's is the median of these.

    Parameters
    ----------
    shots, faces, tracks, frames : pl.DataFrame
        columns of ``tables``; ``frames.faces`` says which frames were looked at

    Returns
    -------
    pl.DataFrame
        columns of ``tables.SHOTS``
    """
    shot_at = shots.select("shot", "start_frame", "end_frame").sort("start_frame")
    looked = frames.drop_nulls("faces").select("frame").sort("frame")
    looked = looked.join_asof(shot_at, left_on="frame", right_on="start_frame").filter(
        pl.col("frame") < pl.col("end_frame")
    )
    seen = faces.drop_nulls("track").join(tracks.select("track", "shot"), on="track")
    each = seen.group_by("shot", "frame").agg(pl.col("height").max().cast(pl.Float64), pl.len().alias("faces"))
    own = (
        each.sort("shot", "frame")
        .group_by("shot", maintain_order=True)
        .agg(
            pl.col("height").median().alias("face_height"),
            pl.col("height").log().std().fill_null(0.0).fill_nan(0.0).alias("unrest"),
            pl.col("faces").max(),
        )
    )
    named = [(scale_of(row["face_height"]), doubt_scale(row["face_height"], row["unrest"])) for row in own.to_dicts()]
    own = own.drop("unrest").with_columns(
        pl.Series("scale", [scale for scale, _ in named], pl.String()),
        pl.Series("scale_doubt", [doubt for _, doubt in named], pl.Float64()),
    )
    none = looked.select("shot").unique().join(own, on="shot", how="anti").with_columns(pl.lit(0).alias("faces"))
    filled = pl.concat([own, none], how="diagonal_relaxed")
    people = (
        tracks.drop_nulls("character")
        .group_by("shot", "character")
        .agg((pl.col("end_s") - pl.col("start_s")).sum().alias("time_s"), pl.col("faces").sum())
        .sort(["time_s", "faces", "character"], descending=[True, True, False])
        .group_by("shot", maintain_order=True)
        .agg(pl.col("character").alias("characters"))
    )
    columns = ("scale", "scale_doubt", "faces", "face_height", "characters")
    made = (
        shots.drop(columns, strict=False)
        .join(filled, on="shot", how="left", maintain_order="left")
        .join(people, on="shot", how="left", maintain_order="left")
    )
    nobody = pl.when(pl.col("faces").is_not_null()).then(pl.lit([], pl.List(pl.Int32)))
    return conform(made.with_columns(pl.coalesce("characters", nobody).alias("characters")), SHOTS)
