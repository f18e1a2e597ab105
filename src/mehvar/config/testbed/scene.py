"""Put the federation on its feet, keep it running, and change it on demand: revoke, stop, swap, double, kill."""

from __future__ import annotations

import json
import secrets
import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from mehvar.config.testbed import federation, processes
from mehvar.config.testbed.authority import CertificateAuthority, Identity, private_pem, write_private
from mehvar.config.testbed.clients import CertificateLine, Client, SignedLine
from mehvar.config.testbed.evidence import SETTLE_S, Follower
from mehvar.config.testbed.federation import BANK, PROVIDERS, TAX, WITH_CERTIFICATE, Party, Standing
from mehvar.config.testbed.processes import GatewayProgram, Program, free_port
from mehvar.config.testbed.traffic import Journal, Traffic
from mehvar.exchange.data.evidence import VerifiedReceipt
from mehvar.exchange.rules import receipts
from mehvar.exchange.rules.snapshots import encode_snapshot
from mehvar.gateway.evidence.files import create_signing_key
from mehvar.gateway.evidence.receipts import receipt_of

FOLLOW_S = 0.25
SEGMENT_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Ordeal:
    """State what a kill did: which process, when, and how many answered calls had lost their evidence afterwards.

    ``missing`` is None until the evidence of that time was looked for.
    """

    process_id: int
    at: datetime
    answered: int = 0
    missing: int | None = None


class Scene:
    """Hold everything that runs. Paths lie below ``folder``; nothing outside it is written."""

    def __init__(self, folder: Path, *, workers: int = 2, rate: float = 8.0) -> None:
        """Make keys, certificates and settings; `start` runs the programs."""
        self.folder = folder
        self.ports = {party.code: free_port() for party in PROVIDERS}
        self.tls_port, self.plain_port, self.status_port = free_port(), free_port(), free_port()
        self.standing = Standing(1, {})
        self._lock = threading.RLock()
        self._make_credentials()
        self._write_settings(workers)
        self.programs = {
            party.code: Program(
                party.code,
                ["mehvar.config.testbed.provider", party.code, str(self.ports[party.code])],
                folder / "log" / f"{party.code}.log",
            )
            for party in PROVIDERS
        }
        self.gateway = GatewayProgram(
            folder / "gateway.json", folder / "log" / "gateway.log", self.status_port, workers
        )
        self.journal = Journal()
        self.follower = Follower(folder / "evidence")
        self.clients = {party.code: Client(party, self._line(party)) for party in federation.CLIENTS}
        self.traffic = Traffic([*self.clients.values()], self.journal, rate)
        self._first_rate, self._top_rate = rate, rate * 8
        self.ordeal: Ordeal | None = None
        self._stop = threading.Event()
        self._watch = threading.Thread(target=self._keep_watch, name="evidence")

    @property
    def public_key(self) -> bytes:
        """Return the key (PEM) by which anyone verifies receipts."""
        return (self.folder / "gateway.pem").read_bytes()

    def start(self) -> None:
        """Start providers and gateway and wait until calls pass."""
        for program in self.programs.values():
            program.start()
        self.gateway.start()
        self.gateway.wait_until_ready()
        self._watch.start()

    def stop(self) -> None:
        """Stop everything that was started here, clients first."""
        self.traffic.stop()
        for client in self.clients.values():
            client.close()
        self._stop.set()
        if self._watch.is_alive():
            self._watch.join()
        self.gateway.stop()
        for program in self.programs.values():
            program.stop()

    def revoke(self, party: Party = TAX) -> None:
        """Revoke a client's certificate, or issue a new one when it is revoked."""
        with self._lock:
            revoked = dict(self.standing.revoked)
            if revoked.pop(party.code, None) is None:
                revoked[party.code] = datetime.now(UTC)
            else:
                self._issue(party)
                self.clients[party.code].line = self._line(party)
            self._publish(replace(self.standing, revoked=revoked))

    def switch_right(self) -> None:
        """Swap the snapshot: grant the bank the right to ask about persons, or take it back."""
        with self._lock:
            granted = not self.standing.bank_may_ask_persons
            self._publish(replace(self.standing, bank_may_ask_persons=granted))

    def switch_provider(self, party: Party) -> None:
        """Stop a provider, or start it again."""
        with self._lock:
            program = self.programs[party.code]
            if program.is_running:
                program.stop()
            else:
                program.start()

    def double_load(self) -> None:
        """Double the load; from eight-fold it goes back to what it was."""
        with self._lock:
            self.traffic.rate = (
                self.traffic.rate * 2 if self.traffic.rate < self._top_rate else self._first_rate
            )

    def kill_worker(self) -> int:
        """Kill one process of the gateway (kill -9); return its id, 0 when none is known."""
        with self._lock:
            found = self.gateway.worker_ids()
            if not found:
                return 0
            processes.kill(found[0])
            self.ordeal = Ordeal(found[0], datetime.now(UTC))
            return found[0]

    def receipt(self, request_id: str) -> tuple[bytes, VerifiedReceipt]:
        """Return a call's receipt, and what it proves when verified with nothing but the public key.

        Raises:
            NotFound: no evidence of it is here.
            InputError: it does not hold.
        """
        data = receipt_of(self.folder / "evidence", request_id)
        return data, receipts.verify_receipt(data, self.public_key)

    def _keep_watch(self) -> None:
        while not self._stop.wait(FOLLOW_S):
            self.follower.follow()
            self._judge()

    def _judge(self) -> None:
        ordeal = self.ordeal
        if ordeal is None or ordeal.missing is not None:
            return
        if (
            time.time() < ordeal.at.timestamp() + SETTLE_S
            or len(self.gateway.worker_ids()) < self.gateway.workers
        ):
            return
        answered = self.journal.answered_until(time.time() - 1)
        self.ordeal = replace(ordeal, answered=len(answered), missing=len(self.follower.missing(answered)))

    def _make_credentials(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.authority = CertificateAuthority(self.folder / "certificates")
        self.authority.issue("gateway", server=True)
        self._identities: dict[str, Identity] = {}
        for party in WITH_CERTIFICATE:
            self._issue(party)
        self._bank_key = ed25519.Ed25519PrivateKey.generate()
        write_private(self.folder / "certificates" / "bank.key", private_pem(self._bank_key))
        write_private(self.folder / "subject.key", secrets.token_bytes(32))
        key = create_signing_key(self.folder / "gateway.key")
        (self.folder / "gateway.pem").write_bytes(_public_pem(key.public_key()))

    def _issue(self, party: Party) -> None:
        self._identities[party.code] = self.authority.issue(party.code)

    def _line(self, party: Party) -> CertificateLine | SignedLine:
        if party is BANK:
            return SignedLine(self.plain_port, party, self._bank_key)
        return CertificateLine(self.tls_port, self.authority.certificate, self._identities[party.code])

    def _write_settings(self, workers: int) -> None:
        self._publish(self.standing)
        settings = {
            "snapshot": "snapshot.json",
            "evidence": "evidence",
            "signing_key": "gateway.key",
            "subject_key": "subject.key",
            "name": "testbed",
            "workers": workers,
            "status_port": self.status_port,
            "segment_bytes": SEGMENT_BYTES,
            "grace_s": 3,
            "listeners": [
                {
                    "port": self.tls_port,
                    "certificate": "certificates/gateway.pem",
                    "key": "certificates/gateway.key",
                },
                {"port": self.plain_port},
            ],
        }
        (self.folder / "gateway.json").write_text(json.dumps(settings, indent=1))

    def _publish(self, standing: Standing) -> None:
        is_first = not (self.folder / "snapshot.json").exists()
        self.standing = standing if is_first else replace(standing, version=self.standing.version + 1)
        credentials = federation.Credentials(
            {code: identity.sha256 for code, identity in self._identities.items()},
            _public_pem(self._bank_key.public_key()).decode(),
            self.authority.certificate,
        )
        made = federation.compile_snapshot(self.ports, credentials, self.standing, made_at=datetime.now(UTC))
        processes.publish(self.folder / "snapshot.json", encode_snapshot(made))


def _public_pem(key: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
