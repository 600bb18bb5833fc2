"""Services and their actions: modules of resources register handlers here by decorator.

Handlers are code, not state, so these tables may live as long as the process. See the
package's docstring for how to write one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from . import catalogue
from .control_input import choice, near
from .errors import SimulatorBugError
from .parsing import Parser, declared_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from .catalogue import ActionSpec
    from .context import Ctx
    from .errors import ApiError
    from .messages import HttpRequest, HttpResponse
    from .params import Params
    from .world import World

READS = ("Describe", "List", "Get")


@dataclass(frozen=True)
class Action:
    """One action as registered: its catalogue entry, its parser and its handler."""

    spec: ActionSpec
    parser: Parser
    handler: Callable[[Ctx, Params], dict[str, Any] | None]

    @property
    def reads_only(self) -> bool:
        """Whether it only looks: nothing to commit then."""
        return self.spec.name.startswith(READS)


@dataclass
class Service:
    """An RPC product: its catalogue name and the error codes its gateway words differently.

    One that is not regional takes no notice of a RegionId that its actions do not have.
    """

    product: str
    mismatch_codes: tuple[str, ...] = ("IdempotentParameterMismatch",)
    processing_codes: tuple[str, ...] = ("IdempotentProcessing",)
    denied_code: str = "Forbidden.RAM"
    regional: bool = True
    actions: dict[str, Action] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name in faults, calls and denied patterns, e.g. ecs."""
        return self.product.lower()

    def action(
        self, name: str, params: str = ""
    ) -> Callable[
        [Callable[[Ctx, Params], dict[str, Any] | None]],
        Callable[[Ctx, Params], dict[str, Any] | None],
    ]:
        """Register a handler and the parameters it reads (dotted for fields of lists)."""
        tables = catalogue.load()
        spec = tables.action(self.product, name)
        if spec is None or name in self.actions:
            raise SimulatorBugError(f"{self.product}.{name} is unknown or registered twice")
        parser = Parser(tables, spec, declared_names(spec, params))

        def register(
            handler: Callable[[Ctx, Params], dict[str, Any] | None],
        ) -> Callable[[Ctx, Params], dict[str, Any] | None]:
            self.actions[name] = Action(spec, parser, handler)
            return handler

        return register


@dataclass(frozen=True)
class HttpCall:
    """One request to a service that is no RPC."""

    world: World
    request: HttpRequest
    request_id: str
    server_time: float
    """Real time plus the skew of signatures, not the world's clock."""
    entry: dict[str, Any]
    """The record of this call: the service notes account and key, or its own request id."""


class HttpService(Protocol):
    """A service that is no RPC: OSS, the metadata of instances."""

    name: str
    streams: bool
    """Whether it reads bodies from request.stream itself; request.body is empty then."""
    actions: tuple[str, ...]
    """The names that action() gives to what is simulated."""

    def claims(self, request: HttpRequest) -> bool:
        """Whether host or path of the request belong to this service."""

    def action(self, request: HttpRequest) -> str:
        """Name what the request does, for faults and the record of calls (PutObject...)."""

    def params(self, request: HttpRequest) -> dict[str, str]:
        """Tell what the request is about, for faults and the record of calls; no secrets."""

    def handle(self, call: HttpCall) -> HttpResponse:
        """Answer, its own refusals included; it takes world.turn() to look or to change."""

    def refuse(self, call: HttpCall, error: ApiError) -> HttpResponse:
        """Word a refusal or a scripted error in the service's own envelope."""


RPC_SERVICES: dict[str, Service] = {}
HTTP_SERVICES: list[HttpService] = []


def known_actions() -> dict[str, list[str]]:
    """List the actions that are simulated, by the name of their service."""
    services = {service.name: service.actions for service in RPC_SERVICES.values()}
    every = {**services, **{service.name: service.actions for service in HTTP_SERVICES}}
    return {name: sorted(every[name]) for name in sorted(every)}


def check_pattern(service: str, action: str) -> None:
    """Refuse a service and an action that no call can have; "*" is any.

    :raises ValueError: with what there is
    """
    known = known_actions()
    if service not in ("*", *known):
        raise ValueError(f"service {service!r} is unknown: {choice(service, known)}")
    names = known[service] if service != "*" else sorted(set().union(*known.values()))
    if action not in ("*", *names):
        of = f" of {service}" if service != "*" else ""
        raise ValueError(f"action {action!r}{of} is not simulated: {near(action, names)}")


def rpc_service(
    product: str,
    *,
    mismatch_codes: tuple[str, ...] = ("IdempotentParameterMismatch",),
    processing_codes: tuple[str, ...] = ("IdempotentProcessing",),
    denied_code: str = "Forbidden.RAM",
    regional: bool = True,
) -> Service:
    """Make and register an RPC service; called once by the package of the product."""
    service = Service(product, mismatch_codes, processing_codes, denied_code, regional)
    RPC_SERVICES[product] = service
    return service
