"""How a script ends when it does not succeed."""

from __future__ import annotations


class Failed(Exception):
    """The task cannot be done; the message is for the person who started it."""

    status = 1


class WrongValue(Failed):
    """An argument, a variable or a file that the person gave is wrong."""

    status = 2


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, with a message that says what is left behind."""
