"""What exchange costs on a film of two hours and 2,000 shots, and what it gives back: no film is read.

``python benchmarks/exchange.py`` prints, for each format, processor seconds, the size of what is written, and for those
that come in again how many shots did not come back on their frame.
"""

import tempfile
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
from tests.exchange_bundles import make_bundle, times_at

from punctum.export import FORMATS, as_corrections, export_bundle, read_exchange

FRAMES, SHOTS = 172_800, 2_000
BACK = {"elan": ".eaf", "edl": ".edl", "otio": ".otio"}


def size_of(path: Path) -> int:
    """Bytes of a file or of the files in a folder."""
    return sum(p.stat().st_size for p in path.rglob("*") if p.is_file()) if path.is_dir() else path.stat().st_size


def main() -> None:
    """Print the table."""
    rng = np.random.default_rng(0)
    edges = [0, *sorted(rng.choice(np.arange(10, FRAMES - 10), SHOTS - 1, replace=False).tolist())]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        bundle = make_bundle(folder / "film.punctum", times_at(Fraction(24000, 1001), FRAMES), edges)
        print("| format | CPU s out | MB | CPU s in | shots not on their frame |\n|---|---|---|---|---|")
        for form in FORMATS:
            if form.name in ("stills", "clip"):
                continue
            target = folder / f"out{form.ending.rstrip('/') or '.' + form.name}"
            began = time.process_time()
            export_bundle(bundle.address, form.name, target)
            took = time.process_time() - began
            row = f"| {form.name} | {took:.1f} | {size_of(target) / 1e6:.1f} |"
            if form.name in BACK:
                began = time.process_time()
                found = read_exchange(target, bundle, only="shots" if form.name == "elan" else "")
                changed = len(as_corrections(found, bundle).entries)
                row += f" {time.process_time() - began:.1f} | {changed} |"
            else:
                row += " — | — |"
            print(row, flush=True)


if __name__ == "__main__":
    main()
