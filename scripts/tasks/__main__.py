"""Entry of scripts/run: python scripts/tasks/__main__.py NAME ARGUMENTS."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[1])

from tasks.command_line import main  # noqa: E402 - the folder of the package is set above

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
