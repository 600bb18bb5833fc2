"""No value of a property can break out of what a template makes, whatever characters it has."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release.rendering import RULES, install, manifest, needs_ruby, render, spec

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = needs_ruby
both_rules = pytest.mark.parametrize("rules", RULES)

# Pieces that a shell, ERB, JSON, YAML or Ruby would take for more than text, each with a command
# that would leave a file behind where it is run.
RUN = "touch ran"
PIECES = (
    *("'", '"', "\\", "`", "$", "\n", "\r", "\t", "\u2028", "\x7f", "\ufeff", "é漢😀", "\x01"),
    *(f"$({RUN})", f"`{RUN}`", f"'; {RUN}; '", f'"; {RUN}; "', f"\n{RUN}\n", f"${{IFS}}{RUN}"),
    *(f"<%= `{RUN}` %>", f"#{{`{RUN}`}}", "<%", "%>", "<%%", "-%>", "#{", "}}", "((x))"),
    *("!ruby/object:Object {}", "- a: &b *b", "{{", "---\n", "null", "~", "1e9", "0o7"),
    *("</script>", "%s%n", "..//", "\\u0000", "\\0", "EOF\n", "!!", "~root", "*", "?", "&& true"),
)
TEXTS = st.lists(
    st.one_of(st.sampled_from(PIECES), st.text(st.characters(exclude_categories=["Cs"]))),
    min_size=1,
    max_size=6,
).map("".join)
PROXIES = TEXTS.filter(lambda text: "\0" not in text)

# Properties whose values are one of a few words, and what decides which others are used.
CHOICES = ("alicloud.credential_source", "blobstore.provider", "blobstore.credentials_source")
CHOSEN = (*CHOICES, "agent.blobstore.credentials_source")
PROXY = ("env.http_proxy", "env.https_proxy", "env.no_proxy")

PROVIDERS = [{}, {"blobstore.provider": "s3"}, {"blobstore.provider": "local"}]
SOURCES: list[dict[str, Any]] = [{}, {"alicloud.credential_source": "ecs_ram_role"}]


def names() -> list[str]:
    """List the properties that take any text."""
    return [name for name in spec()["properties"] if name not in (*CHOSEN, *PROXY)]


def texts(value: Any) -> set[str]:
    """Return every text in a JSON value."""
    if isinstance(value, dict):
        return set().union(*map(texts, value.values()))
    if isinstance(value, list):
        return set().union(*map(texts, value))
    return {value} if isinstance(value, str) else set()


@both_rules
@given(
    drawn=st.tuples(TEXTS, TEXTS, TEXTS),
    provider=st.sampled_from(PROVIDERS),
    source=st.sampled_from(SOURCES),
)
def test_any_text_of_any_property_arrives_as_it_is(
    drawn: tuple[str, ...], provider: dict[str, Any], source: dict[str, Any], rules: str
) -> None:
    """cpi.json is JSON, and every text in it is the one that was given for its property."""
    values = {name: f"{drawn[at % 3]}{name}" for at, name in enumerate(names())}
    rendered = render({**values, **provider, **source}, rules)
    assert not rendered.error
    for name in set(rendered.alicloud) - {"credential_source"}:
        assert rendered.alicloud[name] == values[f"alicloud.{name}"]
    assert rendered.agent["mbus"] == values["agent.mbus"]
    assert rendered.agent["ntp"] == values["ntp"]
    address = values["agent.blobstore.address"]
    host = f"[{address}]" if address.count(":") > 1 else address  # as an IPv6 address
    made = {"static", f"https://{host}:{values['blobstore.port']}"}
    assert texts(rendered.blobstore) <= made | set(values.values())


@both_rules
@settings(max_examples=100)
@given(user=TEXTS, password=TEXTS)
def test_nats_credentials_cannot_change_the_url(user: str, password: str, rules: str) -> None:
    """They are percent-encoded: the host is the one that was given."""
    properties = {"nats.user": user, "nats.password": password, "nats.address": "10.0.0.6"}
    mbus = render(properties, rules).agent["mbus"]
    credentials, at, host = mbus.removeprefix("nats://").rpartition("@")
    assert (at, host) == ("@", "10.0.0.6:4222")
    assert credentials.count(":") == 1
    assert credentials.isascii()
    assert not set(credentials) & set("@/?#'\"\\ \n")


def test_any_text_of_a_proxy_is_exported_and_nothing_is_run(tmp_path: Path) -> None:
    """By a shell that reads what bin/cpi reads; a command in a value would leave a file."""
    script = 'set -eu; . ./environment; env -0 | grep -z -i "_proxy="'
    file = tmp_path / "environment"

    @given(values=st.tuples(PROXIES, PROXIES, PROXIES), rules=st.sampled_from(RULES))
    def exported(values: tuple[str, ...], rules: str) -> None:
        properties = dict(zip(PROXY, values, strict=True))
        rendered = render(properties, rules)
        assert not rendered.error
        file.write_text(rendered.environment, newline="")
        done = subprocess.run(
            ["/bin/sh", "-c", script],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin"},
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        found = dict(pair.split("=", 1) for pair in done.stdout.decode().split("\0") if pair)
        expected = {name.removeprefix("env."): value for name, value in properties.items()}
        expected |= {name.upper(): value for name, value in expected.items()}
        assert found == expected
        assert os.listdir(tmp_path) == ["environment"]  # noqa: PTH208 - names are what is compared

    exported()


@both_rules
@settings(max_examples=60)
@given(value=TEXTS)
def test_no_property_is_in_a_script(value: str, rules: str) -> None:
    """bin/cpi and bin/pre-start are the same whatever is configured: they hold no secret."""
    plain = render({}, rules)
    rendered = render(dict.fromkeys([*names(), *PROXY], value.replace("\0", "")), rules)
    assert (rendered.cpi, rendered.pre_start) == (plain.cpi, plain.pre_start)


@both_rules
@settings(max_examples=60)
@given(
    value=st.recursive(
        st.one_of(TEXTS, st.integers(), st.booleans(), st.none()),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
        max_leaves=8,
    )
)
def test_values_of_other_types_are_json_too(value: Any, rules: str) -> None:
    """A list, an object or a number where a text belongs is rendered, for the CPI to name it."""
    properties = {"alicloud.region": value, "alicloud.cross_regions": value}
    rendered = render(properties, rules)
    assert not rendered.error
    kept = value not in (None, "", [], {})
    assert rendered.alicloud.get("region") == (value if kept else None)
    assert json.loads(json.dumps(manifest(properties))) == manifest(properties)


def test_the_files_are_those_of_the_spec(tmp_path: Path) -> None:
    """What these tests render is all that the job has."""
    job = tmp_path / "job"
    install(render({}), job)
    written = {path.relative_to(job).as_posix() for path in job.rglob("*") if path.is_file()}
    assert written == set(spec()["templates"].values())
