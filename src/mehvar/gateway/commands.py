"""Offer the gateway's verbs. They need no database: receipts are verified by anyone, anywhere.

Each verb is a pair: ``add_..._arguments(parser)`` and a function that runs it. `mehvar exchange verify RECEIPT` belongs
to the exchange's verbs; the place that composes the command line joins them.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

BROKEN = 2


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``mehvar gateway run|key|receipt|check|archive|redact``."""
    gateway = subparsers.add_parser("gateway", help="carry calls between agencies and keep their evidence")
    verbs = gateway.add_subparsers(title="verbs", metavar="VERB", dest="gateway_verb", required=True)
    run = verbs.add_parser("run", help="run the gateway's processes until stopped")
    run.add_argument(
        "settings",
        type=Path,
        metavar="SETTINGS",
        help="JSON file; docs/exchange/operations.md lists its members",
    )
    key = verbs.add_parser("key", help="make a key that signs evidence; never overwrites one")
    key.add_argument("path", type=Path, metavar="FILE")
    receipt = verbs.add_parser("receipt", help="write the receipt of one call")
    receipt.add_argument("evidence", type=Path, metavar="FOLDER", help="the gateway's evidence folder")
    receipt.add_argument("request_id", metavar="ID", help="the X-Road-Request-Id of the answer")
    receipt.add_argument("--without-parts", action="store_true", help="leave headers and bodies out")
    check = verbs.add_parser("check", help="check all evidence of a folder: signatures, roots, links")
    check.add_argument("evidence", type=Path, metavar="FOLDER")
    archive = verbs.add_parser("archive", help="move closed segments into the archive")
    archive.add_argument("evidence", type=Path, metavar="FOLDER")
    redact = verbs.add_parser(
        "redact", help="remove kept headers and bodies from closed segments; proofs stay valid"
    )
    redact.add_argument("evidence", type=Path, metavar="FOLDER")
    redact.add_argument("--request", metavar="ID", help="of one call only")
    for parser, function in (
        (run, run_gateway), (key, make_key), (receipt, write_receipt), (check, check_evidence),
        (archive, archive_evidence), (redact, redact_evidence),
    ):  # fmt: skip
        parser.set_defaults(run=function, needs_django=False)


def add_verify_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe ``mehvar exchange verify``."""
    parser.add_argument("receipt", type=Path, metavar="RECEIPT", help="the receipt's file")
    parser.add_argument(
        "--key",
        type=Path,
        required=True,
        metavar="FILE",
        help="public key or certificate of the gateway, PEM",
    )
    parser.add_argument(
        "--stamp-authority",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="trusted time-stamp authority, PEM",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of sentences")
    parser.set_defaults(run=verify, needs_django=False)


def verify(args: argparse.Namespace) -> int:
    """Verify a receipt offline; return 0 when it holds, 2 when not."""
    from cryptography import x509

    from mehvar.exchange.rules import receipts
    from mehvar.kernel.errors import InputError

    authorities = [x509.load_pem_x509_certificate(_read(path)) for path in args.stamp_authority]
    receipt, key = _read(args.receipt), _read(args.key)
    try:
        proven = receipts.verify_receipt(receipt, key, stamp_authorities=authorities)
    except InputError as error:
        if args.json:
            print(json.dumps({"holds": False, "reason": str(error)}))
        else:
            print(str(error), file=sys.stderr)
        return BROKEN
    leaf = proven.leaf
    if args.json:
        print(
            json.dumps(
                {
                    "holds": True,
                    "chain": proven.chain,
                    "batch": proven.batch,
                    "at": proven.at.isoformat(),
                    "evidence": dict(leaf),
                    "stamped_at": proven.stamped_at and proven.stamped_at.isoformat(),
                }
            )
        )
        return 0
    status = (leaf["answer"] or {}).get("status")
    print("The receipt holds.")
    print(
        f"{leaf['client']} asked {leaf['service']} at {receipts.instant(leaf['at']).isoformat()} ({leaf['kind']})."
    )
    print(
        f"Agreement {leaf['agreement'] or '-'}, purpose: {leaf['purpose'] or '-'}. Answer: {status or leaf['error'] or 'none'}."
    )
    print(f"Evidence: chain {proven.chain}, batch {proven.batch}, signed at {proven.at.isoformat()}.")
    if proven.stamped_at:
        print(f"Time stamp of an independent authority: {proven.stamped_at.isoformat()}.")
    return 0


def run_gateway(args: argparse.Namespace) -> int:
    """Run all processes until SIGTERM."""
    import logging

    from mehvar.gateway.data import read_settings
    from mehvar.gateway.supervisor import Supervisor

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    return Supervisor(read_settings(args.settings), args.settings).run()


def make_key(args: argparse.Namespace) -> int:
    """Make a signing key and print its public half."""
    from cryptography.hazmat.primitives import serialization

    from mehvar.gateway.evidence.files import create_signing_key
    from mehvar.kernel.errors import Conflict

    try:
        key = create_signing_key(args.path)
    except FileExistsError:
        raise Conflict("{path} exists; a key is never overwritten.", path=args.path.name) from None
    print(
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode(),
        end="",
    )
    return 0


def write_receipt(args: argparse.Namespace) -> int:
    """Write a receipt to standard output."""
    from mehvar.gateway.evidence.receipts import receipt_of

    sys.stdout.write(receipt_of(args.evidence, args.request_id, with_parts=not args.without_parts).decode())
    return 0


def check_evidence(args: argparse.Namespace) -> int:
    """Check all segments and the archive; return 2 when something does not hold."""
    from mehvar.exchange.data.evidence import EvidenceDamaged
    from mehvar.gateway.evidence import checking

    try:
        report = checking.check_folder(args.evidence)
    except EvidenceDamaged as error:
        print(f"THE EVIDENCE IS DAMAGED: {error}", file=sys.stderr)
        return BROKEN
    print(
        f"{report.batches} batches with {report.entries} entries hold; {report.stamps} of {report.checkpoints} checkpoints are stamped."
    )
    return 0


def archive_evidence(args: argparse.Namespace) -> int:
    """Archive all but the newest segment of each chain."""
    from mehvar.gateway.evidence import archive, files

    chains = tuple(sorted({path.name.rpartition("-")[0] for path in files.segment_paths(args.evidence)}))
    for manifest in archive.archive_closed(args.evidence, open_chains=chains):
        print(manifest.name)
    return 0


def redact_evidence(args: argparse.Namespace) -> int:
    """Remove parts from all but the newest segment of each chain."""
    from mehvar.gateway.evidence import archive, files

    for chain in sorted({path.name.rpartition("-")[0] for path in files.segment_paths(args.evidence)}):
        for path in files.segment_paths(args.evidence, chain)[:-1]:
            archive.redact_segment(path, lambda leaf, _kind: args.request not in (None, leaf["request_id"]))
            print(path.name)
    return 0


def _read(path: Path) -> bytes:
    from mehvar.kernel.errors import InputError

    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            "{path} cannot be read: {reason}", path=path.name, reason=error.strerror or ""
        ) from error
