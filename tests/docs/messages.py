"""The messages of the CPI, read from its source: none is listed by hand.

A message is a text in which each part that differs from call to call is written ``…``.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "alicloud_cpi"
GAP = "…"

# These join texts that are listed themselves: a message and a sentence, a type and a message.
_JOINS = {f"{GAP}. {GAP}", f"{GAP}: {GAP}"}

# Names of a failure that a function is given, or has caught.
_HANDED_IN = {"failure"}


def errors() -> set[str]:
    """Return the messages of all failures, and the sentences that are appended to one."""
    return _collected(module.errors() for module in _modules()) - _JOINS


def details() -> set[str]:
    """Return the CPI's own texts that the message of a failed request quotes."""
    return _collected(module.details() for module in _modules())


def waits() -> set[str]:
    """Return what the CPI waits for, as it completes "waiting for ..."."""
    return _collected(module.waits() for module in _modules())


def log_lines() -> set[str]:
    """Return the lines of the log above INFO."""
    return _collected(module.log_lines() for module in _modules()) - _JOINS


def unread() -> list[str]:
    """List where a failure is made whose text cannot be read here."""
    return [text for module in _modules() for text in module.unread()]


def template_errors() -> set[str]:
    """Return the errors of the job's templates."""
    templates = (ROOT / "jobs" / "alicloud_cpi" / "templates").rglob("*.erb")
    text = "".join(template.read_text() for template in templates)
    raised = re.findall(r'raise "(.*?)"', text)
    return _collected([(re.sub(r"#\{.*?\}", GAP, message) for message in raised)])


def _collected(texts: Iterable[Iterable[str]]) -> set[str]:
    """Join texts, with every gap written alike: those of logging, and several in a row."""
    return {
        re.sub(f"{GAP}+", GAP, re.sub(r"%[.\d]*[sdf]", GAP, text))
        for some in texts
        for text in some
    }


@cache
def _trees() -> tuple[ast.Module, ...]:
    return tuple(ast.parse(path.read_bytes()) for path in sorted(SOURCE.rglob("*.py")))


@cache
def _exceptions() -> dict[str, bool]:
    """Return the exception classes; True for those that are reported to the caller."""
    bases = {
        node.name: {ast.unparse(base) for base in node.bases}
        for tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    reported = _with_subclasses(bases, {"CpiFailure", "Interrupted"})
    others = _with_subclasses(bases, {"Exception", "OSError"}) - reported
    return dict.fromkeys(reported, True) | dict.fromkeys(others, False)


@cache
def _with_own_text() -> frozenset[str]:
    """Name the exception classes that make their text from other arguments, such as an id."""
    return frozenset(
        node.name
        for tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and any(isinstance(part, ast.FunctionDef) and part.name == "__init__" for part in node.body)
    ) - {"CpiFailure"}


def _with_subclasses(bases: Mapping[str, set[str]], classes: set[str]) -> set[str]:
    while more := {name for name, of in bases.items() if of & classes} - classes:
        classes = classes | more
    return classes


@cache
def _modules() -> tuple[_Module, ...]:
    return tuple(_Module(tree) for tree in _trees())


def _called(node: ast.AST) -> str:
    """Return the name of the function or class that is called here, without its object."""
    return ast.unparse(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""


class _Module:
    """One module: its constants, its functions, and the texts in it."""

    def __init__(self, tree: ast.Module) -> None:
        self._nodes = list(ast.walk(tree))
        self._calls = [node for node in self._nodes if isinstance(node, ast.Call)]
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
        # Texts that get a name first, where the module has one of that name.
        assigned = [node for node in self._nodes if isinstance(node, ast.Assign)]
        names = [ast.unparse(node.targets[0]) for node in assigned]
        self._named = {
            name: node.value
            for name, node in zip(names, assigned, strict=True)
            if isinstance(node.value, ast.JoinedStr) and names.count(name) == 1
        }
        self._caught = _HANDED_IN | {
            str(node.name) for node in self._nodes if isinstance(node, ast.ExceptHandler)
        }
        # Functions that only return a failure with the text of their one parameter.
        self._makers = {
            name: made
            for name, node in self._functions.items()
            if (made := _returned_call(node))
            and _exceptions().get(_called(made))
            and len(_parameters(node)) == 1
        }

    # What is said where

    def errors(self) -> Iterator[str]:
        """Yield the text of every failure, and every sentence that is appended to one."""
        made_elsewhere = list(self._makers.values())
        for call in self._calls:
            name = _called(call)
            if not call.args or call in made_elsewhere:
                continue
            if name in self._makers:
                yield from self._through(name, self._makers[name], call)
            elif _exceptions().get(name) or self._is_appended(call):
                yield from self._texts(call.args[0])
        yield from self._of_classes(reported=True)

    def details(self) -> Iterator[str]:
        """Yield the text of other exceptions, and what stands for one in a message."""
        for call in self._calls:
            if call.args and _exceptions().get(_called(call)) is False:
                yield from self._texts(call.args[0])
            elif _called(call) == "api_error":
                yield from self._texts(call.args[1])
        for node in self._nodes:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "text":
                yield from self._fixed(node.value)
        yield from self._of_classes(reported=False)
        yield from self._returned("describe_cause")

    def waits(self) -> Iterator[str]:
        """Yield what is waited for; a record that is waited for describes itself."""
        for function in self._functions.values():
            for call in (node for node in ast.walk(function) if _called(node) == "wait_for"):
                assert isinstance(call, ast.Call)
                yield from self._wait(function, call)
        for call in self._calls:
            if _called(call) == "wait_until_gone":
                yield from (f"{text} to be deleted" for text in self._texts(call.args[0]))

    def log_lines(self) -> Iterator[str]:
        """Yield the formats of warnings and errors."""
        for call in self._calls:
            if "logger" in ast.unparse(call.func).casefold() and _called(call) in (
                "warning",
                "error",
                "exception",
            ):
                yield from self._texts(call.args[0])

    def unread(self) -> Iterator[str]:
        """Yield the calls that make a failure of neither a text nor another one's message."""
        for call in self._calls:
            argument = call.args[0] if call.args else None
            makes_one = _exceptions().get(_called(call)) or _called(call) in self._makers
            if argument is None or not makes_one:
                continue
            is_read = call in self._makers.values() or any(True for _ in self._texts(argument))
            is_passed_on = isinstance(argument, ast.Attribute) and argument.attr == "message"
            if not (is_read or is_passed_on or _called(call) in _with_own_text()):
                yield ast.unparse(call)

    def _is_appended(self, call: ast.Call) -> bool:
        return ast.unparse(call.func) in {f"{name}.append" for name in self._caught}

    def _of_classes(self, *, reported: bool) -> Iterator[str]:
        """Yield what exception classes say by themselves."""
        classes = [node for node in self._nodes if isinstance(node, ast.ClassDef)]
        for node in (
            inner
            for one in classes
            if _exceptions().get(one.name) is reported
            for inner in ast.walk(one)
        ):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "super().__init__":
                yield from self._texts(node.args[0])
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "self.message":
                yield from self._texts(node.value)

    def _wait(self, function: ast.FunctionDef, wait: ast.Call) -> Iterator[str]:
        """Yield what a call of ``wait_for`` waits for; in a wrapper, for each call of that."""
        names = {node.id for node in ast.walk(wait.args[0]) if isinstance(node, ast.Name)}
        if "description" in names:
            yield from self._returned("__str__")
        elif "wanted" in names and function.name == "_wait":
            for call in self._calls:
                if _called(call) == function.name:
                    yield from self._through(function.name, wait, call)
        elif function.name != "wait_until_gone":
            yield from self._texts(wait.args[0])

    def _through(self, function: str, inner: ast.Call, call: ast.Call) -> Iterator[str]:
        """Yield the texts of a call inside a function that is given texts by another call."""
        parameters = _parameters(self._functions[function])
        given: list[dict[str, str]] = [{}]
        for name, argument in zip(parameters, call.args, strict=False):
            texts = list(self._texts(argument))
            given = [{**one, name: text} for one in given for text in texts] or given
        for values in given:
            yield from self._texts(inner.args[0], values)

    # The texts of an expression

    def _texts(self, node: ast.expr, given: Mapping[str, str] | None = None) -> Iterator[str]:
        """Yield the texts that an expression can have; none for what is said elsewhere."""
        if isinstance(node, ast.IfExp):
            yield from self._texts(node.body, given)
            yield from self._texts(node.orelse, given)
        elif isinstance(node, ast.BoolOp):
            yield from self._texts(node.values[-1], given)
        elif isinstance(node, ast.JoinedStr):
            yield "".join(self._part(value, given or {}) for value in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Name) and node.id in self._constants:
            yield self._constants[node.id]
        elif isinstance(node, ast.Name) and node.id in self._named:
            yield from self._texts(self._named[node.id], given)
        elif isinstance(node, ast.Call) and _called(node) == "str":
            yield from self._texts(node.args[0], given)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in self._functions:
            yield from self._returned(ast.unparse(node.func))

    def _fixed(self, node: ast.expr) -> Iterator[str]:
        """Yield the texts of an expression that have no gap."""
        yield from (text for text in self._texts(node) if GAP not in text)

    def _returned(self, function: str) -> Iterator[str]:
        """Yield the texts that a function returns."""
        if function in self._functions:
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


def _parameters(function: ast.FunctionDef) -> list[str]:
    return [argument.arg for argument in function.args.args if argument.arg != "self"]


def _returned_call(function: ast.FunctionDef) -> ast.Call | None:
    """Return the call whose result the function's last statement returns."""
    last = function.body[-1]
    made = last.value if isinstance(last, ast.Return) else None
    return made if isinstance(made, ast.Call) and made.args else None
