"""The way of one request: who calls, what goes wrong, what the handler says, the record.

The world is locked while it is looked at or changed; delays are slept outside the lock.
"""

from __future__ import annotations

import logging
import threading
import time
import traceback
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import catalogue, wire
from .calls import Calls, without_secrets
from .errors import ApiError, UnsupportedError
from .faults import Faults, Plan
from .messages import Fate, HttpResponse
from .registry import HTTP_SERVICES, RPC_SERVICES, Action, HttpCall, HttpService, Service
from .rpc import RpcRun
from .streams import BodyLostError
from .throttling import Throttles

if TYPE_CHECKING:
    from .accounts import AccessKey
    from .auth import Authenticator
    from .catalogue import ActionSpec
    from .messages import HttpRequest
    from .world import World

LOG = logging.getLogger("alicloud_sim")
BUG_STATUS = 500
HOW_TO_ADD = (
    "It is a real action: docs/add-a-method.md, section 'An action of the simulator', "
    "says how to add it."
)


@dataclass
class Gateway:
    """Everything a request passes on its way to a handler and back."""

    world: World
    auth: Authenticator
    faults: Faults = field(default_factory=Faults)
    throttles: Throttles = field(default_factory=Throttles)
    calls: Calls = field(default_factory=Calls)
    stopping: threading.Event = field(default_factory=threading.Event)
    bugs: list[str] = field(default_factory=list)

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request of any service but the control API."""
        started = time.time()
        request_id = str(uuid.uuid4()).upper()
        entry: dict[str, Any] = {
            "time": started,
            "service": "",
            "action": "",
            "params": {},
            "account": "",
            "key": "",
            "method": request.method,
            "client_port": request.client_port,
            "tls": request.tls_version,
            "sni": request.server_name,
            "request_id": request_id,
        }
        service = next((s for s in HTTP_SERVICES if s.claims(request)), None)
        if service is None:
            response = self._answer_rpc(wire.decode(request), request_id, entry)
        else:
            now = started + self.auth.skew_seconds
            call = HttpCall(self.world, request, request_id, now, entry)
            response = self._answer_http(service, call)
        entry |= {"status": response.status, "fate": response.fate.value}
        entry["duration"] = round(time.time() - started, 6)
        self.calls.add(entry)
        return response

    def streams(self, request: HttpRequest) -> bool:
        """Whether the request's service reads the body itself."""
        service = next((s for s in HTTP_SERVICES if s.claims(request)), None)
        return service is not None and service.streams

    # RPC

    def _answer_rpc(
        self, call: wire.RpcCall, request_id: str, entry: dict[str, Any]
    ) -> HttpResponse:
        spec: ActionSpec | None = None

        def refuse(error: ApiError) -> HttpResponse:
            entry["code"] = error.code
            return self._refuse(call, request_id, spec, error)

        entry |= {"action": call.action, "params": without_secrets(call.params)}
        try:
            service, action = _resolve(call)
            spec = action.spec
            entry["service"] = service.name
            with self.world.lock:
                self.world.tick()
                key = self.auth.check(self.world, call)
                entry |= {"account": key.account, "key": key.id}
                self._admit(service, call.action, key)
            plan = self.faults.plan(service.name, call.action, call.params)
            run = RpcRun(self.world, service, action, key, call, request_id)
            return plan.deliver(self._effect(plan, run, refuse), refuse)
        except ApiError as error:
            return refuse(error)
        except Exception:  # noqa: BLE001 - a bug in a handler must not look like the cloud
            return refuse(self._bug(traceback.format_exc()))

    def _effect(self, plan: Plan, run: RpcRun, refuse: Any) -> HttpResponse | None:
        """Run the handler unless the fault comes before its effect; its refusal is an answer."""
        if not plan.has_effect:
            if plan.refusal:
                # The cloud looks at the token before it judges, so a scripted refusal spends it.
                run.prepare()
                run.refused(plan.refusal.code, plan.refusal.status)
            self._sleep(plan)
            return None
        try:
            repeated = run.prepare()
            self._sleep(plan)
            return run.perform(repeated)
        except ApiError as error:
            response: HttpResponse = refuse(error)
            return response

    def _admit(self, service: Service, action: str, key: AccessKey) -> None:
        if not key.may(service.name, action):
            raise ApiError(service.denied_code, "User not authorized to operate on the resource.")
        self.throttles.check(key.account, service.name, action, self.world.clock.now())

    def _refuse(
        self, call: wire.RpcCall, request_id: str, spec: ActionSpec | None, error: ApiError
    ) -> HttpResponse:
        tables = catalogue.load()
        status = error.status or tables.status(spec, error.code)
        if status is None:
            where = spec.qualified if spec else "the gateway"
            bug = self._bug(f"{error.code} is no error code of {where}: {error.message}")
            return self._refuse(call, request_id, spec, bug)
        text = error.message or tables.meaning(error.code)
        return wire.failure(call, request_id, status, error.code, text, error.headers)

    # Other services

    def _answer_http(self, service: HttpService, call: HttpCall) -> HttpResponse:
        request, entry = call.request, call.entry
        params = service.params(request)
        entry |= {"service": service.name, "action": service.action(request), "params": params}

        def refuse(error: ApiError) -> HttpResponse:
            entry["code"] = error.code
            return service.refuse(call, error)

        plan = self.faults.plan(service.name, entry["action"], params)
        self._sleep(plan, f"{service.name}.call")
        answer: HttpResponse | None = None
        if plan.has_effect:
            try:
                answer = service.handle(call)
            except ApiError as error:
                answer = refuse(error)
            except BodyLostError:
                return HttpResponse(0, fate=Fate.CLOSED)
            except Exception:  # noqa: BLE001 - a bug in a handler must not look like the cloud
                answer = refuse(self._bug(traceback.format_exc()))
        response = plan.deliver(answer, refuse)
        stream = request.stream
        entry["bytes_in"] = stream.received if stream is not None else len(request.body)
        entry["bytes_out"] = response.length
        return response

    # Both

    def _sleep(self, plan: Plan, key: str = "call") -> None:
        pace = self.world.pace
        seconds = plan.delay_seconds + sum(pace.seconds(k) for k in {"call", key})
        if seconds > 0:
            self.stopping.wait(seconds)

    def _bug(self, text: str) -> ApiError:
        self.bugs.append(text)
        LOG.error("simulator bug: %s", text)
        last = text.strip().splitlines()[-1]
        return ApiError("SimulatorBug", f"The simulator broke: {last}", BUG_STATUS)


def _resolve(call: wire.RpcCall) -> tuple[Service, Action]:
    """Find what is called by version and action name."""
    tables = catalogue.load()
    for name, value in (("Version", call.version), ("Action", call.action)):
        if not value:
            raise ApiError("MissingParameter", f"{name} is mandatory for this action.")
    product = tables.versions.get(call.version)
    if product is None:
        raise ApiError("InvalidVersion", f"Specified parameter Version {call.version} is invalid.")
    spec = tables.action(product, call.action)
    if spec is None and call.action not in tables.names(product):
        raise ApiError("InvalidAction.NotFound", f"Specified api {call.action} is not found.")
    service = RPC_SERVICES.get(product)
    action = service.actions.get(call.action) if service else None
    if service is None or action is None:
        raise UnsupportedError(f"{product}.{call.action}", HOW_TO_ADD)
    if call.http.method not in action.spec.methods:
        raise ApiError("UnsupportedHTTPMethod", "This http method is not supported.")
    return service, action
