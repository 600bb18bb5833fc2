"""What a handler raises, and what means that the simulator itself is wrong.

A handler names a code; the status comes from the catalogue, per action. A code that the
action (or the gateway) does not have is a mistake of the handler: real clients match on
codes, so an invented one would teach them something false.
"""

from __future__ import annotations


class ApiError(Exception):
    """A refusal as the cloud words it: raised by handlers, answered by the gateway."""

    def __init__(
        self,
        code: str,
        message: str = "",
        status: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        """Give a catalogue code; the text defaults to the catalogue's words.

        Status and headers are for scripted faults and the simulator's own refusals only.
        """
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.headers = headers or {}


class UnsupportedError(ApiError):
    """The cloud can do this, the simulator cannot: 501, so that nobody takes it for success."""

    def __init__(self, what: str, remedy: str = "") -> None:
        """Name the parameter, action or version that is not simulated."""
        text = f"The simulator does not simulate {what}."
        super().__init__(f"SimulatorUnsupported.{what}", f"{text} {remedy}".rstrip(), 501)


class SimulatorBugError(Exception):
    """The simulator broke a rule of its own: answered as 500 SimulatorBug and remembered."""
