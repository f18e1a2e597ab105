"""Name what the bus itself can refuse or fail at.

A type that begins ``Client.`` goes with status 400, one that begins ``Server.`` with 500; there are no others.

Source: X-Road message protocol for REST, 4.6.
"""

from __future__ import annotations

from enum import StrEnum


class ErrorType(StrEnum):
    """List every ``type`` of an error body and value of ``X-Road-Error``."""

    BAD_REQUEST = "Client.BadRequest"
    INVALID_PATH = "Client.InvalidPath"
    INVALID_CLIENT = "Client.InvalidClientIdentifier"
    MISSING_CLIENT = "Client.MissingHeader"
    REQUEST_TOO_LARGE = "Client.RequestTooLarge"
    QUOTA_EXCEEDED = "Client.QuotaExceeded"
    DIGEST_MISMATCH = "Client.DigestMismatch"
    UNKNOWN_MEMBER = "Server.ClientProxy.UnknownMember"
    AUTHENTICATION_FAILED = "Server.ClientProxy.AuthenticationFailed"
    REPLAYED = "Server.ClientProxy.ReplayedRequest"
    REPLAY_MEMORY_FULL = "Server.ClientProxy.ReplayMemoryFull"
    OVERLOADED = "Server.ClientProxy.Overloaded"
    STOPPING = "Server.ClientProxy.ShuttingDown"
    UNKNOWN_SERVICE = "Server.ServerProxy.UnknownService"
    SERVICE_DISABLED = "Server.ServerProxy.ServiceDisabled"
    ACCESS_DENIED = "Server.ServerProxy.AccessDenied"
    NO_AGREEMENT = "Server.ServerProxy.AccessDenied.NoValidAgreement"
    NETWORK_ERROR = "Server.ServerProxy.NetworkError"
    SERVICE_FAILED = "Server.ServerProxy.ServiceFailed"
    TIMED_OUT = "Server.ServerProxy.ServiceFailed.TimedOut"
    INVALID_ANSWER = "Server.ServerProxy.ServiceFailed.InvalidAnswer"
    ANSWER_TOO_LARGE = "Server.ServerProxy.ServiceFailed.AnswerTooLarge"
    CIRCUIT_OPEN = "Server.ServerProxy.ServiceFailed.CircuitOpen"
    LOGGING_FAILED = "Server.ServerProxy.LoggingFailed"
    INTERNAL = "Server.ServerProxy.InternalError"
    CLIENT_GONE = "Client.Disconnected"  # stands in evidence only; there is nobody to tell

    @property
    def status(self) -> int:
        """Return 400 for a mistake of the client, else 500."""
        return 400 if self.startswith("Client.") else 500


class CallRefused(Exception):  # noqa: N818 - a refusal is what the protocol knows
    """Refuse one call, with what the client is told."""

    def __init__(self, error: ErrorType, message: str, *, retry_after_s: int | None = None) -> None:
        """Keep type, English message, and after how many seconds a repetition may help."""
        super().__init__(message)
        self.error = error
        self.message = message
        self.retry_after_s = retry_after_s
