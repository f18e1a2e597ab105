"""Drive the gateway's own protocol objects with transports in memory: no sockets, no waiting, every byte seen."""

import asyncio
from pathlib import Path

import pytest

from mehvar.exchange.data.snapshot import Snapshot
from mehvar.gateway.data import read_settings
from mehvar.gateway.front import ClientConnection
from mehvar.gateway.live import Live
from mehvar.gateway.shared import SharedMemory
from mehvar.gateway.upstream import Pool, Upstream, Waiter
from mehvar.gateway.worker import Worker
from tests.integration.gateway.federation import CLIENT, prepare

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class Transport:
    """Collect what is written."""

    def __init__(self) -> None:
        self.written = b""
        self.is_closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def take(self) -> bytes:
        data, self.written = self.written, b""
        return data

    def get_extra_info(self, name: str, default: object = None) -> object:
        return ("127.0.0.1", 1) if name == "peername" else default

    def is_closing(self) -> bool:
        return self.is_closed

    def can_write_eof(self) -> bool:
        return True

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def close(self) -> None:
        self.is_closed = True

    write_eof = abort = close


class Gateway:
    """Hold a worker on a loop of its own; providers are transports that answer when told to."""

    def __init__(self, folder: Path, snap: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
        self.providers: list[tuple[Upstream, Transport]] = []

        def connect(pool: Pool, waiter: Waiter) -> None:
            upstream, transport = Upstream(pool), Transport()
            upstream.connection_made(transport)  # type: ignore[arg-type]
            self.providers.append((upstream, transport))
            waiter(upstream, "")

        monkeypatch.setattr(Pool, "_connect", connect)
        prepare(folder, snap)
        self.loop = asyncio.new_event_loop()
        self.worker = self.loop.run_until_complete(self._worker(folder))

    @staticmethod
    async def _worker(folder: Path) -> Worker:
        return Worker(read_settings(folder / "gateway.json"), 0, SharedMemory(folder / "shared"))

    def close(self) -> None:
        """Write all evidence."""
        self.loop.run_until_complete(self.worker.log.close())
        self.loop.close()

    def swap(self, snap: Snapshot) -> None:
        """Bring another snapshot into force."""
        self.worker.keeper.live = Live(snap, str(snap.version))

    def client(self) -> tuple[ClientConnection, Transport]:
        """Connect a client."""
        connection, transport = ClientConnection(self.worker, scheme="http"), Transport()
        connection.connection_made(transport)  # type: ignore[arg-type]
        return connection, transport

    def answer(self, data: bytes = OK) -> list[bytes]:
        """Answer every provider that was asked; return what it was asked."""
        asked = []
        for upstream, transport in self.providers:
            if transport.written:
                asked.append(transport.take())
                upstream.data_received(data)
        return asked

    def until_written(self, transport: Transport) -> bytes:
        """Let the loop run until the client was sent something."""

        async def wait() -> None:
            async with asyncio.timeout(5):
                while not transport.written:  # noqa: ASYNC110
                    await asyncio.sleep(0.001)

        self.loop.run_until_complete(wait())
        return transport.take()


def request(target: str, *, headers: str = "", method: str = "GET") -> bytes:
    """Write a request's head."""
    return f"{method} {target} HTTP/1.1\r\nHost: gw\r\nX-Road-Client: {CLIENT}\r\n{headers}\r\n".encode()
