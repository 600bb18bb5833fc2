"""What the scripts in scripts/ do: one module per script, and what they share.

A task's module has NEEDS_VENV, parser() and run(options). It imports only the standard library, so
that help and wrong values are answered before anything is installed; what it needs of .venv it
imports when it runs.
"""

from pathlib import Path

ROOT = Path(__file__).parents[2]
