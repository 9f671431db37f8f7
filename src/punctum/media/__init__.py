"""Decodes and encodes picture and sound; alone knows PyAV.

``open_source`` finds out what a file holds, ``scan_key_frames`` and ``sample_sound`` take a quick
look at all of it, ``decode_blocks`` reads it; ``write_film`` writes one.
"""

from punctum.media.blocks import decode_blocks
from punctum.media.clips import Cut, cut_clip, still_frames
from punctum.media.container import versions
from punctum.media.keyframes import KeyFrameScan, scan_key_frames
from punctum.media.pairs import LOOKS
from punctum.media.picture import crop_still, decode_picture, encode_picture, thumb_of
from punctum.media.proxies import PIECE_S, Playback, copy_piece, make_piece, plan_playback
from punctum.media.reel import Reel, read_reel
from punctum.media.sound import read_sound, sample_sound
from punctum.media.source import Source, identify, open_source
from punctum.media.spare import Sparse
from punctum.media.write import write_film, write_text

__all__ = [
    "LOOKS",
    "PIECE_S",
    "Cut",
    "KeyFrameScan",
    "Playback",
    "Reel",
    "Source",
    "Sparse",
    "copy_piece",
    "crop_still",
    "cut_clip",
    "decode_blocks",
    "decode_picture",
    "encode_picture",
    "identify",
    "make_piece",
    "open_source",
    "plan_playback",
    "read_reel",
    "read_sound",
    "sample_sound",
    "scan_key_frames",
    "still_frames",
    "thumb_of",
    "versions",
    "write_film",
    "write_text",
]
