"""The service: paths, tokens, and what is refused.

Not in the reference: 400 for a time to live that is missing or out of range, 401 for a token
that is unknown or has expired, 403 in disabled mode, and 403 for whatever came through a
proxy (X-Forwarded-For, or an absolute URI as its target).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from alicloud_sim.errors import ApiError
from alicloud_sim.messages import HttpResponse
from alicloud_sim.records import Record

from .credentials import document_of
from .instance import instance_of, mode_of
from .items import CREDENTIALS, DOCUMENT, USER_DATA, items_of

if TYPE_CHECKING:
    from alicloud_sim.ecs.instances import Instance
    from alicloud_sim.messages import HttpRequest
    from alicloud_sim.registry import HttpCall
    from alicloud_sim.world import World

ROOT = "/latest"
TOKEN_PATH = "api/token"  # noqa: S105 - a path
TTL_HEADER = "x-aliyun-ecs-metadata-token-ttl-seconds"
TOKEN_HEADER = "x-aliyun-ecs-metadata-token"  # noqa: S105 - a header's name
LONGEST_TTL = 21600
STATUSES = {
    "BadRequest": (400, "Bad Request"),
    "Unauthorized": (401, "Unauthorized"),
    "Forbidden": (403, "Forbidden"),
    "NotFound": (404, "Not Found"),
    "MethodNotAllowed": (405, "Method Not Allowed"),
}
PAGE = "<html><head><title>{0} - {1}</title></head><body><h1>{0} - {1}</h1></body></html>\n"


@dataclass
class MetadataToken(Record):
    """A token of the hardened mode; the id is what it hides."""

    kind: ClassVar[str] = "metadata_token"

    expires: float = 0.0


def _refusal(code: str) -> ApiError:
    status, text = STATUSES[code]
    return ApiError(code, text, status)


def _text(text: str) -> HttpResponse:
    return HttpResponse(200, text.encode(), {"Content-Type": "text/plain"})


class Metadata:
    """The metadata of one instance."""

    name = "metadata"
    streams = False
    actions: tuple[str, ...] = (
        *("GetToken", "ListRoles", "GetRoleCredentials", "GetUserData", "GetDocument"),
        "GetMetadata",
    )

    def claims(self, request: HttpRequest) -> bool:
        """Take what lies below /latest."""
        return request.path == ROOT or request.path.startswith(f"{ROOT}/")

    def action(self, request: HttpRequest) -> str:
        """Name what is asked for: GetToken, ListRoles, GetRoleCredentials, ..."""
        path = self._path(request)
        if path == TOKEN_PATH:
            return "GetToken"
        if path == CREDENTIALS:
            return "ListRoles"
        if path.startswith(f"{CREDENTIALS}/"):
            return "GetRoleCredentials"
        return {USER_DATA: "GetUserData", DOCUMENT: "GetDocument"}.get(path, "GetMetadata")

    def params(self, request: HttpRequest) -> dict[str, str]:
        """Tell the path."""
        return {"path": request.path}

    def _path(self, request: HttpRequest) -> str:
        return request.path.removeprefix(ROOT).strip("/")

    def handle(self, call: HttpCall) -> HttpResponse:
        """Answer a request."""
        request, path, world = call.request, self._path(call.request), call.world
        if "x-forwarded-for" in request.headers or not request.target.startswith("/"):
            raise _refusal("Forbidden")
        with world.turn():
            instance = instance_of(world)
            mode = mode_of(world, instance)
            if mode == "disabled":
                raise _refusal("Forbidden")
            if path == TOKEN_PATH:
                return self._token(world, instance, request, mode)
            if request.method not in ("GET", "HEAD"):
                raise _refusal("MethodNotAllowed")
            self._check_token(world, request, mode)
            return self._item(world, instance, path)

    def refuse(self, call: HttpCall, error: ApiError) -> HttpResponse:
        """Word a refusal as a page."""
        del call
        status, text = STATUSES.get(error.code, (error.status or 500, error.code))
        body = PAGE.format(error.status or status, error.message or text)
        headers = {"Content-Type": "text/html", **error.headers}
        return HttpResponse(error.status or status, body.encode(), headers)

    def _token(
        self, world: World, instance: Instance, request: HttpRequest, mode: str
    ) -> HttpResponse:
        if mode == "legacy":
            raise _refusal("NotFound")
        if request.method != "PUT":
            raise _refusal("MethodNotAllowed")
        ttl, now = request.headers.get(TTL_HEADER, ""), world.clock.now()
        if not ttl.isdecimal() or not 0 < int(ttl) <= LONGEST_TTL:
            raise _refusal("BadRequest")
        for old in world.all(MetadataToken):
            if old.expires <= now:
                world.remove(old)
        made = secrets.token_urlsafe(42)
        world.add(MetadataToken(made, instance.account, "", expires=now + int(ttl)))
        return _text(made)

    def _check_token(self, world: World, request: HttpRequest, mode: str) -> None:
        given = request.headers.get(TOKEN_HEADER)
        if mode == "legacy" or (given is None and mode == "normal"):
            return
        if given is None:
            raise _refusal("Forbidden")
        found = world.get(MetadataToken, given)
        if found is None or found.expires <= world.clock.now():
            raise _refusal("Unauthorized")

    def _item(self, world: World, instance: Instance, path: str) -> HttpResponse:
        items = items_of(world, instance)
        if path in items and path.startswith(f"{CREDENTIALS}/") and not items[path]:
            document = document_of(world, instance, path.rpartition("/")[2])
            if document is None:
                raise _refusal("NotFound")
            return HttpResponse(200, document.encode(), {"Content-Type": "application/json"})
        if path in items:
            return _text(items[path])
        prefix = f"{path}/" if path else ""
        below = [name.removeprefix(prefix) for name in items if name.startswith(prefix)]
        if not below:
            raise _refusal("NotFound")
        names = {name.partition("/")[0] + ("/" if "/" in name else "") for name in below}
        return _text("\n".join(sorted(names)))
