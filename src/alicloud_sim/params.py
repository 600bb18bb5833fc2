"""Parameters of one call, typed as the catalogue says, read as the handler declared.

A handler reads with text(), integer(), flag()...; reading an undeclared name is a bug of
the handler. An empty text on the wire counts as absent, as the real gateway has it.
"""

from __future__ import annotations

from typing import Any, TypeVar, overload

from .errors import SimulatorBugError

D = TypeVar("D")


class Params:
    """Typed values of a call or of one element inside it."""

    def __init__(self, values: dict[str, Any], declared: frozenset[str], where: str = "") -> None:
        """Take parsed values, the declared paths (no list numbers) and the path of this node."""
        self._values = values
        self._declared = declared
        self._where = where

    def _get(self, name: str) -> Any:
        path = f"{self._where}{name}"
        parents = path.split(".")
        prefixes = {".".join(parents[: n + 1]) for n in range(len(parents))}
        inside = any(known.startswith(f"{path}.") for known in self._declared)
        if not inside and not prefixes & self._declared:
            raise SimulatorBugError(f"the handler reads {path} without declaring it")
        return self._values.get(name)

    def given(self, name: str) -> bool:
        """Whether the parameter came with a value."""
        return self._get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        """Read a string; absent reads as the default."""
        value = self._get(name)
        return default if value is None else str(value)

    @overload
    def integer(self, name: str) -> int | None: ...
    @overload
    def integer(self, name: str, default: int) -> int: ...
    def integer(self, name: str, default: int | None = None) -> int | None:
        """Read an int32 or int64; absent reads as the default."""
        value = self._get(name)
        return default if value is None else int(value)

    @overload
    def number(self, name: str) -> float | None: ...
    @overload
    def number(self, name: str, default: float) -> float: ...
    def number(self, name: str, default: float | None = None) -> float | None:
        """Read a float; absent reads as the default."""
        value = self._get(name)
        return default if value is None else float(value)

    @overload
    def flag(self, name: str) -> bool | None: ...
    @overload
    def flag(self, name: str, default: bool) -> bool: ...  # noqa: FBT001
    def flag(self, name: str, default: bool | None = None) -> bool | None:  # noqa: FBT001
        """Read a boolean; absent reads as the default."""
        value = self._get(name)
        return default if value is None else bool(value)

    def texts(self, name: str) -> list[str]:
        """Read a list X.N of strings, in the order of its numbers; absent reads as empty."""
        return [str(item) for item in self._get(name) or []]

    def items(self, name: str) -> list[Params]:
        """Read a list X.N.field; each element is read like a call of its own."""
        inner = f"{self._where}{name}."
        return [Params(item, self._declared, inner) for item in self._get(name) or []]

    def fields(self, name: str) -> Params:
        """Read an object X.field; absent reads as an object without fields."""
        return Params(self._get(name) or {}, self._declared, f"{self._where}{name}.")

    def json_list(self, name: str) -> list[Any] | None:
        """Read a JSON array sent as text: None when absent, an empty list when empty."""
        value = self._get(name)
        return None if value is None else list(value)

    def ids(self, name: str) -> list[str] | None:
        """Read a JSON array of ids: None is no filter, an empty list matches nothing."""
        value = self.json_list(name)
        return None if value is None else [str(item) for item in value]
