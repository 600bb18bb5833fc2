"""What a tool has found out, as a table or as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.cloud_properties.schema import is_variable

ERROR = "error"
WARNING = "warning"
NOTE = "note"
_ORDER = (ERROR, WARNING, NOTE)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or worth knowing, and where."""

    level: str
    where: str
    message: str


def level_for(properties: Mapping[str, Any]) -> str:
    """Return how bad a broken rule is: the value of a variable may mend it."""
    return WARNING if is_variable(dict(properties)) else ERROR


def unique(findings: Iterable[Finding]) -> list[Finding]:
    """Return each finding once, errors first, otherwise in their order."""
    return sorted(dict.fromkeys(findings), key=lambda finding: _ORDER.index(finding.level))


def as_lines(findings: Sequence[Finding], *, json_lines: bool) -> Iterator[str]:
    """Yield a line per finding: JSON, or a row of a table."""
    if json_lines:
        yield from (json.dumps(asdict(finding)) for finding in findings)
        return
    wheres = max((len(finding.where) for finding in findings), default=0)
    for finding in findings:
        yield f"{finding.level:<7}  {finding.where:<{wheres}}  {finding.message}"
    errors = sum(finding.level == ERROR for finding in findings)
    yield f"{errors} errors, {len(findings) - errors} other findings"


def guarded(what: str, check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """Return what a check finds; a request that failed is a warning."""
    found: list[Finding] = []
    try:
        found.extend(check())
    except ApiError as error:
        found.append(Finding(WARNING, what, f"could not be checked: {error.message}"))
    return found
