"""What the CPI says when something fails, read out of its source: nothing is listed by hand.

A message is a text in which each part that differs from call to call is written ``…``.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "alicloud_cpi"
GAP = "…"


def errors() -> set[str]:
    """Return the messages of all failures, and the sentences that are added to one."""
    return {_tidy(text) for module in _modules() for text in module.errors()} - {f"{GAP}. {GAP}"}


def waits() -> set[str]:
    """Return what the CPI waits for, as it completes "waiting for ..."."""
    return {_tidy(text) for module in _modules() for text in module.waits()}


def warnings() -> set[str]:
    """Return the warnings of the log."""
    return {
        _tidy(text)
        for module in _modules()
        for text in module.first_of("log.warning", "_log.warning")
    }


def refusals() -> set[str]:
    """Return what the job's templates refuse to be rendered with."""
    templates = (ROOT / "jobs" / "alicloud_cpi" / "templates").rglob("*.erb")
    text = "".join(template.read_text() for template in templates)
    return {
        _tidy(re.sub(r"#\{.*?\}", GAP, raised)) for raised in re.findall(r'raise "(.*?)"', text)
    }


def _tidy(text: str) -> str:
    """Write every gap alike: those of logging too, and one where several follow each other."""
    return re.sub(f"{GAP}+", GAP, re.sub(r"%[.\d]*[sdf]", GAP, text))


def _calls(node: ast.AST, *functions: str) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and ast.unparse(node.func) in functions


@cache
def _trees() -> tuple[ast.Module, ...]:
    return tuple(ast.parse(path.read_bytes()) for path in sorted(SOURCE.rglob("*.py")))


@cache
def _failures() -> frozenset[str]:
    """Name the classes whose text a caller gets to see: CpiFailure's kin, and Interrupted."""
    bases = {
        node.name: {ast.unparse(base) for base in node.bases}
        for tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found = {"CpiFailure", "Interrupted"}
    while more := {name for name, of in bases.items() if of & found} - found:
        found |= more
    return frozenset(found)


@cache
def _modules() -> tuple[_Module, ...]:
    return tuple(_Module(tree) for tree in _trees())


class _Module:
    """One module: its constants, its functions, and the texts in it."""

    def __init__(self, tree: ast.Module) -> None:
        self._nodes = list(ast.walk(tree))
        self._functions = {
            node.name: node for node in self._nodes if isinstance(node, ast.FunctionDef)
        }
        self._constants = {
            ast.unparse(target): node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(node.value.value, str)
        }
        # Texts that have a name before they are said, where the module has one of that name.
        named = [node for node in self._nodes if isinstance(node, ast.Assign)]
        names = [ast.unparse(node.targets[0]) for node in named]
        self._named = {
            name: node.value
            for name, node in zip(names, named, strict=True)
            if isinstance(node.value, ast.JoinedStr) and names.count(name) == 1
        }
        # What adds a sentence to a failure that has been caught, or handed in.
        caught = [node.name for node in self._nodes if isinstance(node, ast.ExceptHandler)]
        self._sentences = {f"{name}.add" for name in ("failure", *caught)}
        # Functions that only make a failure of their caller's text, and the call that does it.
        self._makers = {
            name: node.body[-1].value
            for name, node in self._functions.items()
            if isinstance(node.body[-1], ast.Return)
            and isinstance(node.body[-1].value, ast.Call)
            and node.body[-1].value.args
            and ast.unparse(node.body[-1].value.func) in _failures()
        }

    def errors(self) -> Iterator[str]:
        """Yield the text of every failure that is made here, by whatever way."""
        made_elsewhere = list(self._makers.values())
        for call in self._nodes:
            if not isinstance(call, ast.Call) or not call.args or call in made_elsewhere:
                continue
            name = ast.unparse(call.func).rpartition(".")[2]
            if name in self._makers:
                (parameter,) = (a.arg for a in self._functions[name].args.args if a.arg != "self")
                for text in self._texts(call.args[0]):
                    yield from self._texts(self._makers[name].args[0], {parameter: text})
            elif name in _failures() or ast.unparse(call.func) in self._sentences:
                yield from self._texts(call.args[0])
        yield from self._of_classes()

    def waits(self) -> Iterator[str]:
        """Yield what is waited for; a record that is waited for says so itself."""
        waits = [node for node in self._nodes if _calls(node, "wait_for")]
        yield from self.first_of("wait_for")
        if waits and "__str__" in self._functions:
            yield from self._returned("__str__")

    def first_of(self, *functions: str) -> Iterator[str]:
        """Yield the first arguments of every call of a function."""
        for node in self._nodes:
            if _calls(node, *functions):
                yield from self._texts(node.args[0])

    def _of_classes(self) -> Iterator[str]:
        """Yield what classes of failures say by themselves."""
        classes = [node for node in self._nodes if isinstance(node, ast.ClassDef)]
        for node in (
            inner for one in classes if one.name in _failures() for inner in ast.walk(one)
        ):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "super().__init__":
                yield from self._texts(node.args[0])
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "self.message":
                yield from self._texts(node.value)

    def _texts(self, node: ast.expr, given: Mapping[str, str] | None = None) -> Iterator[str]:
        """Yield the texts that an expression can have; none for what is said elsewhere."""
        if isinstance(node, ast.IfExp):
            yield from self._texts(node.body, given)
            yield from self._texts(node.orelse, given)
        elif isinstance(node, ast.JoinedStr):
            yield "".join(self._part(value, given or {}) for value in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Name) and node.id in self._constants:
            yield self._constants[node.id]
        elif isinstance(node, ast.Name) and node.id in self._named:
            yield from self._texts(self._named[node.id], given)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in self._functions:
            yield from self._returned(ast.unparse(node.func))

    def _returned(self, function: str) -> Iterator[str]:
        """Yield the texts that a function can return."""
        for node in ast.walk(self._functions[function]):
            if isinstance(node, ast.Return) and node.value is not None:
                yield from self._texts(node.value)

    def _part(self, node: ast.expr, given: Mapping[str, str]) -> str:
        if isinstance(node, ast.Constant):
            return str(node.value)
        assert isinstance(node, ast.FormattedValue)
        name = ast.unparse(node.value)
        if name in self._named:
            return next(self._texts(self._named[name]))
        return given.get(name) or self._constants.get(name) or GAP
