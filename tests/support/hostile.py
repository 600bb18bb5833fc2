"""What can be in a JSON document, and what an answer to it must be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from support import canaries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from support.cpi import Answer

# Numbers beyond any size, texts of every script, with controls and with nothing in them.
TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["", " ", "\0", "\n", "true", "0", "-1", "1e9", "٣", "²", "../..", "a" * 300]),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, -1, 1, 2**31, 2**63, 10**30]),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXTS,
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=5)


def document(known: Mapping[str, Any], usual: st.SearchStrategy[Any] = VALUES) -> Any:
    """Generate documents with some of the known keys, each with its usual value or with any."""
    fields = {key: st.one_of(st.just(value), usual) for key, value in known.items()}
    return st.fixed_dictionaries({}, optional=fields)


def judged(answer: Answer) -> Answer:
    """Expect success or an error that this program meant, and no secret; return the answer."""
    assert "Internal error" not in answer.message, answer.stderr[-3000:]
    assert "Traceback" not in answer.stderr, answer.stderr[-3000:]
    return canaries.search(answer)
