"""Offer ``mehvar ledger``: check the whole record, name its head."""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mehvar.ledger.data import ChainReport, Fault, HeadRecord

BROKEN = 2
_SHOWN_FAULTS = 20
_MEANINGS = {
    "leaf-unreadable": "its leaf is not an entry at all",
    "sequence-gap": "it is missing, or another entry stands in its place",
    "previous-hash-differs": "it does not name the hash of the entry before it",
    "leaf-hash-differs": "its stored hash is not that of its leaf",
    "content-hash-differs": "its content was changed",
    "fields-differ-from-leaf": "a stored field (who, what, when, why, names) differs from its leaf",
    "head-differs": "the head names another entry than the last one",
    "known-head-differs": "the record holds no entry with the known hash at this place",
}


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verbs of the ledger."""
    ledger = subparsers.add_parser("ledger", help="check the record of all acts")
    verbs = ledger.add_subparsers(title="verbs", metavar="VERB", dest="ledger_verb", required=True)
    verify = verbs.add_parser(
        "verify", help="check that nothing on record was changed, removed or put in between"
    )
    verify.add_argument(
        "--known",
        metavar="SEQUENCE:HASH",
        type=_known,
        help="an entry's number and hash that you wrote down earlier (mehvar ledger head); the record must still hold it",
    )
    verify.add_argument("--json", action="store_true", help="print one JSON object instead of sentences")
    verify.set_defaults(run=verify_ledger)
    head = verbs.add_parser("head", help="print number and hash of the newest entry, to be kept elsewhere")
    head.set_defaults(run=print_head)


def verify_ledger(args: argparse.Namespace) -> int:
    """Check everything and say what is wrong; return 0 when the chain holds, 2 when it does not."""
    from mehvar.ledger import queries

    started = time.perf_counter()
    report = queries.chain_report(known=args.known)
    seconds = time.perf_counter() - started
    if args.json:
        print(json.dumps(_as_dict(report)))
    else:
        _print_report(report, seconds)
    return 0 if report.holds else BROKEN


def print_head(_args: argparse.Namespace) -> int:
    """Print the newest entry's number and hash, ready for ``verify --known``."""
    from mehvar.ledger import queries

    head = queries.head()
    print(f"{head.sequence}:{head.leaf_hash}")
    return 0


def _known(text: str) -> HeadRecord:
    """Read ``SEQUENCE:HASH``."""
    from mehvar.ledger.data import HeadRecord

    number, _, digest = text.strip().partition(":")
    if not number.isdecimal() or len(digest) != 64 or not set(digest.lower()) <= set("0123456789abcdef"):  # noqa: PLR2004 - SHA-256 in hexadecimal
        raise argparse.ArgumentTypeError("write it as NUMBER:HASH, as `mehvar ledger head` prints it")
    return HeadRecord(int(number), digest.lower())


def _print_report(report: ChainReport, seconds: float) -> None:
    print(f"{report.count} entries checked in {seconds:.1f} s")
    if report.holds:
        print(f"The chain holds. Head: {report.count}:{report.head}")
        return
    print(f"THE CHAIN IS BROKEN: {len(report.faults)} faults", file=sys.stderr)
    for fault in report.faults[:_SHOWN_FAULTS]:
        print(f"  entry {fault.sequence}: {_meaning(fault)} ({fault.code})", file=sys.stderr)
    if len(report.faults) > _SHOWN_FAULTS:
        print(f"  and {len(report.faults) - _SHOWN_FAULTS} more (--json lists them)", file=sys.stderr)


def _meaning(fault: Fault) -> str:
    return _MEANINGS.get(fault.code, "it fails its check")


def _as_dict(report: ChainReport) -> dict[str, object]:
    faults = [{"sequence": fault.sequence, "code": fault.code.value} for fault in report.faults]
    return {"entries": report.count, "head": report.head, "holds": report.holds, "faults": faults}
