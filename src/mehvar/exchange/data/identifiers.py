"""Name members, subsystems and services as X-Road does.

Source: X-Road message protocol for REST, 4.1 and 4.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

RESERVED_SERVICE_CODES = frozenset(
    {
        "listClients",
        "listMethods",
        "allowedMethods",
        "getWsdl",
        "getOpenAPI",
        "getSecurityServerMetrics",
        "getSecurityServerOperationalData",
        "getSecurityServerHealthData",
    }
)


@dataclass(frozen=True, slots=True)
class ClientId:
    """Name a member, or one of its subsystems. ``subsystem`` is empty for the member itself."""

    instance: str
    member_class: str
    member_code: str
    subsystem: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """Return three or four parts, not encoded."""
        member = (self.instance, self.member_class, self.member_code)
        return (*member, self.subsystem) if self.subsystem else member

    def __str__(self) -> str:
        """Return the parts, percent-encoded one by one, joined by ``/``."""
        return joined(self.parts)


@dataclass(frozen=True, slots=True)
class ServiceId:
    """Name a service of a provider (a subsystem or a member)."""

    provider: ClientId
    code: str

    @property
    def parts(self) -> tuple[str, ...]:
        """Return four or five parts, not encoded."""
        return (*self.provider.parts, self.code)

    def __str__(self) -> str:
        """Return the parts, percent-encoded one by one, joined by ``/``."""
        return joined(self.parts)


def joined(parts: tuple[str, ...]) -> str:
    """Return parts, percent-encoded one by one, joined by ``/``."""
    return "/".join([quote(part, safe="'()+,-.=") for part in parts])
