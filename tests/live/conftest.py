"""Chooses the live stories: named on the command line, and with an account in LIVE_* variables.

Nothing in this folder is collected otherwise, so that no other run touches an account.
"""

from __future__ import annotations

import json
import os
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cloud import Refused

from live.cloud import Cloud
from live.executable import Cpi
from live.leftovers import Sweep
from live.settings import Live
from live.stemcells import NEWEST_API
from live.story import Story

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

HERE = Path(__file__).parent
LIVE = pytest.StashKey[Live]()
SWEEP = pytest.StashKey[Sweep]()
LEFT = pytest.StashKey[list[str]]()
README = "tests/live/README.md"

# Chosen only by its name: it is for a person who wants to know, not for a pipeline.
PROBES = HERE / "test_probes.py"


# Choosing


def pytest_configure(config: pytest.Config) -> None:
    """Read the variables; a run that was asked for and lacks some does not begin."""
    config.addinivalue_line(
        "markers", "needs(*names): LIVE_ variables that a story cannot do without"
    )
    named = any(HERE in (path, *path.parents) for path in map(_path, config.args))
    live = Live(os.environ if named else {})
    config.stash[LIVE] = live
    if not live:
        return
    if troubles := live.troubles():
        raise pytest.UsageError(f"{'; '.join(troubles)} (see {README})")
    # What a pipeline sends to a task that it aborts: stories take away what they made.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Workers of pytest-xdist belong to the same run.
    os.environ["LIVE_RUN_ID"] = live.run_id
    # Their local variables may hold keys.
    config.option.showlocals = config.option.fulltrace = False


def _path(argument: str) -> Path:
    return Path(argument.partition("::")[0]).absolute()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Collect nothing here without an account, and no probes unless they are named."""
    if not config.stash[LIVE]:
        return True
    named = any(_path(argument) == PROBES for argument in config.args)
    return True if collection_path == PROBES and not named else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the stories whose variables are not set; let the others reach the account."""
    live = config.stash[LIVE]
    out = [item for item in items if not all(name in live for name in _needs(item))]
    items[:] = [item for item in items if item not in out]
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("enable_socket")
    config.hook.pytest_deselected(items=out)


def _needs(item: pytest.Item) -> list[str]:
    return [name for mark in item.iter_markers("needs") for name in mark.args]


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what the stories run against, and which are left out for want of what."""
    live = config.stash[LIVE]
    if not live:
        return [f"live: no LIVE_ variable is set, nothing is collected: see {README}"]
    cpi = live.get("cpi") or "this repository's CPI"
    return [
        f"live: {cpi} in {live['region']}, everything tagged {live.run_id}",
        *(f"live: left out, for want of {name}: {why}" for name, why in live.left_out().items()),
    ]


# What a story is given


@pytest.fixture(scope="session")
def live(pytestconfig: pytest.Config) -> Live:
    """Give the variables of the run."""
    return pytestconfig.stash[LIVE]


@pytest.fixture(scope="session")
def cloud(live: Live) -> Cloud:
    """Give a look at the account."""
    return Cloud(live)


@pytest.fixture(scope="session")
def live_cpi(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Cpi:
    """Give the executable, configured for the account."""
    return Cpi(live, tmp_path_factory.mktemp("cpi"))


@pytest.fixture(scope="session")
def stemcell(
    live: Live, live_cpi: Cpi, cloud: Cloud, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, int]]:
    """Give the stemcell that VMs are made of, and its agent's API version."""
    with Story(live, live_cpi, cloud, lambda: ("", 0)) as story:
        if "image_id" in live:
            properties = {"image_id": {live["region"]: live["image_id"]}}
            yield story.upload(properties), NEWEST_API
        else:
            assert live.stemcell is not None
            image = live.stemcell.unpack(tmp_path_factory.mktemp("stemcell"))
            yield story.upload(live.stemcell.properties, image), live.stemcell.api_version


@pytest.fixture
def story(
    live: Live, live_cpi: Cpi, cloud: Cloud, request: pytest.FixtureRequest
) -> Iterator[Story]:
    """Give what makes things and takes them away."""
    with Story(live, live_cpi, cloud, lambda: request.getfixturevalue("stemcell")) as told:
        yield told


# What a run shows, and what it leaves


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep the account's keys out of everything that is reported."""
    report = yield
    redact = item.config.stash[LIVE].redact
    report.sections = [(title, redact(text)) for title, text in report.sections]
    if report.longrepr is not None and redact(str(report.longrepr)) != str(report.longrepr):
        report.longrepr = redact(str(report.longrepr))
    return report


def pytest_sessionstart(session: pytest.Session) -> None:
    """Look at the account before the run; one that does not answer ends it."""
    config = session.config
    live = config.stash[LIVE]
    if not live or hasattr(config, "workerinput") or config.option.collectonly:
        return
    try:
        config.stash[SWEEP] = Sweep(live)
    except Refused as refusal:
        raise pytest.UsageError(live.redact(f"The account cannot be read: {refusal}")) from None


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Look for what is left of the run, once, when all stories are over; it is a failure."""
    config = session.config
    if SWEEP not in config.stash:
        return
    with tempfile.TemporaryDirectory() as folder:
        left = config.stash[SWEEP].run(Cpi(config.stash[LIVE], Path(folder)))
    config.stash[LEFT] = left
    if left:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Show what probes observed, and what was left of the run."""
    _show_probes(terminalreporter)
    if LEFT not in config.stash:
        return
    left, run_id = config.stash[LEFT], config.stash[LIVE].run_id
    terminalreporter.section(f"live: {'LEFT BEHIND by' if left else 'nothing is left of'} {run_id}")
    for line in left:
        terminalreporter.write_line(line)


def _show_probes(terminalreporter: pytest.TerminalReporter) -> None:
    """Show a table of the assumed rules that were probed."""
    reports = [
        report
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
    ]
    found = [dict(getattr(report, "user_properties", [])).get("probe") for report in reports]
    rows = sorted(json.loads(str(row)) for row in found if row)
    if not rows:
        return
    terminalreporter.section("live: rules that the simulator assumes")
    head = ["rule", "assumed", "observed"]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    for rule, assumed, observed in [head, *rows]:
        mark = "" if assumed == observed or rule == head[0] else "  DIFFERS"
        cells = zip((rule, assumed, observed), widths, strict=True)
        line = " | ".join(cell.ljust(width) for cell, width in cells)
        terminalreporter.write_line(f"{line}{mark}")
