"""Find out whether a caller is who ``X-Road-Client`` says: mutual TLS, signed request, or a registered network."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mehvar.exchange.data.errors import CallRefused, ErrorType
from mehvar.exchange.data.snapshot import ClientCertificate, ClientKey, Snapshot
from mehvar.exchange.rules import signatures
from mehvar.exchange.rules.snapshot_faults import Pace, paced, without_rest
from mehvar.gateway.shared import MemoryFull, SharedMemory
from mehvar.kernel.errors import InputError


@dataclass(frozen=True, slots=True)
class Holder:
    """State whom a key or certificate stands for, and between which instants (seconds since 1970)."""

    client: str
    since: float
    until: float
    key: signatures.PublicKey | None = None

    def speaks_for(self, client: str, now: float) -> bool:
        """Tell whether it is valid now and belongs to the client or to the member whose subsystem the client is."""
        is_own = client == self.client or client.startswith(self.client + "/")
        return is_own and self.since <= now < self.until


class Credentials:
    """Index a snapshot's keys, certificates and networks. Never changes."""

    def __init__(self, snapshot: Snapshot, pace: Pace = without_rest) -> None:
        """Read every key once. ``pace``: called after every few."""
        self._certificates: dict[str, list[Holder]] = {}
        for item in paced(snapshot.certificates, pace):
            self._certificates.setdefault(item.sha256.lower(), []).append(_holder(item, None))
        self._keys: dict[str, Holder] = {}
        for key in snapshot.keys:
            pace()
            self._keys[key.id] = _holder(key, signatures.load_public_key(key.public_key, key.algorithm))
        self._networks: dict[str, list[ipaddress.IPv4Network | ipaddress.IPv6Network]] = {}
        for network in snapshot.networks:
            self._networks.setdefault(network.client, []).append(ipaddress.ip_network(network.network))

    def by_certificate(self, fingerprint: str, client: str, now: float) -> str | None:
        """Return how the caller proved itself by the certificate of its connection, None if it did not."""
        if any(holder.speaks_for(client, now) for holder in self._certificates.get(fingerprint, ())):
            return f"mutual-tls:{fingerprint}"
        return None

    def by_network(self, address: str, client: str) -> str | None:
        """Return how the caller proved itself by its address, None if it did not."""
        networks = self._networks.get(client)
        if not networks:
            return None
        caller = ipaddress.ip_address(address)
        return f"network:{address}" if any(caller in network for network in networks) else None

    def by_signature(
        self,
        parts: signatures.RequestParts,
        client: str,
        memory: SharedMemory,
        *,
        has_body: bool,
        now: float,
        max_age_s: float,
    ) -> str:
        """Check a signed request and return how the caller proved itself.

        Raises:
            CallRefused: the signature does not hold for this client, is too old, or was used before.
        """
        try:
            stated = signatures.read_signature(
                parts.fields.get("signature-input", ()), parts.fields.get("signature", ())
            )
            signatures.check_request(stated, parts, has_body=has_body)
            base = signatures.signature_base(stated.text, stated.components, parts)
        except InputError as error:
            raise _failed(str(error)) from error
        holder = self._keys.get(stated.keyid)
        if holder is None or holder.key is None or not holder.speaks_for(client, now):
            raise _failed(f"The key {stated.keyid} does not speak for {client}.")
        if not signatures.is_fresh(stated, now=now, max_age_s=max_age_s):
            raise _failed(
                f"The signature must be made within {max_age_s:g} seconds of the gateway's clock and not be expired."
            )
        if not signatures.holds(stated.signature, base, holder.key):
            raise _failed("The signature does not hold.")
        self._remember(stated, memory, max_age_s)
        return f"signature:{stated.keyid}"

    def _remember(self, stated: signatures.SignatureInput, memory: SharedMemory, max_age_s: float) -> None:
        name = hashlib.sha256(f"{stated.keyid}\n{stated.nonce}".encode()).digest()
        try:
            is_new = memory.remember_once(name, for_s=2 * max_age_s + 1)
        except MemoryFull:
            message = "Too many signed requests to remember; try again."
            raise CallRefused(ErrorType.REPLAY_MEMORY_FULL, message, retry_after_s=1) from None
        if not is_new:
            raise CallRefused(
                ErrorType.REPLAYED, "This signed request was sent before; sign each with a new nonce."
            )


def combined_fields(headers: Sequence[tuple[bytes, bytes]]) -> Mapping[str, list[str]]:
    """Return headers by lower-case name, values in order."""
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name.lower().decode("latin-1"), []).append(value.decode("latin-1"))
    return found


def _holder(item: ClientKey | ClientCertificate, key: signatures.PublicKey | None) -> Holder:
    until = item.valid_until.timestamp()
    if item.revoked_at is not None:
        until = min(until, item.revoked_at.timestamp())
    return Holder(item.client, item.valid_from.timestamp(), until, key)


def _failed(message: str) -> CallRefused:
    return CallRefused(ErrorType.AUTHENTICATION_FAILED, message)
