"""Hold the settings of a gateway, read from one JSON file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from mehvar.exchange.rules.identifiers import is_identifier_part
from mehvar.kernel.errors import InputError, gettext_noop


@dataclass(frozen=True, slots=True)
class Listener:
    """State where to listen. With certificate and key: TLS, client certificates asked for."""

    host: str = "127.0.0.1"
    port: int = 0
    certificate: str = ""
    key: str = ""

    @property
    def is_tls(self) -> bool:
        """Tell whether connections are encrypted."""
        return bool(self.certificate)


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """Hold what a gateway is told at its start. Paths are absolute or relative to the settings file.

    ``name``: names the evidence chains (``name-0``, ``name-1``, …). ``signing_key``: PEM, P-256, for evidence.
    ``subject_key``: file of the key for tokens of persons. ``status_port``: health and metrics on loopback,
    0 for none. ``stamp_url``: RFC 3161 authority, empty for none. Times in seconds.
    """

    snapshot: Path
    evidence: Path
    signing_key: Path
    name: str = "gateway"
    listeners: tuple[Listener, ...] = (Listener(),)
    workers: int = 1
    status_port: int = 0
    subject_key: Path | None = None
    stamp_url: str = ""
    stamp_timeout_s: float = 10.0
    checkpoint_s: float = 60.0
    segment_bytes: int = 256 * 1024 * 1024
    head_timeout_s: float = 10.0
    keep_alive_s: float = 75.0
    grace_s: float = 20.0
    signature_age_s: float = 60.0
    small_body_bytes: int = 65_536
    max_connections: int = 10_000
    keep_heads: bool = True
    client_certificate: Path | None = None
    client_key: Path | None = None
    extra: dict[str, Any] = field(default_factory=dict)


_PATHS = {"snapshot", "evidence", "signing_key", "subject_key", "client_certificate", "client_key"}


def read_settings(path: Path) -> GatewaySettings:
    """Read the settings file.

    Raises:
        InputError: it is not JSON, lacks what is needed, or has members that are not known.
    """
    try:
        members = json.loads(path.read_text(encoding="utf-8"))
        listeners = tuple([_listener(path.parent, item) for item in members.pop("listeners", [{}])])
        unknown = set(members) - {field.name for field in fields(GatewaySettings)}
        if unknown:
            raise _bad(path, f"unknown: {', '.join(sorted(unknown))}")
        for name in _PATHS & set(members):
            members[name] = path.parent / members[name]
        settings = GatewaySettings(listeners=listeners, **members)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise _bad(path, str(error)) from error
    if not is_identifier_part(settings.name) or settings.workers < 1 or not settings.listeners:
        raise _bad(path, "name, workers or listeners are not possible")
    return settings


def _listener(folder: Path, members: dict[str, Any]) -> Listener:
    for name in {"certificate", "key"} & set(members):
        members[name] = str(folder / members[name]) if members[name] else ""
    return Listener(**members)


def _bad(path: Path, reason: str) -> InputError:
    return InputError(
        gettext_noop("The gateway's settings {path} cannot be used: {reason}"),
        code="gateway-settings",
        path=path.name,
        reason=reason,
    )
