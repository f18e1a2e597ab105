"""Offer ``mehvar ledger``: seal, check, prove, have witnessed, name the head and the key."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mehvar.ledger.data import ChainReport, Fault, HeadRecord, LogReport, ProofReport

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
    "tile-differs": "the sealed log's tile that begins with it is missing or altered",
    "entry-bundle-differs": "the sealed log's entry bundle that begins with it is missing or altered",
    "checkpoint-differs": "the signed checkpoint that ends with it does not fit the records or the key",
    "cosigned-checkpoint-differs": "a witness signed another record up to here than there is now",
}
_DONE = 0


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
    verify.add_argument(
        "--bundle",
        metavar="FILE",
        type=Path,
        action=_Offline,
        help="check a proof (mehvar ledger prove) instead, offline and without a database; needs --key",
    )
    verify.add_argument(
        "--key", help="the log's public key (mehvar ledger key), from a source that you trust"
    )
    verify.add_argument(
        "--witness-key",
        metavar="KEY",
        action="append",
        default=[],
        help="a witness's key: its cosignature must be on the proof (may be repeated)",
    )
    verify.set_defaults(run=verify_ledger)
    head = verbs.add_parser("head", help="print number and hash of the newest entry, to be kept elsewhere")
    head.set_defaults(run=print_head)
    _register_log(verbs)


def _register_log(verbs: Any) -> None:
    seal = verbs.add_parser(
        "seal", help="seal what is on record into the signed log now (the worker does it)"
    )
    seal.set_defaults(run=seal_log)
    key = verbs.add_parser("key", help="print the log's public key, to be published elsewhere")
    key.set_defaults(run=print_key)
    prove = verbs.add_parser("prove", help="write a proof of records that strangers can check offline")
    prove.add_argument("what", metavar="SEQUENCE|TYPE:IDENTIFIER", help="a record's number, or an object")
    prove.add_argument("--out", metavar="FILE", type=Path, required=True, help="file to write")
    prove.add_argument(
        "--open", action="store_true", help="open the seals: names and private content are shown"
    )
    prove.set_defaults(run=prove_records)
    witness = verbs.add_parser("witness", help="have a third party cosign the newest checkpoint")
    witness.add_argument("source", metavar="URL|FILE", help="a witness's address, or a file that it cosigned")
    witness.add_argument("--key", help="the witness's public key, needed once; it is trusted from then on")
    witness.set_defaults(run=take_witness)


class _Offline(argparse.Action):
    """Take the bundle's path and leave the database alone."""

    def __call__(
        self,
        _parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        _option: str | None = None,
    ) -> None:
        """Keep the path."""
        setattr(namespace, self.dest, values)
        namespace.needs_django = False


def verify_ledger(args: argparse.Namespace) -> int:
    """Check everything and say what is wrong; return 0 when records and sealed log hold, 2 when they do not."""
    if args.bundle is not None:
        return verify_bundle(args)
    from mehvar.ledger import queries

    started = time.perf_counter()
    report = queries.chain_report(known=args.known)
    log = queries.log_report()
    seconds = time.perf_counter() - started
    if args.json:
        print(json.dumps(_as_dict(report) | {"log": _log_as_dict(log)}))
    else:
        _print_report(report, seconds)
        _print_log(log, report.count)
    return _DONE if report.holds and log.holds else BROKEN


def verify_bundle(args: argparse.Namespace) -> int:
    """Check a proof offline and print what it proves; return 0, or 2 where it or a wanted cosignature fails."""
    from mehvar.kernel.errors import MehvarError
    from mehvar.ledger.rules import bundles, notes

    if not args.key:
        print(
            "mehvar: --bundle needs --key: the log's public key, from a source that you trust",
            file=sys.stderr,
        )
        return BROKEN
    try:
        witnesses = [notes.VerifierKey.parse(key) for key in args.witness_key]
        content = args.bundle.read_bytes()
        report = bundles.check_bundle(content, notes.VerifierKey.parse(args.key), witnesses)
    except (MehvarError, OSError) as error:
        print(f"NOT PROVEN: {error}", file=sys.stderr)
        return BROKEN
    missing = [witness.name for witness in witnesses if witness.name not in report.witnesses]
    if missing:
        print(f"NOT PROVEN: no cosignature of {', '.join(missing)}", file=sys.stderr)
        return BROKEN
    print(json.dumps(_proof_as_dict(report), ensure_ascii=False) if args.json else _proof_in_words(report))
    return _DONE


def seal_log(_args: argparse.Namespace) -> int:
    """Seal and say how far the log reaches."""
    from mehvar.ledger import actions, queries

    count = actions.seal(wait=True)
    state = queries.seal_state()
    print(f"{count} entries sealed, {state.size} in all")
    print(f"Public key: {state.key}")
    return _DONE


def print_key(_args: argparse.Namespace) -> int:
    """Print the public key; 2 before the first sealing."""
    from mehvar.ledger import queries

    key = queries.verifier_key()
    print(key or "There is no key yet: run mehvar ledger seal.", file=sys.stdout if key else sys.stderr)
    return _DONE if key else BROKEN


def prove_records(args: argparse.Namespace) -> int:
    """Write a proof of one record, or of an object's public records."""
    from mehvar.ledger import queries

    subject_type, colon, identifier = args.what.partition(":")
    sequences = queries.sequences_of(subject_type, identifier) if colon else [_number(args.what)]
    args.out.write_text(queries.proof_for_operator(sequences, opened=args.open))
    print(f"{len(sequences)} records proven in {args.out}")
    print(f"Check it anywhere: mehvar ledger verify --bundle {args.out} --key {queries.verifier_key()}")
    return _DONE


def take_witness(args: argparse.Namespace) -> int:
    """Add cosignatures, asked for over HTTP or read from a file."""
    from mehvar.ledger import actions

    if args.key:
        actions.trust_witness(args.key)
    if args.source.startswith(("http://", "https://")):
        names = actions.ask_witness(args.source)
    else:
        names = actions.add_cosignatures(_text_of(args.source))
    print(f"Cosigned by {', '.join(names)}")
    return _DONE


def _text_of(path: str) -> str:
    from mehvar.kernel.errors import InputError

    try:
        return Path(path).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("{path} cannot be read.", path=path) from error


def _number(text: str) -> int:
    from mehvar.kernel.errors import InputError

    if not (text.isascii() and text.isdecimal()):
        raise InputError("Write a record's number, or TYPE:IDENTIFIER, as in directive:d-123.")
    return int(text)


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


def _print_log(log: LogReport, count: int) -> None:
    if not log.holds:
        print(f"THE SEALED LOG IS BROKEN: {len(log.faults)} faults", file=sys.stderr)
        for fault in log.faults[:_SHOWN_FAULTS]:
            print(f"  entry {fault.sequence}: {_meaning(fault)} ({fault.code})", file=sys.stderr)
    elif not log.origin:
        print("Nothing is sealed yet (mehvar ledger seal).")
    else:
        witnesses = ", ".join(log.witnesses) or "nobody yet"
        print(
            f"The sealed log holds: {log.size} of {count} entries, root {log.root}, witnessed by {witnesses}."
        )


def _log_as_dict(log: LogReport) -> dict[str, object]:
    faults = [{"sequence": fault.sequence, "code": fault.code.value} for fault in log.faults]
    return {
        "origin": log.origin,
        "entries": log.size,
        "root": log.root,
        "witnesses": list(log.witnesses),
        "holds": log.holds,
        "faults": faults,
    }


def _proof_as_dict(report: ProofReport) -> dict[str, object]:
    return {
        "origin": report.origin,
        "entries": report.size,
        "root": report.root,
        "witnesses": list(report.witnesses),
        "proven": [
            {
                "sequence": item.index + 1,
                "leaf": json.loads(item.leaf),
                "sealed": json.loads(item.sealed) if item.sealed else None,
            }
            for item in report.leaves
        ],
    }


def _proof_in_words(report: ProofReport) -> str:
    witnesses = f", cosigned by {', '.join(report.witnesses)}" if report.witnesses else ""
    lines = [f"PROVEN: on record in {report.origin} ({report.size} entries{witnesses})"]
    for item in report.leaves:
        lines.append(f"record {item.index + 1}: {item.leaf.decode()}")
        lines += [f"  content: {item.content_json}"] if item.content_json else []
        lines += [f"  seal opened: {item.sealed.decode()}"] if item.sealed else []
    return "\n".join(lines)
