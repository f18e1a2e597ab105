"""Take the provider's answer and pass it on.

Small answers go out whole, with their evidence on disk. Of a streamed durable answer the last piece (or the end of the
chunks) is held back until then: a client never holds a complete answer of which there is no evidence.
"""

from __future__ import annotations

from hashlib import sha512
from typing import TYPE_CHECKING

from mehvar.exchange.data.errors import CallRefused, ErrorType
from mehvar.exchange.data.evidence import LeafKind
from mehvar.gateway import answers
from mehvar.gateway.calls.ending import CallEnding
from mehvar.gateway.calls.state import REPEATABLE, WAITING_FOR_PROVIDER
from mehvar.gateway.status import Counter

if TYPE_CHECKING:
    from mehvar.gateway.upstream import Upstream

LAST_OF_CHUNKED = b"0\r\n\r\n"


class CallAnswering(CallEnding):
    """Be the sink of an upstream connection."""

    __slots__ = ()

    def provider_is_slow(self) -> None:
        """Let the client wait."""
        self.connection.pause_reading(WAITING_FOR_PROVIDER)

    def provider_is_ready(self) -> None:
        """Let the client go on."""
        self.connection.resume_reading(WAITING_FOR_PROVIDER)

    def client_is_slow(self) -> None:
        """Let the provider wait."""
        if self.upstream is not None:
            self.upstream.pause_reading()

    def client_is_ready(self) -> None:
        """Let the provider go on."""
        self.deadline = self.worker.clock.now + self.timeouts.idle_s
        if self.upstream is not None:
            self.upstream.resume_reading()

    def answer_begins(self, connection: Upstream) -> None:
        """Take status and headers of the answer."""
        breaker = self.breaker
        if breaker is not None:
            if breaker.failures:
                breaker.succeeded()
            self.breaker = None
        self.status, self.answer_length = connection.status, connection.content_length
        self.answer_lines = connection.lines
        self.answer_status = answers.status_line(connection.status, connection.reason)
        self.deadline = self.worker.clock.now + self.timeouts.idle_s
        limit = self.plan.max_answer_bytes if self.plan else 0
        if limit and (self.answer_length or 0) > limit and self.method != b"HEAD":
            self._answer_is_too_large(limit)

    def answer_continues(self, data: bytes) -> None:
        """Take a piece of the answer's body."""
        if self.is_over:
            return
        self.answer_bytes += len(data)
        limit = self.plan.max_answer_bytes if self.plan else 0
        if limit and self.answer_bytes > limit:
            self._answer_is_too_large(limit)
        elif self.answer_sha is not None:
            self.deadline = self.worker.clock.now + self.timeouts.idle_s
            self.answer_sha.update(data)
            self._pass_piece(data)
        else:
            self.answer_pieces.append(data)
            if self.answer_bytes > self.worker.settings.small_body_bytes:
                self.answer_sha = sha512(b"".join(self.answer_pieces))
                self.go_on_with_answer()

    def answer_ends(self) -> None:
        """Take that the answer is complete, perhaps before the request is: what is still to come is only hashed."""
        if self.upstream is not None and not self.is_body_complete:
            self.upstream.is_reusable = False
            self.collects = False
        self.upstream = None
        if self.is_over:
            return
        self.is_answer_complete = True
        if self.connection.reasons_to_pause:
            self.connection.resume_reading(WAITING_FOR_PROVIDER)
        if self.is_body_complete:
            self._log_answer()

    def answer_fails(self, reason: str, *, is_late: bool) -> None:
        """Take that the provider broke off; try once more when a kept connection was just closing."""
        upstream, self.upstream = self.upstream, None
        if self.is_over:
            return
        was_kept = upstream is not None and upstream.idle_since > 0
        is_whole = self.collects or not self.has_body
        if not is_late and was_kept and is_whole and self.method in REPEATABLE and not self.retries:
            self.retries = 1
            self.stop_provider()
            self.connect()
            return
        self.provider_failed()
        error = ErrorType.INVALID_ANSWER if "not HTTP" in reason else ErrorType.NETWORK_ERROR
        self.fail(CallRefused(error, f"No complete answer: {reason}"))

    def connect(self) -> None:
        """Ask for a connection to the provider."""
        raise NotImplementedError

    def go_on_with_answer(self) -> None:
        """Send what can be sent: nothing before the request is complete, small answers only with their evidence."""
        if not self.is_body_complete:
            if self.upstream is not None and self.answer_sha is not None:
                self.upstream.pause_reading()
        elif self.is_answer_complete:
            self._log_answer()
        elif self.answer_sha is not None:
            if self.upstream is not None:
                self.upstream.resume_reading()
            self._start_streaming()

    def _answer_is_too_large(self, limit: int) -> None:
        self.fail(CallRefused(ErrorType.ANSWER_TOO_LARGE, f"The answer is larger than {limit} bytes."))

    def _start_streaming(self) -> None:
        if self.is_streaming:
            return
        self.is_streaming = True
        self._complete_answer_head()
        if self.answer_length is not None:
            framing = b"Content-Length: %d\r\n" % self.answer_length
        elif self.version == "1.1":
            self.chunks_answer, framing = True, b"Transfer-Encoding: chunked\r\n"
        else:
            self.keeps_open, framing = False, b""
        self.connection.write(
            b"".join([self.answer_status, self.answer_lines, framing, self.closing_lines()])
        )
        pieces, self.answer_pieces = self.answer_pieces, []
        for piece in pieces:
            self._send_piece(piece)

    def _pass_piece(self, data: bytes) -> None:
        if self.is_streaming:
            self._send_piece(data)
        else:
            self.answer_pieces.append(data)

    def _send_piece(self, data: bytes) -> None:
        if self.chunks_answer:
            self.connection.write(b"%x\r\n%s\r\n" % (len(data), data))
            return
        if self.is_durable:
            data, self.held = self.held, data
        if data:
            self.connection.write(data)

    def _complete_answer_head(self) -> None:
        """Add the bus's own headers; the request's hash is known by now."""
        self.request_hash = self.hash_of_request()
        if self.lane is not None:
            lines = self.lane.answer_lines
        else:
            lines = f"X-Road-Client:{self.client}\r\nX-Road-Service:{self.plan.text if self.plan else ''}\r\nX-Road-Id:"
        own = (
            f"{lines}{self.message_id or self.request_id}\r\nX-Road-Request-Id:{self.request_id}\r\n"
            f"X-Road-Request-Hash:{self.request_hash}\r\n"
        )
        self.answer_lines += own.encode("ascii")

    def _log_answer(self) -> None:
        if not self.is_streaming:
            self._complete_answer_head()
        leaf = self.leaf(LeafKind.EXCHANGE)
        if self.is_durable:
            self.append(leaf, self._answer_logged)
        else:
            self.append(leaf, None)
            self._release()

    def _answer_logged(self, is_written: bool) -> None:  # noqa: FBT001 - called by the log with one value
        if self.is_over:
            return
        if is_written:
            self._release()
        elif self.is_streaming:
            connection = self.connection
            self.end(keeps_open=False)
            connection.abort()
        else:
            message = "The evidence of the answer could not be written."
            self.send_error(CallRefused(ErrorType.LOGGING_FAILED, message))

    def _release(self) -> None:
        """Send the answer, or the rest of it, and end."""
        connection = self.connection
        if self.is_streaming:
            if self.chunks_answer:
                connection.write(LAST_OF_CHUNKED)
            elif self.held:
                connection.write(self.held)
        else:
            length = self.answer_bytes
            if self.method == b"HEAD" and self.answer_length is not None:
                length = self.answer_length
            framing = b"" if self.status in {204, 304} else b"Content-Length: %d\r\n" % length
            head = (self.answer_status, self.answer_lines, framing, self.closing_lines())
            connection.write(b"".join((*head, *self.answer_pieces)))
        self.worker.count(Counter.ANSWERED)
        self.be_over()
        connection.call_ended(keeps_open=self.keeps_open)
