"""Starts the CPI from the source tree as bin/cpi starts it from its package: without ``site``.

.venv/bin/python -I -S -X utf8 scripts/tasks/run_cpi.py --config CPI_JSON < request.json
"""

import sys


def main() -> None:
    """Put the source and .venv's packages on the path, and answer the request on stdin."""
    root = __file__.rpartition("/scripts/tasks/")[0]
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    sys.path[:0] = [f"{root}/src", f"{root}/.venv/lib/{version}/site-packages"]

    from alicloud_cpi.__main__ import start

    start()


main()
