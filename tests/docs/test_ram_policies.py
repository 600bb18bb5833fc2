"""docs/ram-policies.md: the policies allow the actions that the CPI calls, and no others."""

from __future__ import annotations

import ast
import json
import re
from functools import cache

from alicloud_sim.oss.service import HANDLERS
from docs.documents import ROOT, blocks_of

PAGE = "docs/ram-policies.md"
SOURCE = ROOT / "src" / "alicloud_cpi"

# Permissions that RAM requires in addition to the action.
BESIDES = {"ram:PassRole"}

# Requests to OSS for which RAM has another name, or several.
RAM_NAMES = {
    "InitiateMultipartUpload": {"PutObject"},
    "UploadPart": {"PutObject"},
    "CompleteMultipartUpload": {"PutObject"},
    "UploadPartCopy": {"GetObject", "PutObject"},
    "HeadObject": {"GetObject"},
}


def documented() -> set[str]:
    """Return the actions of all policy documents."""
    actions: set[str] = set()
    for block in blocks_of(PAGE):
        policy = json.loads(block.text)
        assert policy["Version"] == "1"
        for statement in policy["Statement"]:
            listed = statement["Action"]
            actions |= {listed} if isinstance(listed, str) else set(listed)
    return actions


@cache
def words(folder: str) -> set[str]:
    """Return the strings in the code of a folder of the CPI, without keys of dictionaries."""
    trees = (ast.parse(path.read_bytes()) for path in (SOURCE / folder).rglob("*.py"))
    nodes = [node for tree in trees for node in ast.walk(tree)]
    keys = {key for node in nodes if isinstance(node, ast.Dict) for key in node.keys}
    texts = (node for node in nodes if isinstance(node, ast.Constant) and node not in keys)
    return {str(node.value) for node in texts}


@cache
def called() -> set[str]:
    """Return the actions whose request classes the CPI imports, as RAM names them."""
    imports = [
        node
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.ImportFrom) and node.module
    ]
    found = set()
    for node in imports:
        match = re.fullmatch(r"aliyunsdk(\w+)\.request\.v\d+\.(\w+)Request", str(node.module))
        if match:
            found.add(f"{match[1]}:{match[2]}")
    return found


def called_of_oss() -> set[str]:
    """Return the OSS actions in the code, as RAM names them."""
    requests = words("oss") & set(HANDLERS)
    names = (RAM_NAMES.get(request, {request}) for request in requests)
    return {f"oss:{name}" for name in set().union(*names)}


def test_every_action_that_is_called_is_in_a_policy() -> None:
    """An account with all of them is refused nothing."""
    assert len(called()) > 30
    assert called() - documented() == set()


def test_no_action_is_in_a_policy_for_nothing() -> None:
    """Least privilege: an action that the code no longer calls is removed from the document."""
    rpc = {action for action in documented() if not action.startswith("oss:")}
    assert rpc - called() == BESIDES


def test_of_oss_too() -> None:
    """RAM's names differ from those of the requests."""
    assert {action for action in documented() if action.startswith("oss:")} == called_of_oss()
