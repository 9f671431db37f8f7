"""``python -m punctum``."""

import sys

try:
    from punctum.cli import main
except KeyboardInterrupt:  # before there is anything to stop
    sys.exit(130)

if __name__ == "__main__":
    main()
