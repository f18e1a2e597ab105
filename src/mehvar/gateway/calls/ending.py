"""End a call: refuse it, let it fail, let it go."""

from __future__ import annotations

from hashlib import sha512

from mehvar.exchange.data.errors import CallRefused, ErrorType
from mehvar.exchange.data.evidence import LeafKind
from mehvar.exchange.rules import digests
from mehvar.gateway import answers
from mehvar.gateway.calls.record import CallRecord
from mehvar.gateway.calls.state import WAITING_FOR_PROVIDER
from mehvar.gateway.status import Counter

SPARE_S = 10.0


class CallEnding(CallRecord):
    """Know every way in which a call ends, and what evidence it leaves."""

    __slots__ = ()

    def refuse_bytes(self, refusal: CallRefused) -> None:
        """Answer bytes that are no request."""
        self.keeps_open = False
        self.refuse(refusal)

    def request_is_broken(self, refusal: CallRefused) -> None:
        """Take that the rest of the request cannot be read."""
        self.keeps_open = False
        self.refuse_or_fail(refusal)

    def refuse_or_fail(self, refusal: CallRefused) -> None:
        """Refuse, or let fail when something may have been forwarded already."""
        if self.head_sha and self.plan is not None:
            self.fail(refusal)
        else:
            self.refuse(refusal)

    def refuse(self, refusal: CallRefused) -> None:
        """Refuse before anything was forwarded; what an authenticated client tried is noted."""
        if self.is_over:
            return
        self.stop_provider()
        if self.proof and self.worker.log.is_accepting:
            if not self.head_sha:
                self.hash_head()
            self.append(self.leaf(LeafKind.REFUSAL, error=refusal.error), None)
        self.worker.count(Counter.REFUSED)
        self.send_error(refusal)

    def fail(self, refusal: CallRefused) -> None:
        """End a call that was, or could have been, forwarded: evidence first, then the error."""
        if self.is_over:
            return
        self.stop_provider()
        self.worker.count(Counter.FAILED)
        leaf = self.leaf(LeafKind.EXCHANGE, error=refusal.error)
        if self.is_streaming:
            self.append(leaf, None)
            connection = self.connection
            self.end(keeps_open=False)
            connection.abort()
        elif self.is_durable:

            def logged(_is_written: bool) -> None:  # noqa: FBT001 - an error may be told without evidence
                if not self.is_over:
                    self.send_error(refusal)

            self.deadline = self.started + self.timeouts.total_s + SPARE_S
            self.append(leaf, logged)
        else:
            self.append(leaf, None)
            self.send_error(refusal)

    def check_time(self, now: float) -> None:
        """End a call that takes too long."""
        if self.is_over or (now < self.deadline and now < self.started + self.timeouts.total_s):
            return
        if not self.is_body_complete:
            self.keeps_open = False
            self.refuse_or_fail(CallRefused(ErrorType.BAD_REQUEST, "The request took too long to arrive."))
            return
        self.provider_failed()
        self.fail(CallRefused(ErrorType.TIMED_OUT, "The provider did not answer in time."))

    def client_is_gone(self) -> None:
        """Take that nobody waits for the answer any more; what was forwarded is noted all the same."""
        if self.is_over:
            return
        was_forwarded = self.upstream is not None or self.is_answer_complete
        self.stop_provider()
        if was_forwarded and not self.is_answer_complete:
            self.append(self.leaf(LeafKind.EXCHANGE, error=ErrorType.CLIENT_GONE), None)
        self.be_over()
        self.worker.count(Counter.DISCONNECTED)

    def send_error(self, refusal: CallRefused) -> None:
        """Tell the client."""
        if not self.is_body_complete and (self.has_body or not self.has_begun):
            self.keeps_open = False
        request_id = self.request_id or self.worker.ids.next()
        head, body = answers.error_answer(refusal, request_id=request_id, accepts=self.head.accept)
        self.connection.write(head + self.closing_lines() + (b"" if self.method == b"HEAD" else body))
        self.end(keeps_open=self.keeps_open)

    def end(self, *, keeps_open: bool) -> None:
        """Let the connection go on."""
        self.be_over()
        self.connection.resume_reading(WAITING_FOR_PROVIDER)
        self.connection.call_ended(keeps_open=keeps_open)

    def closing_lines(self) -> bytes:
        """Return the last lines of an answer's head."""
        if self.worker.is_stopping:
            self.keeps_open = False
        if not self.keeps_open:
            return b"Connection: close\r\n\r\n"
        return b"\r\n" if self.version == "1.1" else b"Connection: keep-alive\r\n\r\n"

    def hash_head(self) -> bytes:
        """Write the header lines that are hashed and forwarded, hash them, and return them."""
        lines = self.head.lines(self.client, self.message_id or self.request_id, self.request_id)
        self.request_head = digests.request_head(self.method, self.raw_target, lines)
        self.head_sha = sha512(self.request_head).digest()
        self.head_text = digests.encoded(self.head_sha)
        return lines
