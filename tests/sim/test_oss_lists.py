"""OSS: lists of objects."""

from __future__ import annotations

from typing import Any

import pytest

from sim.oss_support import BUCKET, RawOss, element, refused


@pytest.mark.parametrize("listing", ["list_objects", "list_objects_v2"])
def test_lists(bucket: Any, listing: str) -> None:
    """Keys come in order, by prefix, folded at a delimiter, in pages that miss nothing."""
    keys = ["a", "dir/1", "dir/2", "dir/sub/3", "ü", "z"]
    for key in reversed(keys):
        bucket.put_object(key, b"1")
    call = getattr(bucket, listing)
    assert [o.key for o in call().object_list] == sorted(keys)
    folded = call(prefix="dir/", delimiter="/")
    assert [o.key for o in folded.object_list] == ["dir/1", "dir/2"]
    assert folded.prefix_list == ["dir/sub/"]
    names: list[str] = []
    marker = ""
    while True:
        more = {"marker" if listing == "list_objects" else "continuation_token": marker}
        page = call(delimiter="/", max_keys=1, **more)
        names += [o.key for o in page.object_list] + list(page.prefix_list)
        assert len(page.object_list) + len(page.prefix_list) == 1
        if not page.is_truncated:
            break
        v1 = listing == "list_objects"
        marker = page.next_marker if v1 else page.next_continuation_token
    assert names == ["a", "dir/", "z", "ü"]


def test_list_arguments(raw: RawOss, bucket: Any) -> None:
    """Pages have 1 to 1000 keys; a token has to come from a list."""
    bucket.put_object("b", b"1")
    bucket.put_object("c", b"1")
    for query in ("max-keys=0", "max-keys=1001", "max-keys=x"):
        assert raw.send("GET", f"/{BUCKET}/").status == 200
        headers = raw.signed("GET", f"/{BUCKET}/")
        answer = raw.send("GET", f"/{BUCKET}/?{query}", headers=headers, sign=False)
        assert (answer.status, element(answer, "ArgumentName")) == (400, "max-keys")
    odd = lambda: bucket.list_objects_v2(continuation_token="b2Rk")  # noqa: E731
    assert refused(odd) == (400, "InvalidArgument")
    after = bucket.list_objects_v2(start_after="b", fetch_owner=True)
    assert [(o.key, o.owner.id) for o in after.object_list] == [("c", "1100000000000001")]
