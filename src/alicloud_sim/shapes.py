"""Answers of handlers checked against the shape the catalogue has for the action.

A field the real answer does not have, or one of another type, would teach clients
something false. Absent fields are fine; None is left out.
"""

from __future__ import annotations

from typing import Any

from .errors import SimulatorBugError

TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "bool": (bool,),
    "int": (int,),
    "int32": (int,),
    "int64": (int,),
    "float": (int, float),
}


def conform(shape: Any, value: Any, where: str) -> Any:
    """Copy an answer without its Nones.

    :raises SimulatorBugError: a field or a type the real answer does not have
    """
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            raise SimulatorBugError(f"{where} has to be an object")
        return {
            key: conform(_field(shape, key, where), inner, f"{where}.{key}")
            for key, inner in value.items()
            if inner is not None
        }
    if isinstance(shape, list):
        if not isinstance(value, list):
            raise SimulatorBugError(f"{where} has to be a list")
        return [conform(shape[0], inner, f"{where}[]") for inner in value]
    fits = isinstance(value, TYPES[shape]) and (shape == "bool" or not isinstance(value, bool))
    if not fits:
        raise SimulatorBugError(f"{where} has to be {shape}, is {value!r}")
    return value


def _field(shape: dict[str, Any], key: str, where: str) -> Any:
    found = shape.get(key, shape.get("*"))
    if found is None:
        raise SimulatorBugError(f"the real answer has no {where}.{key}")
    return found
