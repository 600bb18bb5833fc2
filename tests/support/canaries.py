"""Secrets that can be told from everything else, and a search for them in what is shown.

Every canary holds the same word. Outputs are searched for it as they are, and after decoding
whatever in them looks like base64 or percent-encoding.
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, unquote_plus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from support.cpi import Answer

WORD = "c4n4ry"
PEM = f"-----BEGIN KEY-----\n{WORD}PrivateKeyLine1+/\n{WORD}PrivateKeyLine2==\n-----END KEY-----\n"
KEYS = {
    "access_key_id": f"LTAI5t{WORD}KeyId",
    "access_key_secret": f"{WORD}Secret+/=&%",
    "security_token": f"{WORD}Token+/='\"\\",
}
VM_PASSWORD = f"C4n4ry-{WORD}-pw1!"
ENV: dict[str, Any] = {
    "bosh": {
        "password": f"$6${WORD}$hash/of.password",
        "mbus": {
            "cert": {"ca": f"{WORD}-ca", "certificate": f"{WORD}-certificate", "private_key": PEM}
        },
        "blobstores": [
            {"provider": "s3", "options": {"secret_access_key": f"{WORD}BlobKey/+="}},
            {"provider": "dav", "options": {"user": "u", "password": f"{WORD}DavPassword"}},
            {"provider": "dav", "options": {"endpoint": f"https://u:{WORD}InUrl@10.0.0.6:25250"}},
            {"provider": "azure", "options": {"account_key": f"{WORD}AccountKey"}},
            {"provider": "gcs", "options": {"json_key": f'{{"private_key": "{WORD}"}}'}},
        ],
        "tags": {"purpose": "test"},
    }
}
AGENT = {
    "mbus": f"nats://nats:{WORD}Nats%40pw@10.0.0.6:4222",
    "ntp": [],
    "blobstore": {
        "provider": "dav",
        "options": {
            "password": f"{WORD}BlobPassword",
            "endpoint": f"https://bucket.oss.example.com/?Expires=1&Signature={WORD}Signed%2F%3D",
        },
    },
}


def canaries(document: Any) -> Iterator[str]:
    """Yield every text with the word in it."""
    if isinstance(document, dict):
        document = list(document.values())
    if isinstance(document, list):
        for item in document:
            yield from canaries(item)
    elif isinstance(document, str) and WORD in document.lower():
        yield document


ALL = [*canaries(KEYS), VM_PASSWORD, *canaries(ENV), *canaries(AGENT)]


def search(answer: Answer) -> Answer:
    """Fail if an output shows a canary; return the answer."""
    shown = json.dumps(answer.error) + answer.stderr + json.dumps(answer.result)
    texts = [shown, unquote_plus(unquote_plus(shown))]
    for run_ in re.findall(r"[A-Za-z0-9+/_-]{8,}", shown):
        for start in range(4):
            part = run_[start:] + "A" * (-len(run_[start:]) % 4)
            plain = part.replace("-", "+").replace("_", "/")
            texts.append(base64.b64decode(plain).decode("latin-1"))
    for text in texts:
        at = text.lower().find(WORD)
        assert at < 0, text[max(0, at - 60) : at + 60]
    return answer


def echoes(texts: Sequence[str] = ALL) -> list[str]:
    """Return messages in which the cloud might repeat what it was sent."""
    signed = "&".join(f"Parameter.{n}={quote(text, safe='~')}" for n, text in enumerate(texts))
    return [
        " ".join(texts),
        json.dumps(texts),
        json.dumps(texts, ensure_ascii=False),
        json.dumps(json.dumps(texts)),
        f"server string to sign is:POST&%2F&{quote(signed, safe='~')}",
        "&".join(quote_plus(text) for text in texts),
        repr(texts),
    ]
