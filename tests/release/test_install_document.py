"""docs/install.md: the RAM policies allow what the CPI calls, and nothing more."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]

# What RAM asks for besides the call itself.
BESIDES = {"ram:PassRole"}


def documented() -> set[str]:
    """Return the actions of all policy documents."""
    text = (ROOT / "docs" / "install.md").read_text("utf-8")
    actions: set[str] = set()
    for document in re.findall(r"```json\n(.*?)```", text, re.DOTALL):
        policy = json.loads(document)
        assert policy["Version"] == "1"
        for statement in policy["Statement"]:
            listed = statement["Action"]
            actions |= {listed} if isinstance(listed, str) else set(listed)
    return actions


def called() -> dict[str, set[str]]:
    """Return what the CPI's code calls, by name, each with all spellings that RAM has for it.

    NLB and ALB share names; the simulator's table knows which services have an action.
    """
    table = json.loads((ROOT / "src" / "alicloud_sim" / "api" / "actions.json").read_bytes())
    spellings: dict[str, set[str]] = {}
    for entry in table["actions"]:
        service, _, name = entry.partition(".")
        spellings.setdefault(name, set()).add(f"{service.lower()}:{name}")
    code = "".join(
        path.read_text("utf-8") for path in (ROOT / "src" / "alicloud_cpi").rglob("*.py")
    )
    names = set(re.findall(r'"([A-Z][A-Za-z]+)"(?!:)', code))
    return {name: spellings[name] for name in names if name in spellings}


def test_every_action_that_is_called_is_in_a_policy() -> None:
    """An operator who attaches them all is refused nothing."""
    allowed = documented()
    assert [name for name, spelled in called().items() if not spelled & allowed] == []


def test_no_action_is_in_a_policy_for_nothing() -> None:
    """Least privilege: what the code no longer calls goes from the document."""
    rpc = {action for action in documented() if not action.startswith("oss:")}
    assert rpc - set().union(*called().values()) == BESIDES
