"""Let an officer ask through a real gateway, singly and by a file, and make the evidence of it readable; called at the end of the walk.

A small provider and one gateway process run for the length of the step, on the demonstration's clock; what they leave behind is real
evidence. Without free ports the step says so and the demonstration goes on without calls.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from django.conf import settings

from mehvar.exchange.actions import (
    authorisations,
    batches,
    catalogue,
    credentials,
    gateways,
    indexing,
    inquiries,
    publication,
    subject_keys,
)
from mehvar.exchange.actions.authorisations import Terms
from mehvar.exchange.queries import inquiries as queries
from mehvar.exchange.queries.days import today
from mehvar.gateway.evidence.files import create_signing_key
from mehvar.kernel import clock
from mehvar.organisations import queries as organisations

if TYPE_CHECKING:
    from mehvar.config.demonstration.walk import Walk
    from mehvar.exchange.models import InquiryAuthorisation

OPERATION = "GET /persons/{nationalId}"
PEOPLE = tuple(f"00{number:08}" for number in range(1, 13))
"""Numbers of nobody: their check digits are wrong."""

_SHIFTED = (
    "import time, runpy, sys; shift = int(sys.argv.pop(1)); now, ns = time.time, time.time_ns; "
    "time.time = lambda: now() + shift; time.time_ns = lambda: ns() + shift * 10**9; "
    "runpy.run_module('mehvar.gateway', run_name='__main__', alter_sys=True)"
)


class CivilRegister(BaseHTTPRequestHandler):
    """Answer whether a person of that number is registered."""

    def do_GET(self) -> None:
        """Answer one question; a number that ends in 7 is not registered."""
        number = self.path.rsplit("/", 1)[-1]
        found = not number.endswith("7")
        body = json.dumps({"nationalId": number, "registered": found}).encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's own name
        """Keep quiet."""


def let_officers_ask(walk: Walk) -> str:
    """Authorise the post's officer, ask about one person and about a file of them, and read the evidence into the index."""
    catalogue.follow_descriptions()
    row = _authorised(walk)
    _put_key(walk)
    try:
        with _carried(walk):
            inquiries.ask(
                walk.people["inquiry"],
                row.public_id,
                OPERATION,
                {"path.nationalId": PEOPLE[0]},
                reference="مرسوله ۱۳۹۹/۲۱۷",
            )
            _ask_file(walk, row)
            time.sleep(0.2)
    except OSError as error:
        return f"an officer is authorised; no calls, since a port is taken ({error.strerror})"
    return f"an officer is authorised; {indexing.index_evidence()} calls with receipts"


def _authorised(walk: Walk) -> InquiryAuthorisation:
    director = walk.people["post"]
    offered = queries.offered_rights(organisations.authority_of(director))
    right, system = next(pair for pair in offered if pair[0].service.code == "person")
    terms = Terms("احراز هویت گیرنده مرسوله سفارشی در باجه", today(), today() + timedelta(days=90), 200)
    return authorisations.authorise(
        director,
        officer_id=walk.people["inquiry"].pk,
        right=right.public_id,
        subsystem_id=system.pk,
        terms=terms,
    )


def _put_key(walk: Walk) -> None:
    """Register a key for inquiries, and put its private half where only the operator reads."""
    key, system = ed25519.Ed25519PrivateKey.generate(), walk.exchange["post-system"]
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    text = credentials.challenge(system.pk)
    row = credentials.register_key(
        walk.people["post.engineer"],
        system.pk,
        label="استعلام کارشناسان",
        public_key=public.decode(),
        challenge=text,
        proof=base64.b64encode(key.sign(text.encode())).decode(),
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(Path(settings.MEHVAR_EXCHANGE_INQUIRY_KEYS) / f"{row.public_id}.pem", private)
    if subject_keys.present() is None:
        subject_keys.rotate(walk.people["exchange"])


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)


def _ask_file(walk: Walk, row: InquiryAuthorisation) -> None:
    officer = walk.people["inquiry"]
    data = ("nationalId\n" + "\n".join(PEOPLE) + "\n").encode()
    batch, _checked = batches.take_file(
        officer,
        row.public_id,
        OPERATION,
        data=data,
        filename="مرسولات مرداد.csv",
        reference="مرسولات سفارشی مرداد",
    )
    if batch is not None:
        batches.start(officer, batch.public_id)
        batches.run_batch(batch.public_id)


@contextmanager
def _carried(walk: Walk) -> Iterator[None]:
    """Run the civil register and a gateway for as long as questions are asked.

    Raises:
        OSError: A port is taken, or the gateway does not start.
    """
    publication.publish("mehvar exchange publish")
    port = urlsplit(walk.exchange["person"].base_url).port or 0
    with ThreadingHTTPServer(("127.0.0.1", port), CivilRegister) as provider:
        threading.Thread(target=provider.serve_forever, daemon=True).start()
        process, address = _gateway()
        try:
            folder = str(_folder() / "evidence")
            facts = {"code": "gw-1", "evidence_folder": folder}
            gateways.register_gateway(walk.people["exchange"], address=address, **facts)
            yield
            gateways.register_gateway(walk.people["exchange"], address="http://127.0.0.1:8090", **facts)
        finally:
            process.terminate()
            process.wait(20)
            if process.stdout is not None:
                process.stdout.close()
            provider.shutdown()


def _folder() -> Path:
    return Path(settings.MEHVAR_HOME) / "exchange"


def _gateway() -> tuple[subprocess.Popen[bytes], str]:
    """Start one process of a gateway on a free port and on the demonstration's clock."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "evidence_key.pem").exists():
        create_signing_key(folder / "evidence_key.pem")
    members = {
        "snapshot": str(settings.MEHVAR_EXCHANGE_SNAPSHOT_FILE),
        "evidence": str(folder / "evidence"),
        "signing_key": str(folder / "evidence_key.pem"),
        "subject_key": str(settings.MEHVAR_EXCHANGE_SUBJECT_KEY_FILE),
        "name": "gw-1",
        "listeners": [{"host": "127.0.0.1", "port": 0}],
    }
    (folder / "gateway.json").write_text(json.dumps(members, indent=1))
    shift = str(round(clock.now().timestamp() - time.time()))
    command = [
        sys.executable,
        "-c",
        _SHIFTED,
        shift,
        str(folder / "gateway.json"),
        "0",
        str(folder / "shared"),
    ]
    process = subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    words = process.stdout.readline().split() if process.stdout else []
    if words[:1] != [b"ready"]:
        process.kill()
        raise OSError(0, "the gateway does not start")
    return process, f"http://127.0.0.1:{int(words[2])}"
