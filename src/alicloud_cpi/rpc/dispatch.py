"""Run one call and map its outcome to one answer.

The only place that catches every exception: whatever happens, the caller gets one JSON document.
"""

from __future__ import annotations

from alicloud_cpi import cpi_json, interrupt, log
from alicloud_cpi.call import Call
from alicloud_cpi.errors import CloudError, CpiError, CpiFailure, Interrupted
from alicloud_cpi.rpc import methods, request, response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike
    from typing import Any

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.rpc.request import Request

# ``info`` precedes every other call and has nothing to say.
_SILENT = ("info",)


def answer(text: bytes, config_path: str | PathLike[str] | None, clock: Clock) -> str:
    """Return the answer to the request in ``text``; never raises."""
    secrets = log.Secrets()
    started: list[str] = []
    try:
        return response.success(_run(text, config_path, clock, secrets, started))
    except CpiFailure as failure:
        return _failed(failure, secrets, started)
    except Interrupted as signalled:
        return _failed(CloudError(signalled.message), secrets, started)
    except Exception as error:  # noqa: BLE001 - a bug must be answered too
        return _bug(error, secrets, started)


def stopped(signalled: Interrupted) -> str:
    """Return the answer for a call that was stopped before or after its work."""
    return response.failure(CloudError(signalled.message), signalled.message)


def _run(
    text: bytes,
    config_path: str | PathLike[str] | None,
    clock: Clock,
    secrets: log.Secrets,
    started: list[str],
) -> Any:
    asked = request.parse(text)
    secrets.add_from(asked.arguments)
    secrets.add_from(asked.context)
    if asked.method not in _SILENT:
        log.start(secrets, method=asked.method, request_id=asked.context.get("request_id", "-"))
        started.append(asked.method)
    action = methods.find(asked.method, asked.arguments)
    call = _call(asked, config_path, clock, secrets)
    try:
        result = action(call, *asked.arguments)
        # From here on a signal could only turn success into a failure that leaves things behind.
        interrupt.ignore()
    finally:
        call.close()
    return result


def _call(
    asked: Request, config_path: str | PathLike[str] | None, clock: Clock, secrets: log.Secrets
) -> Call:
    if config_path is None:
        raise CpiError("No configuration given: start the CPI with --config FILE")
    document = cpi_json.load(config_path)
    secrets.add_from(document)
    return Call(
        api_version=asked.api_version,
        context=asked.context,
        document=document,
        clock=clock,
        secrets=secrets,
    )


def _failed(failure: CpiFailure, secrets: log.Secrets, started: list[str]) -> str:
    message = secrets.blank(failure.message)
    if started:
        log.error("%s: %s", failure.type, message)
    return response.failure(failure, message)


def _bug(error: Exception, secrets: log.Secrets, started: list[str]) -> str:
    """Answer for an exception that nobody foresaw: its text stays in the log, blanked."""
    if not started:
        log.start(secrets, method="-", request_id="-")
    log.exception("unexpected %s", type(error).__name__)
    told = CpiError(
        f"Internal error of the CPI: {type(error).__name__}; the log of this call has the details"
    )
    return response.failure(told, secrets.blank(told.message))
