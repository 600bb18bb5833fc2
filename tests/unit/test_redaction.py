"""What is known to be secret is blanked in every spelling an output may carry."""

from __future__ import annotations

import base64
import html
import json
import time
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from alicloud_cpi.redaction import REDACTED, Secrets

CANARY = "c4n4ry +/&=%ü'\"\\ value"
PEM = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----\n"


def blanked(document: object, text: str) -> str:
    """Return the text without what the document holds as secret."""
    secrets = Secrets()
    secrets.add_from(document)
    return secrets.redact(text)


@pytest.mark.parametrize(
    "spelled",
    [
        CANARY,
        json.dumps(CANARY),
        json.dumps(CANARY, ensure_ascii=False),
        repr(CANARY),
        quote(CANARY, safe="~"),
        quote(CANARY),
        quote_plus(CANARY),
        quote(quote(CANARY, safe="~"), safe="~"),
        json.dumps({"Message": json.dumps({"Password": CANARY})}),
    ],
)
def test_a_secret_is_blanked_however_it_is_spelled(spelled: str) -> None:
    """As it is, escaped in JSON, and percent-encoded as in a signed request and its signature."""
    shown = blanked({"password": CANARY}, f"before {spelled} after")
    assert "c4n4ry" not in shown
    assert shown.startswith("before ")
    assert shown.endswith(" after")


LONG = 'wJalrXUtnFEMI-K7MDENG/bPxRfiCYEXAMPLEKEY=&<"zuYU8'


@pytest.mark.parametrize(
    "spelled",
    [
        LONG.upper(),
        LONG.swapcase(),
        html.escape(LONG),
        "".join(f"&#{ord(letter)};" for letter in LONG),
        "".join(f"&#x{ord(letter):X};" for letter in LONG),
        html.escape(html.escape(LONG)),
        "".join(f"%{ord(letter):02x}" for letter in LONG),
        quote("".join(f"%{ord(letter):02X}" for letter in LONG)),
        "".join(f"\\u{ord(letter):04x}" for letter in LONG),
        "".join(f"\\x{ord(letter):02x}" for letter in LONG),
        *(base64.b64encode(b"x" * offset + LONG.encode()).decode() for offset in range(4)),
        base64.urlsafe_b64encode(LONG.encode()).decode(),
        quote(base64.b64encode(LONG.encode()).decode(), safe=""),
        LONG[:20],
        LONG[-20:],
        LONG[7:25],
        "-".join(LONG[at : at + 4] for at in range(0, 40, 4)),
    ],
    ids=lambda spelled: spelled[:16],
)
def test_a_long_secret_is_blanked_in_any_spelling_and_in_pieces(spelled: str) -> None:
    """No run of 16 of its letters and digits stays."""
    shown = blanked({"password": LONG}, f"before {spelled} after")
    assert REDACTED in shown
    assert "FEMI" not in shown.upper()
    assert shown.startswith("before ")
    assert shown.endswith(" after")


@pytest.mark.parametrize(
    "key",
    [
        "access_key_secret",
        "access_key_id",
        "security_token",
        "password",
        "Password",
        "UserData",
        "admin_password",
        "private_key",
        "secret_access_key",
        "mbus",
        "user_data",
        "SecurityToken",
        "account_key",
        "json_key",
        "sas_token",
        "credentials",
        "signature",
        "encryption_key",
    ],
)
def test_what_stands_under_a_key_that_names_a_secret_is_one(key: str) -> None:
    """Whatever its case, and at any depth."""
    document = [{"a": {key: ["the-canary", {"b": "other-canary"}]}}]
    assert blanked(document, "the-canary other-canary") == f"{REDACTED} {REDACTED}"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("region", "cn-beijing"),
        ("key_pair_name", "my-key-pair"),
        ("kms_key_id", "key-12345678"),
        ("default_key_name", "my-key-pair"),
        ("credential_source", "ecs_ram_role"),
        ("ca_cert", PEM),
        ("name", "some-name"),
    ],
)
def test_what_messages_must_name_is_no_secret(key: str, value: str) -> None:
    """A message that blanks the property's own value helps nobody."""
    assert blanked({key: value}, value) == value


def test_a_certificates_private_key_is_blanked_line_by_line() -> None:
    """Some programs show a PEM block by lines, with either kind of line end."""
    document = {"bosh": {"mbus": {"cert": {"private_key": PEM}}}}
    for text in (PEM, PEM.replace("\n", "\r\n"), json.dumps(PEM), PEM.splitlines()[1]):
        assert "MIIE" not in blanked(document, text)
        assert "hkiG" not in blanked(document, text)


def test_a_secret_written_with_spaces_around_it_is_blanked_without_them() -> None:
    """The configuration is stripped when it is read, as YAML blocks end in a line end."""
    assert blanked({"access_key_secret": " the-canary \n"}, "x the-canary y") == f"x {REDACTED} y"


def test_the_password_in_a_url_is_a_secret_by_itself() -> None:
    """A NATS URL has one, and messages about it may show it apart or decoded."""
    document = {"agent": {"mbus": "nats://nats:p%40ss-c4nary@10.0.0.6:4222"}}
    for text in ("p%40ss-c4nary", "p@ss-c4nary", "nats:p%40ss-c4nary@10.0.0.6"):
        assert "c4nary" not in blanked(document, text)


@pytest.mark.parametrize(
    "url",
    [
        "https://u:c4nary@bucket.oss.example.com/key",
        "https://bucket.oss.example.com/key?Expires=1&Signature=c4nary%3D",
        "https://bucket.oss.example.com/key?x-oss-security-token=c4nary&x=1#top",
        "https://account.blob.example.com/key?sv=1&sig=c4nary",
    ],
)
def test_what_signs_a_url_is_a_secret_and_its_host_is_none(url: str) -> None:
    """Under any key: nobody names an endpoint's property after a secret."""
    shown = blanked({"options": [{"endpoint": url}]}, f"{url} {quote(url)}")
    assert "c4nary" not in shown
    assert url.partition("@")[2].partition("?")[0] in shown
    assert "example.com/key" in shown


def test_a_number_under_a_secret_key_is_a_secret() -> None:
    """YAML makes numbers of passwords that consist of digits."""
    assert blanked({"password": 1234567890}, "is 1234567890") == f"is {REDACTED}"
    assert blanked({"password": True}, "True and true") == "True and true"


def test_the_longest_secret_is_blanked_first() -> None:
    """One that contains another leaves nothing of itself behind."""
    document = {"password": "canary", "token": "canary-and-more"}
    assert blanked(document, "canary-and-more") == REDACTED


def test_short_values_are_not_blanked() -> None:
    """They are words more often than secrets: half of every line would go."""
    assert blanked({"password": "agent"}, "the agent of a VM") == "the agent of a VM"


def test_no_depth_of_a_document_is_too_much() -> None:
    """The configuration is whatever JSON the file holds."""
    document: Any = {"password": "the-canary"}
    for _ in range(50_000):
        document = [document]
    assert blanked(document, "the-canary") == REDACTED


def test_a_secret_that_is_learned_later_is_blanked_from_then_on() -> None:
    """Temporary keys are fetched in the middle of a call."""
    secrets = Secrets()
    assert secrets.redact("fetched-key") == "fetched-key"
    secrets.add("fetched-key", "")
    assert secrets.redact("fetched-key") == REDACTED


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("abc" + "\\" * 100_000 + "defghijkl", "\\" * 32_000),
        ("abcdefgh", "%25" * 11_000),
        ("abcdefgh", "&amp;" * 6_500),
        ("abcdefgh", "&" + "amp;" * 8_000),
        ("%25" * 40_000, "%" + "25" * 16_000),
        ("a" * 100_000, "a" * 32_000),
        ("a1B2" * 25_000, "a1B2" * 8_000),
        ("\\u0041" * 20_000, "\\u0041" * 5_000),
    ],
    ids=lambda value: repr(value[:8]),
)
def test_the_time_is_linear(secret: str, text: str) -> None:
    """A run of backslashes took minutes; nobody can make an error take long to be written."""
    started = time.process_time()
    blanked({"password": secret}, text)
    assert time.process_time() - started < 5
