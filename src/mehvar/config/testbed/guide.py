"""Say what to try next, as commands that can be copied."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from mehvar.config.testbed import ask_signed
from mehvar.config.testbed.federation import BANK, BANK_KEY, CITY, CIVIL, LAND, service_id
from mehvar.config.testbed.registers import registers
from mehvar.config.testbed.scene import Scene
from mehvar.kernel.errors import gettext_noop


@dataclass(frozen=True, slots=True)
class Trial:
    """Suggest one command and say what it shows; ``words`` are translated where they are shown."""

    words: str
    command: str


def write_script(folder: Path) -> None:
    """Put the example of a signed request into the testbed's folder."""
    (folder / "ask_signed.py").write_text(
        Path(ask_signed.__file__).read_text(encoding="utf-8"), encoding="utf-8"
    )


def trials(scene: Scene, request_id: str) -> list[Trial]:
    """Return what to try; ``request_id`` of a call whose receipt to fetch."""
    folder = shlex.quote(str(scene.folder))
    gateway = f"https://127.0.0.1:{scene.tls_port}/r1"
    trust = f"curl -sS --cacert {folder}/certificates/authority.pem -D - -H 'X-Road-Client: {CITY.id}'"
    parcel = next(iter(registers().parcels))
    question = f"{gateway}/{service_id(LAND)}/parcels/{parcel}"
    certificate = f"--cert {folder}/certificates/{CITY.code}.pem --key {folder}/certificates/{CITY.code}.key"
    person = next(iter(registers().persons))
    signed = (
        f"{shlex.quote(sys.executable)} {folder}/ask_signed.py {folder}/certificates/bank.key {BANK_KEY} {BANK.id}"
        f" http://127.0.0.1:{scene.plain_port}/r1"
    )
    return [
        Trial(gettext_noop("Ask with a certificate (mutual TLS)"), f"{trust} {certificate} {question}"),
        Trial(gettext_noop("The same without a certificate: refused"), f"{trust} {question}"),
        Trial(
            gettext_noop("Ask by a signed request"),
            f"{signed}/{service_id(LAND)}/parcels/{parcel}",
        ),
        Trial(
            gettext_noop("Ask what one has no right to: refused, and the refusal is on record"),
            f"{signed}/{service_id(CIVIL)}/persons/{person}",
        ),
        Trial(
            gettext_noop("Fetch the receipt of a call and verify it offline"),
            f"mehvar gateway receipt {folder}/evidence {request_id} > receipt.json && "
            f"mehvar exchange verify receipt.json --key {folder}/gateway.pem",
        ),
        Trial(
            gettext_noop("Check all evidence: signatures, roots, links"),
            f"mehvar gateway check {folder}/evidence",
        ),
    ]
