"""docs/ram-policies.md: the policies allow what the CPI calls, and nothing more."""

from __future__ import annotations

import ast
import json
from functools import cache

from alicloud_sim.oss.service import HANDLERS
from docs.documents import ROOT, blocks_of

PAGE = "docs/ram-policies.md"
SOURCE = ROOT / "src" / "alicloud_cpi"

# What RAM asks for besides the call itself.
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
    """Return the texts in the code of a folder of the CPI; keys of tables call nothing."""
    trees = (ast.parse(path.read_bytes()) for path in (SOURCE / folder).rglob("*.py"))
    nodes = [node for tree in trees for node in ast.walk(tree)]
    keys = {key for node in nodes if isinstance(node, ast.Dict) for key in node.keys}
    texts = (node for node in nodes if isinstance(node, ast.Constant) and node not in keys)
    return {str(node.value) for node in texts}


def called() -> dict[str, set[str]]:
    """Return what the CPI's code calls, by name, each with all spellings that RAM has for it.

    NLB and ALB share names; the simulator's table knows which services have an action.
    """
    table = json.loads((ROOT / "src" / "alicloud_sim" / "api" / "actions.json").read_bytes())
    spellings: dict[str, set[str]] = {}
    for entry in table["actions"]:
        service, _, name = entry.partition(".")
        spellings.setdefault(name, set()).add(f"{service.lower()}:{name}")
    return {name: spellings[name] for name in words("") if name in spellings}


def called_of_oss() -> set[str]:
    """Return what the code asks of OSS, as RAM names it."""
    requests = words("cloud/oss") & set(HANDLERS)
    names = (RAM_NAMES.get(request, {request}) for request in requests)
    return {f"oss:{name}" for name in set().union(*names)}


def test_every_action_that_is_called_is_in_a_policy() -> None:
    """An operator who attaches them all is refused nothing."""
    allowed = documented()
    assert [name for name, spelled in called().items() if not spelled & allowed] == []


def test_no_action_is_in_a_policy_for_nothing() -> None:
    """Least privilege: what the code no longer calls goes from the document."""
    rpc = {action for action in documented() if not action.startswith("oss:")}
    assert rpc - set().union(*called().values()) == BESIDES


def test_of_oss_too() -> None:
    """Where RAM's names are not those of the requests."""
    assert {action for action in documented() if action.startswith("oss:")} == called_of_oss()
