"""What a fast reading of a film leaves out."""

from punctum import media


def choose_sparse(source: media.Source) -> media.Sparse | None:
    """Look at a film's packets for what a fast reading decodes of it.

    Parameters
    ----------
    source : media.Source

    Returns
    -------
    sparse : media.Sparse or None
        None where no frame can be left out
    """
    scan = media.scan_key_frames(source, every_s=1e9, fast=True)
    for _ in scan:
        pass
    return media.Sparse(scan.pts, scan.left_out) if scan.left_out.size else None
