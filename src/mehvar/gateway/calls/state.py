"""Hold what is known of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mehvar.exchange.data.errors import CallRefused
from mehvar.exchange.data.snapshot import Timeouts
from mehvar.gateway.heads import RequestHead

if TYPE_CHECKING:
    from hashlib import _Hash

    from mehvar.exchange.rules.signatures import BodyDigest
    from mehvar.gateway.breakers import Breaker
    from mehvar.gateway.front import ClientConnection
    from mehvar.gateway.lanes import CallShape, Lane
    from mehvar.gateway.live import Live
    from mehvar.gateway.plans import Plan
    from mehvar.gateway.upstream import Upstream
    from mehvar.gateway.worker import Worker

WAITING_FOR_PROVIDER = 1
REPEATABLE = frozenset({b"GET", b"HEAD", b"PUT", b"DELETE", b"OPTIONS"})
_NO_HEAD = RequestHead()
_DEFAULT_TIMEOUTS = Timeouts()


class CallState:
    """Begin with defaults. Slots, and every one of them set at the beginning, since a call reads them some hundred times.

    ``breaker``: only while the call owes it a result. ``head_text``: ``head_sha`` in base64.
    """

    __slots__ = (
        "answer_bytes",
        "answer_head",
        "answer_length",
        "answer_lines",
        "answer_pieces",
        "answer_sha",
        "answer_status",
        "at",
        "body_bytes",
        "body_pieces",
        "body_sha",
        "breaker",
        "chunks_answer",
        "client",
        "collects",
        "connection",
        "deadline",
        "digest",
        "early_refusal",
        "has_begun",
        "has_body",
        "head",
        "head_sha",
        "head_text",
        "headers",
        "held",
        "is_answer_complete",
        "is_body_complete",
        "is_durable",
        "is_over",
        "is_streaming",
        "keeps_open",
        "lane",
        "live",
        "message_id",
        "method",
        "path",
        "plan",
        "proof",
        "query",
        "raw_target",
        "request_hash",
        "request_head",
        "request_id",
        "retries",
        "shape",
        "started",
        "status",
        "subject",
        "timeouts",
        "upload_held",
        "upstream",
        "version",
        "wire_head",
        "worker",
    )

    def __init__(self, connection: ClientConnection, worker: Worker) -> None:  # noqa: PLR0915 - one per slot
        """Begin with nothing but where it came from."""
        self.connection, self.worker = connection, worker
        # the request as it came
        self.method: bytes = b""
        self.raw_target: bytes = b""
        self.version: str = "1.1"
        self.keeps_open: bool = True
        self.early_refusal: CallRefused | None = None
        self.headers: list[tuple[bytes, bytes]] = []
        self.head: RequestHead = _NO_HEAD
        self.has_begun: bool = False
        self.has_body: bool = False
        self.collects: bool = False
        self.is_body_complete: bool = False
        self.body_pieces: list[bytes] = []
        self.body_sha: _Hash | None = None
        self.body_bytes: int = 0
        self.digest: BodyDigest | None = None
        # what was decided
        self.live: Live  # set when the call begins
        self.lane: Lane | None = None
        self.shape: CallShape | None = None
        self.client: str = ""
        self.proof: str = ""
        self.path: str = ""
        self.query: str | None = None
        self.request_id: str = ""
        self.message_id: str = ""
        self.subject: str | None = None
        self.plan: Plan | None = None
        self.timeouts: Timeouts = _DEFAULT_TIMEOUTS
        self.at: int = 0
        self.started: float = 0.0
        self.deadline: float = 0.0
        # what is forwarded
        self.breaker: Breaker | None = None
        self.upstream: Upstream | None = None
        self.is_durable: bool = False
        self.is_over: bool = False
        self.request_head: bytes = b""
        self.head_sha: bytes = b""
        self.head_text: str = ""
        self.wire_head: bytes = b""
        self.upload_held: bytes = b""
        self.request_hash: str = ""
        self.retries: int = 0
        # the answer
        self.status: int = 0
        self.answer_lines: bytes = b""
        self.answer_status: bytes = b""
        self.answer_head: bytes = b""
        self.held: bytes = b""
        self.answer_sha: _Hash | None = None
        self.answer_length: int | None = None
        self.answer_bytes: int = 0
        self.answer_pieces: list[bytes] = []
        self.is_streaming: bool = False
        self.is_answer_complete: bool = False
        self.chunks_answer: bool = False

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
            self.breaker.failed(self.worker.clock.now)
            self.breaker = None
