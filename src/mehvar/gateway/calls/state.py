"""Hold what is known of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mehvar.exchange.data.errors import CallRefused
from mehvar.exchange.data.snapshot import Timeouts
from mehvar.gateway.heads import RequestHead

if TYPE_CHECKING:
    from hashlib import _Hash

    from mehvar.exchange.rules.rights import Grant
    from mehvar.exchange.rules.signatures import BodyDigest
    from mehvar.gateway.breakers import Breaker
    from mehvar.gateway.front import ClientConnection
    from mehvar.gateway.live import Live
    from mehvar.gateway.plans import Plan
    from mehvar.gateway.upstream import Upstream
    from mehvar.gateway.worker import Worker

WAITING_FOR_PROVIDER = 1
REPEATABLE = frozenset({b"GET", b"HEAD", b"PUT", b"DELETE", b"OPTIONS"})
_NO_HEAD = RequestHead()
_DEFAULT_TIMEOUTS = Timeouts()


class CallState:
    """Begin with defaults; most calls change few of them, so they stand on the class."""

    # the request as it came
    method = b""
    raw_target = b""
    version = "1.1"
    keeps_open = True
    early_refusal: CallRefused | None = None
    head: RequestHead = _NO_HEAD
    has_begun = has_body = collects = is_body_complete = False
    body_sha: _Hash | None = None
    body_bytes = 0
    digest: BodyDigest | None = None
    # what was decided
    live: Live
    client = proof = path = endpoint = request_id = message_id = ""
    query: str | None = None
    subject: str | None = None
    grant: Grant | None = None
    plan: Plan | None = None
    timeouts: Timeouts = _DEFAULT_TIMEOUTS
    at = 0
    started = deadline = 0.0
    # what is forwarded
    breaker: Breaker | None = None  # only while the call owes it a result
    upstream: Upstream | None = None
    is_durable = is_over = False
    request_head = head_sha = wire_head = upload_held = b""
    request_hash = ""
    retries = 0
    # the answer
    status = 0
    answer_lines = answer_status = answer_head = held = b""
    answer_sha: _Hash | None = None
    answer_length: int | None = None
    answer_bytes = 0
    is_streaming = is_answer_complete = chunks_answer = False

    def __init__(self, connection: ClientConnection, worker: Worker) -> None:
        """Begin with nothing but where it came from."""
        self.connection, self.worker = connection, worker
        self.headers: list[tuple[bytes, bytes]] = []
        self.body_pieces: list[bytes] = []
        self.answer_pieces: list[bytes] = []

    def stop_provider(self) -> None:
        """Leave the provider alone: close the connection, or take back the wish for one."""
        if self.breaker is not None:
            self.breaker.gave_up()
            self.breaker = None
        if self.upstream is not None:
            self.upstream.abort()
            self.upstream = None

    def be_over(self) -> None:
        """Note that nothing more happens."""
        self.is_over = True
        if self.is_durable:
            self.worker.log.under_way -= 1

    def provider_failed(self) -> None:
        """Tell the breaker."""
        if self.breaker is not None:
            self.breaker.failed(self.worker.loop.time())
            self.breaker = None
