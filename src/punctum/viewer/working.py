"""A process that works out one bundle's tables again after a correction: ``python -m punctum.viewer.working BUNDLE``.

Exit code 0, or 1 with one line that says why not.
"""

import sys

from punctum.bundle import open_bundle
from punctum.errors import PunctumError
from punctum.pipeline import refresh


def main() -> int:
    """Work out again, and say why where it cannot be done."""
    try:
        refresh(open_bundle(sys.argv[1]))
    except PunctumError as error:
        sys.stdout.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
