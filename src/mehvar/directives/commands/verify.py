"""Check a promulgated document that lies on this machine: ``mehvar directives verify FILE``, without network or database."""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

from mehvar.kernel.errors import InputError

LARGEST_DOCUMENT = 20 * 1024 * 1024
XML_BEGINNINGS = (b"<?xml", b"<akomaNtoso")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what the verb takes."""
    parser.add_argument("file", type=Path, metavar="FILE", help="signed PDF, Akoma Ntoso XML or JSON")
    parser.add_argument(
        "--certificate",
        metavar="SHA256",
        default="",
        help="fingerprint of the certificate that must have signed",
    )
    parser.add_argument(
        "--fingerprint", metavar="SHA256", default="", help="fingerprint that the file must have"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Print what was found; exit code 0 when the document is good, 2 when it is not.

    Raises:
        InputError: The file cannot be read, or it is not what was signed, expected or valid.
    """
    facts = facts_of(_read(options.file))
    _print(facts, as_json=options.json)
    if fault := fault_in(facts, certificate=options.certificate, fingerprint=options.fingerprint):
        raise InputError(fault, code="not-verified")
    return 0


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_DOCUMENT:
            raise InputError("{file} is larger than 20 MB.", code="document-too-large", file=str(path))
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            "{file} cannot be read: {reason}", code="unreadable", file=str(path), reason=error.strerror or "?"
        ) from error


def facts_of(document: bytes) -> dict[str, Any]:
    """Say what a document is: kind, fingerprint, and what speaks for or against it."""
    facts: dict[str, Any] = {"sha256": hashlib.sha256(document).hexdigest()}
    if document.startswith(b"%PDF"):
        return facts | _signature_facts(document)
    if document.lstrip().startswith(XML_BEGINNINGS):
        return facts | {"kind": "xml", "complaints": _complaints(document)}
    return facts | {"kind": "json", "complaints": _json_complaints(document)}


def _signature_facts(document: bytes) -> dict[str, Any]:
    from mehvar.directives.publication import signing

    report = signing.signature_of(document)
    if report is None:
        return {"kind": "pdf", "signed": False}
    return {
        "kind": "pdf",
        "signed": True,
        "signer": report.signer,
        "certificate_sha256": report.certificate_sha256,
        "intact": report.intact,
        "covers_whole_file": report.covers_whole_file,
    }


def _complaints(document: bytes) -> list[str]:
    from lxml import etree

    from mehvar.directives.publication import akn

    try:
        return akn.schema_complaints(document)[:5]
    except etree.XMLSyntaxError as error:
        return [str(error)]


def _json_complaints(document: bytes) -> list[str]:
    from mehvar.kernel import identifiers

    try:
        content = json.loads(document)
    except ValueError:
        return ["neither PDF, XML nor JSON"]
    return [] if identifiers.canonical_json(content) == document else ["not in canonical form (RFC 8785)"]


def fault_in(facts: dict[str, Any], *, certificate: str, fingerprint: str) -> str:
    """Say why a document is not good; nothing when it is."""
    if fingerprint and facts["sha256"] != fingerprint.strip().lower():
        return "The fingerprint is not the expected one."
    if facts["kind"] != "pdf":
        return f"Not valid: {facts['complaints'][0]}" if facts["complaints"] else ""
    return _fault_in_signature(facts, certificate.strip().lower().replace(":", ""))


def _fault_in_signature(facts: dict[str, Any], certificate: str) -> str:
    if not facts["signed"]:
        return "The document carries no signature."
    if not facts["intact"]:
        return "The document was changed after it was signed."
    if not facts["covers_whole_file"]:
        return "Something was added after the document was signed."
    if certificate and facts["certificate_sha256"] != certificate:
        return "The signature is good, but another certificate made it."
    return ""


def _print(facts: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(facts, ensure_ascii=False))
        return
    for name, value in facts.items():
        shown = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
        print(f"{name.replace('_', ' '):<18} {'none' if value == [] else shown}")
