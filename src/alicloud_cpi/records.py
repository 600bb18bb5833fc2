"""Records: tuples whose items have names. To the type checker they are ``typing.NamedTuple``.

Importing typing, and letting it make a dozen classes, takes 5 ms: an eighth of a short call. So the
modules of the CPI import it for the type checker only, and records are made here.
"""

from __future__ import annotations

from operator import itemgetter

__all__ = ["Record"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple as Record
    from typing import Self
else:

    class Record(tuple):  # noqa: SLOT001 - a record is as its class says, which has no slots
        """A record has the fields that its class annotates, in this order, with their defaults."""

        _fields = ()
        _defaults = {}  # noqa: RUF012 - every class gets its own

        def __init_subclass__(cls) -> None:
            cls._fields = tuple(cls.__annotations__)
            cls._defaults = {name: vars(cls)[name] for name in cls._fields if name in vars(cls)}
            for position, name in enumerate(cls._fields):
                setattr(cls, name, property(itemgetter(position)))

        def __new__(cls, *values: object, **named: object) -> Self:
            """Make a record of values, by position or by name.

            :raises TypeError: they are not the fields' values
            """
            given = dict(zip(cls._fields, values, strict=False))
            items = {**cls._defaults, **given, **named}
            fits = len(values) <= len(cls._fields) and not given.keys() & named
            if not fits or items.keys() != set(cls._fields):
                raise TypeError(f"{cls.__name__} is made of {', '.join(cls._fields)}")
            return tuple.__new__(cls, [items[name] for name in cls._fields])

        def _replace(self, **changes: object) -> Self:
            return type(self)(**{**dict(zip(self._fields, self, strict=True)), **changes})

        def __repr__(self) -> str:
            pairs = zip(self._fields, self, strict=True)
            return f"{type(self).__name__}({', '.join(f'{name}={item!r}' for name, item in pairs)})"
