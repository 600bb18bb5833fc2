"""A network between the CPI and the cloud: what is sent arrives half a round trip later.

    python network.py PORT SECONDS

forwards connections to a port of this machine, and prints the port that it listens on. Opening a
connection takes a round trip, and each flight of a TLS handshake half of one.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK = 65536


@contextmanager
def network(port: int, round_trip: float) -> Iterator[int]:
    """Put a network in front of a port, in its own process; yields the port to connect to."""
    command = [sys.executable, "-I", "-S", __file__, str(port), str(round_trip)]
    # Ctrl-C is for the script, which then ends this process.
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, process_group=0) as process:
        if process.stdout is None:
            raise RuntimeError("the network has no pipe")
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


async def forward(port: int, round_trip: float) -> None:
    """Forward connections until the process is killed."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        made = asyncio.get_running_loop().time() + round_trip
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(
                carry(reader, far_writer, made, round_trip / 2),
                carry(far_reader, writer, made, round_trip / 2),
            )

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


async def carry(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, made: float, way: float
) -> None:
    """Carry what one side sends to the other, each piece delayed by ``way``.

    :param made: when the connection is open; nothing is sent before
    """
    loop = asyncio.get_running_loop()
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def deliver() -> None:
        data = b"..."
        while data:
            due, data = await under_way.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            writer.write(data)
        writer.close()

    delivery = asyncio.create_task(deliver())
    data = b"..."
    while data:
        try:
            data = await reader.read(_CHUNK)
        except OSError:
            data = b""
        under_way.put_nowait((max(made, loop.time()) + way, data))
    await delivery


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the bench kills it when it is interrupted
    asyncio.run(forward(int(sys.argv[1]), float(sys.argv[2])))
