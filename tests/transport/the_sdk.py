"""What Alibaba Cloud's SDK knows: the request class of each action, and the names it can send."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from alicloud_cpi.cloud.wire.signing import ECS, NLB, SLB, STS, VPC, Service

PACKAGES = {
    ECS: "aliyunsdkecs.request.v20140526",
    SLB: "aliyunsdkslb.request.v20140515",
    NLB: "aliyunsdknlb.request.v20220430",
    VPC: "aliyunsdkvpc.request.v20160428",
    STS: "aliyunsdksts.request.v20150401",
}

# Its signers send it with every request, so not every class has it.
_COMMON = {"RegionId"}
_SETTERS = ("add_query_param", "add_body_params")


def knows(service: Service, action: str) -> bool:
    """Whether the SDK has a request class for a service's action."""
    return action.isidentifier() and find_spec(f"{PACKAGES[service]}.{action}Request") is not None


def request(service: Service, action: str) -> Any:
    """Return a request of the SDK's own class for an action."""
    module = import_module(f"{PACKAGES[service]}.{action}Request")
    return getattr(module, f"{action}Request")()


@cache
def names(service: Service, action: str) -> frozenset[str]:
    """Return the names that an action's request class can send, such as ``Tag.N.Key``."""
    source = inspect.getsource(type(request(service, action)))
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    setting = [
        call
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr in _SETTERS
    ]
    return frozenset(_COMMON | {_spelled(call.args[0]) for call in setting})


def _spelled(name: ast.expr) -> str:
    """Read ``'Tag.' + str(depth1 + 1) + '.Key'`` as ``Tag.N.Key``."""
    if isinstance(name, ast.BinOp):
        return _spelled(name.left) + _spelled(name.right)
    return str(name.value) if isinstance(name, ast.Constant) else "N"
