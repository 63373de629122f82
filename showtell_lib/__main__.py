"""`python -m showtell_lib`: the same as the command `showtell`."""

import sys

from showtell_lib.cli import main

if __name__ == "__main__":
    sys.exit(main())
