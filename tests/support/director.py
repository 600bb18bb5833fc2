"""The executable as the Director starts it: a process per call, in real time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from support.cpi import run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from support.cpi import Answer
    from support.vms import Vms


class Director:
    """Starts the executable for each call and reads its answer."""

    def __init__(self, vms: Vms) -> None:
        self.cpi = vms.cpi
        self._vms = vms

    @property
    def options(self) -> list[str]:
        """The command line, as bin/cpi writes it."""
        return ["--config", str(self.cpi.path)]

    def call(
        self,
        method: str,
        *arguments: Any,
        context: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Answer:
        """Make one call; the environment is the Director's unless another one is given."""
        return run(self.options, self.cpi.request(method, arguments, context), environment)

    def ok(self, method: str, *arguments: Any, context: Mapping[str, Any] | None = None) -> Any:
        """Make one call that has to end well, and return its result."""
        answer = self.call(method, *arguments, context=context)
        assert answer.error is None, f"{answer.error}\n{answer.stderr}"
        return answer.result

    def create(self, **changes: Any) -> Answer:
        """Call create_vm with a good request and these changes of it (``Vms.arguments``)."""
        return self.call("create_vm", *self._vms.arguments(**changes))

    def vm(self, **changes: Any) -> str:
        """Call create_vm, which has to end well, and return the VM's cid."""
        cid = self.ok("create_vm", *self._vms.arguments(**changes))[0]
        assert isinstance(cid, str)
        return cid
