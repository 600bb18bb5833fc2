"""One RPC call carried out: parameters, region, ClientToken, handler, answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import catalogue, wire
from .context import Ctx
from .errors import ApiError
from .idempotency import Twin, spends_token
from .parsing import COMMON
from .shapes import conform

if TYPE_CHECKING:
    from .accounts import AccessKey
    from .messages import HttpResponse
    from .params import Params
    from .registry import Action, Service
    from .world import World

LONGEST_TOKEN = 64
MISMATCH = (
    "IdempotentParameterMismatch",
    "IdempotenceParamNotMatch",
    "IdempotenceSignatureMismatch",
)
PROCESSING = (
    "IdempotentProcessing",
    "LastTokenProcessing",
    "IdempotenceProcessing",
    "OperationFailed.IdempotentTokenProcessing",
)


@dataclass
class RpcRun:
    """A call whose caller is known; prepare() comes first, then perform()."""

    world: World
    service: Service
    action: Action
    key: AccessKey
    call: wire.RpcCall
    request_id: str
    _ctx: Ctx | None = None
    _params: Params | None = None
    _token: tuple[str, str, str, str] | None = None

    def prepare(self) -> dict[str, Any] | None:
        """Check the parameters and take the ClientToken; give the answer of an earlier twin.

        :raises ApiError: a parameter or the token is refused
        """
        with self.world.lock:
            self._params = self.action.parser.parse(
                self.call.params, lenient=self.world.settings.get("unknown_parameters") == "ignored"
            )
            self._ctx = Ctx(self.world, self.key, self._region(), self.action.spec, self.request_id)
            return self._claim(self._ctx.region)

    def perform(self, repeated: dict[str, Any] | None) -> HttpResponse:
        """Run the handler, unless an earlier twin has answered already.

        :raises ApiError: the handler's refusal
        """
        if repeated is not None:
            return wire.success(self.call, self.request_id, repeated)
        if self._ctx is None or self._params is None:
            raise AssertionError("perform() before prepare()")
        with self.world.lock:
            self.world.tick()
            try:
                answer = self.action.handler(self._ctx, self._params) or {}
                answer = conform(self.action.spec.response, answer, self.action.spec.name)
            except ApiError as error:
                self.refused(error.code, error.status)
                raise
            except BaseException:
                if self._token:
                    self.world.tokens.release(self._token)
                raise
            finally:
                if not self.action.reads_only:
                    self.world.commit()
            if self._token:
                self.world.tokens.finish(self._token, answer)
        return wire.success(self.call, self.request_id, answer)

    def refused(self, code: str, status: int | None = None) -> None:
        """Remember that the request was refused: its ClientToken is spent, or free again."""
        if self._token is None:
            return
        known = status or catalogue.load().status(self.action.spec, code)
        if spends_token(code, known or catalogue.UNKNOWN_STATUS):
            self.world.tokens.fail(self._token)
        else:
            self.world.tokens.release(self._token)

    def _region(self) -> str:
        """Tell the region: as given, as the host name says, or the account's usual one."""
        given = self.call.params.get("RegionId", "") if self.service.regional else ""
        if given and given not in self.world.regions:
            code = catalogue.load().first_code(
                self.action.spec,
                *("InvalidRegionId.NotFound", "InvalidRegion.NotFound", "InvalidRegionId"),
                "InvalidRegionId.NotFound",
            )
            raise ApiError(code, f"The specified RegionId {given} does not exist.")
        named = [region for region in self.world.regions if region in self.call.http.host]
        return given or (named[0] if named else self.world.default_region)

    def _claim(self, region: str) -> dict[str, Any] | None:
        token = self.call.params.get("ClientToken", "")
        if not token or "ClientToken" not in self.action.spec.request or self.action.reads_only:
            return None
        tables, spec = catalogue.load(), self.action.spec
        if len(token) > LONGEST_TOKEN or not token.isascii():
            code = tables.first_code(
                spec, "InvalidClientToken.ValueNotSupported", "InvalidParameter"
            )
            raise ApiError(code, "ClientToken takes up to 64 ASCII characters.")
        key = (self.key.account, region, spec.qualified, token)
        wanted = {k: v for k, v in self.call.params.items() if k not in COMMON}
        twin, answer = self.world.tokens.claim(key, wanted, self.world.clock.now())
        if twin is Twin.DIFFERENT:
            code = _own(self.action, (*MISMATCH, *self.service.mismatch_codes))
            raise ApiError(code, "ClientToken was used with other parameters.")
        if twin is Twin.RUNNING:
            code = _own(self.action, (*PROCESSING, *self.service.processing_codes))
            raise ApiError(code, "The earlier call with this ClientToken is being processed.")
        if twin is Twin.FAILED:
            raise ApiError("IdempotentFailed", "The previous idempotent request(s) has failed.")
        self._token = key if twin is Twin.NONE else None
        return answer


def _own(action: Action, codes: tuple[str, ...]) -> str:
    """Pick the spelling the action documents itself, else the last: its service's."""
    return next((code for code in codes if code in action.spec.codes), codes[-1])
