"""OSS: bytes on their way: memory, disk, framing, and the record of calls."""

from __future__ import annotations

import http.client
import resource
import socket
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

from sim.oss_support import BUCKET, MIB, RawOss, code_of, upload
from sim.support import KEY_ID, tls_context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alicloud_sim import Simulator

ZEROS = bytes(MIB)


def mostly_zeros(mebibytes: int) -> Iterator[bytes]:
    """Give an image: some data at the beginning, in the middle and at the end."""
    for number in range(mebibytes):
        with_data = number in (0, mebibytes // 2, mebibytes - 1)
        yield b"\xebd" * (MIB // 2) if with_data else ZEROS


def test_big_images_take_no_memory(raw: RawOss, sim: Simulator, bucket: Any) -> None:
    """An image of 1 GiB that is mostly zeros takes little memory and only its data on disk."""
    assert bucket.bucket_name == BUCKET
    length = {"Content-Length": str(1024 * MIB)}
    tracemalloc.start()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        put = raw.send("PUT", f"/{BUCKET}/image", mostly_zeros(1024), length)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert put.status == 200
    assert peak < 32 * MIB
    assert grown < 64 * 1024
    assert sim.world.blobs.blocks == 3
    tail = bucket.get_object("image", byte_range=(1023 * MIB - 2, 1023 * MIB + 1))
    assert tail.read() == b"\0\0\xebd"


def test_disk_is_given_back(sim: Simulator, bucket: Any) -> None:
    """Bytes that nothing holds any more are let go, and their place is used again."""
    upload(bucket, "a", b"1" * MIB, b"2" * MIB)
    bucket.copy_object(BUCKET, "a", "b")
    assert sim.world.blobs.blocks == 2
    bucket.delete_object("a")
    assert sim.world.blobs.blocks == 2
    bucket.delete_object("b")
    assert sim.world.blobs.blocks == 0
    bucket.put_object("c", b"3")
    sim.reset()
    assert sim.world.blobs.blocks == 0


def test_overwriting_while_reading(bucket: Any) -> None:
    """A download goes on with what it began with, whatever happens to the object."""
    bucket.put_object("a", b"old" * MIB)
    reading = bucket.get_object("a")
    bucket.put_object("a", b"new" * MIB)
    assert reading.read() == b"old" * MIB
    assert bucket.get_object("a").read() == b"new" * MIB


def test_chunked_bodies(raw: RawOss, bucket: Any) -> None:
    """A body may come in chunks instead of with its length."""
    chunks = (b"%d" % n * 1000 for n in range(10))
    chunked = {"Transfer-Encoding": "chunked"}
    signed = raw.signed("PUT", f"/{BUCKET}/a", chunked)
    connection = http.client.HTTPConnection("127.0.0.1", raw.sim.port, timeout=10)
    connection.request("PUT", f"/{BUCKET}/a", chunks, signed, encode_chunked=True)
    assert connection.getresponse().status == 200
    connection.close()
    assert bucket.get_object("a").read() == b"".join(b"%d" % n * 1000 for n in range(10))


def exchange(sim: Simulator, head: str, *more: bytes) -> bytes:
    """Send a head, then after each answer some more; give all that came back."""
    came = b""
    with socket.create_connection(("127.0.0.1", sim.port), timeout=10) as connection:
        connection.sendall(head.encode())
        for part in more:
            came += connection.recv(65536)
            connection.sendall(part)
        while data := connection.recv(65536):
            came += data
    return came


def head_of(method: str, resource_: str, headers: dict[str, str]) -> str:
    """Write the head of a request that ends its connection."""
    lines = [f"{method} {resource_} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""])


def test_expect_continue(raw: RawOss, sim: Simulator, bucket: Any) -> None:
    """A client that waits for "100 Continue" gets it, unless it is refused before its body."""
    wanted = {"Content-Length": "4", "Expect": "100-continue"}
    signed = raw.signed("PUT", f"/{BUCKET}/a", wanted)
    came = exchange(sim, head_of("PUT", f"/{BUCKET}/a", signed), b"data")
    assert came.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert bucket.get_object("a").read() == b"data"
    signed = raw.signed("PUT", "/nobucket/a", {**wanted, "Content-Length": str(1 << 30)})
    came = exchange(sim, head_of("PUT", "/nobucket/a", signed))
    assert came.startswith(b"HTTP/1.1 404 ")
    assert b"<Code>NoSuchBucket</Code>" in came


def test_lengths(raw: RawOss, sim: Simulator, bucket: Any) -> None:
    """A body needs a length, of 5 GB at most; refused before it is sent."""
    signed = raw.signed("PUT", f"/{BUCKET}/a")
    came = exchange(sim, head_of("PUT", f"/{BUCKET}/a", signed))
    assert came.startswith(b"HTTP/1.1 411 ")
    long = {"Content-Length": str((5 << 30) + 1), "Expect": "100-continue"}
    signed = raw.signed("PUT", f"/{BUCKET}/a", long)
    came = exchange(sim, head_of("PUT", f"/{BUCKET}/a", signed))
    assert b"<Code>EntityTooLarge</Code>" in came
    assert bucket.list_objects().object_list == []


def test_clients_that_go_away(raw: RawOss, sim: Simulator, bucket: Any) -> None:
    """Nothing is kept of a body that does not come whole."""
    signed = raw.signed("PUT", f"/{BUCKET}/a", {"Content-Length": str(3 * MIB)})
    with socket.create_connection(("127.0.0.1", sim.port), timeout=10) as connection:
        connection.sendall(head_of("PUT", f"/{BUCKET}/a", signed).encode() + b"1" * MIB)
    for _ in range(200):
        if sim.calls("PutObject"):
            break
        time.sleep(0.01)
    (call,) = sim.calls("PutObject")
    assert (call["status"], call["fate"]) == (0, "closed")
    assert bucket.list_objects().object_list == []
    assert sim.world.blobs.blocks == 0


def test_refused_bodies_are_read_away(raw: RawOss) -> None:
    """A client that sends its whole body before it reads sees the refusal all the same."""
    body = b"1" * (8 * MIB)
    assert raw.code("PUT", "/nobucket/a", body) == (404, "NoSuchBucket")


def test_connections_are_kept(raw: RawOss, bucket: Any) -> None:
    """Requests follow each other on one connection, a refused one with a small body too."""
    assert bucket.bucket_name == BUCKET
    connection = http.client.HTTPConnection("127.0.0.1", raw.sim.port, timeout=10)
    ports = set()
    for resource_ in ("/nobucket/a", f"/{BUCKET}/a", f"/{BUCKET}/b"):
        connection.request("PUT", resource_, b"1" * 1000, raw.signed("PUT", resource_))
        connection.getresponse().read()
        ports.add(connection.sock.getsockname()[1] if connection.sock else 0)
    connection.close()
    assert len(ports - {0}) == 1


def test_over_tls(raw: RawOss, bucket: Any) -> None:
    """Bodies come and go over TLS as well."""
    data = b"123" * MIB
    signed = raw.signed("PUT", f"/{BUCKET}/a")
    connection = http.client.HTTPSConnection(
        "127.0.0.1", raw.sim.port, timeout=10, context=tls_context(raw.sim)
    )
    connection.request("PUT", f"/{BUCKET}/a", data, signed)
    assert connection.getresponse().read() == b""
    connection.request("GET", f"/{BUCKET}/a", headers=raw.signed("GET", f"/{BUCKET}/a"))
    assert connection.getresponse().read() == data
    connection.close()
    assert bucket.head_object("a").content_length == len(data)


def test_record_of_calls(raw: RawOss, sim: Simulator, bucket: Any) -> None:
    """A call's entry tells action, bucket, key, account, bytes and the id that the client saw."""
    bucket.put_object("a", b"12345")
    answer = raw.send("GET", f"/{BUCKET}/a")
    (put,) = sim.calls("PutObject")
    (got,) = sim.calls("GetObject")
    assert (put["service"], put["bytes_in"], put["status"]) == ("oss", 5, 200)
    assert (put["params"]["bucket"], put["params"]["key"]) == (BUCKET, "a")
    assert (got["key"], got["account"]) == (KEY_ID, "1100000000000001")
    assert (got["bytes_in"], got["bytes_out"]) == (0, 5)
    assert got["request_id"] == answer.headers["x-oss-request-id"]
    assert "Signature" not in str(sim.calls())


def test_bandwidth(raw: RawOss, sim: Simulator, bucket: Any) -> None:
    """A setting caps each connection, either way."""
    sim.seed({"settings": {"oss.bytes_per_second": 10 * MIB}})
    started = time.monotonic()
    assert raw.send("PUT", f"/{BUCKET}/a", b"1" * MIB).status == 200
    between = time.monotonic()
    assert len(raw.send("GET", f"/{BUCKET}/a").body) == MIB
    assert between - started >= 0.09
    assert time.monotonic() - between >= 0.09
    assert bucket.get_object_meta("a").content_length == MIB


def test_bad_framing(sim: Simulator, raw: RawOss, bucket: Any) -> None:
    """Chunks without a size end the connection and leave nothing behind."""
    signed = raw.signed("PUT", f"/{BUCKET}/a", {"Transfer-Encoding": "chunked"})
    came = exchange(sim, head_of("PUT", f"/{BUCKET}/a", signed) + "no size\r\n")
    assert came == b""
    assert bucket.list_objects().object_list == []
    assert code_of(raw.send("GET", f"/{BUCKET}/a")) == "NoSuchKey"
