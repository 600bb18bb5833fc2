"""Log lines on stderr, and the one place that keeps secrets out of every output.

The Director appends stderr to the task's CPI log and copies it unredacted into the task's debug
log, so nothing written here may hold a secret. Two layers see to that: no module logs a payload
(lines name actions, ids, codes and durations only), and ``Secrets`` blanks every value that is
known to be secret, wherever it turns up, in log lines and in the answer's error message.
"""

from __future__ import annotations

import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

REDACTED = "<redacted>"

# How JSON and Python write the control characters that have a letter.
_LETTERS = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}

# What ends a line somewhere, or moves a terminal's cursor.
_CONTROLS = (*range(32), *range(127, 160), 0x2028, 0x2029)
_ESCAPES = {code: repr(chr(code))[1:-1] for code in _CONTROLS}

# Shorter values are words of the language more often than secrets, and would blank half a line.
_SHORTEST = 6

# In requests and configuration, what stands under a key with one of these words is secret.
_SECRET_WORDS = (
    "secret",
    "password",
    "token",
    "private_key",
    "access_key",
    "accesskey",
    "account_key",
    "json_key",
    "encryption_key",
    "cert",
    "user_data",
    "userdata",
    "signature",
    "credential",
    "mbus",
)

# Keys with such a word that hold nothing secret: messages must be able to name their values.
_PUBLIC = ("credential_source", "ca_cert")


class Secrets:
    """The secret values of one call; ``blank`` removes them from a text."""

    def __init__(self) -> None:
        self._documents: list[object] = []
        # Only ever added to, in single steps: uploads log from several threads.
        self._values: set[str] = set()

    def add(self, *values: object) -> None:
        """Remember values that must never be shown, however an output may spell them."""
        self._values.update(v for v in values if isinstance(v, str) and len(v) >= _SHORTEST)

    def add_from(self, document: object) -> None:
        """Remember what a JSON document holds under keys that name secrets.

        It is searched only once a text is to be blanked: many calls write none.
        """
        self._documents.append(document)

    def blank(self, text: str) -> str:
        """Return the text with every known secret replaced."""
        import re

        if self._documents:
            found = [part for document in self._documents for part in _secret_parts(document)]
            self.add(*found)
            self._documents.clear()
        for value in sorted(self._values, key=len, reverse=True):
            # Most texts hold not even the part of the secret that no spelling changes.
            if _core(value) in text:
                text = re.sub("".join(map(_spelled, value)), REDACTED, text)
        return text


def _secret_parts(document: object) -> Iterator[str]:
    """Yield the secrets in a document, and such parts of them as could be shown alone."""
    for value in _secret_values(document):
        yield value
        yield value.strip()
        # A PEM block is shown line by line by some programs: each line is a secret too.
        yield from (line.strip() for line in value.splitlines() if "-----" not in line)
        if "://" in value:
            yield from _userinfo(value)


def _secret_values(document: object) -> Iterator[str]:
    """Yield what stands under keys that name secrets; by no recursion, so at any depth."""
    left: list[tuple[object, bool]] = [(document, False)]
    while left:
        value, secret = left.pop()
        if isinstance(value, dict):
            left.extend((item, secret or _names_secret(key)) for key, item in value.items())
        elif isinstance(value, list):
            left.extend((item, secret) for item in value)
        elif secret and isinstance(value, (str, int, float)) and not isinstance(value, bool):
            yield str(value)


def _names_secret(key: str) -> bool:
    lower = key.lower()
    return lower not in _PUBLIC and any(word in lower for word in _SECRET_WORDS)


def _userinfo(url: str) -> Iterator[str]:
    """Yield a URL's user and password, together and the password apart."""
    userinfo = url.partition("://")[2].rpartition("@")[0]
    password = userinfo.partition(":")[2]
    yield from (userinfo, password)
    if "%" in password:
        from urllib.parse import unquote

        yield unquote(password)


def _core(value: str) -> str:
    """Return the longest part of a value that is spelled alike everywhere."""
    import re

    return max(re.split("[^0-9A-Za-z]+", value), key=len)


def _spelled(character: str) -> str:
    """Return a pattern for a character in whatever an output makes of it.

    As it is, escaped by JSON or Python, or percent-encoded; each of them once or several times
    over, since a message may quote a document that quotes a request.
    """
    import re

    if character.isascii() and character.isalnum():
        return character
    wide = character.encode("utf-16-be").hex()
    units = [wide[at : at + 4] for at in range(0, len(wide), 4)]
    ways = [
        rf"\\*{re.escape(character)}",
        "".join(rf"%(?:25)*{byte:02x}" for byte in character.encode()),
        "".join(rf"\\+u{unit}" for unit in units),
        rf"\\+x{ord(character):02x}",
        rf"\\+U{ord(character):08x}",
        *([r"\+"] if character == " " else ()),
        *([rf"\\+{_LETTERS[character]}"] if character in _LETTERS else ()),
    ]
    return f"(?i:{'|'.join(ways)})"


class _Call:
    """The call whose lines these are: a process makes one."""

    secrets: Secrets | None = None
    name = ""


def start(secrets: Secrets, *, method: str, request_id: object) -> None:
    """Send the log lines of this call to stderr; before this, there are none.

    A line reads ``2026-11-23T03:00:00.123Z INFO cpi-000042 attach_disk: ...``. What the caller or
    the cloud says never begins a line: control characters are escaped, tracebacks indented.
    """
    _Call.secrets = secrets
    _Call.name = f"{_plain(request_id)} {_plain(method)}"


def info(text: str, *values: object) -> None:
    """Log what happened; the text is a %-format for the values."""
    _write("INFO", text, values)


def warning(text: str, *values: object) -> None:
    """Log what the operator should look at."""
    _write("WARNING", text, values)


def error(text: str, *values: object) -> None:
    """Log why the call failed."""
    _write("ERROR", text, values)


def exception(text: str, *values: object) -> None:
    """Log an exception that is being handled, with its traceback."""
    import traceback

    shown = "".join(f"\n  {line}" for line in traceback.format_exc().splitlines())
    _write("ERROR", text, values, shown)


def _write(level: str, text: str, values: tuple[object, ...], more: str = "") -> None:
    """Write one line, and ``more`` as it is; where nobody listens any more, the call goes on."""
    if _Call.secrets is None or sys.stderr is None:
        return
    now = time.time()
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
    line = f"{moment}.{int(now % 1 * 1000):03d}Z {level} {_Call.name}: {text % values}"
    shown = _Call.secrets.blank(line.translate(_ESCAPES) + more)
    try:
        # In one piece: uploads log from several threads.
        sys.stderr.write(f"{shown}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        pass


def _plain(name: object) -> str:
    """Return a name that is one word."""
    kept = "".join(c for c in str(name) if c.isalnum() or c in "-_.")
    return kept[:64] or "-"
