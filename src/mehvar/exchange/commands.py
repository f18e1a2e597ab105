"""Offer the exchange's verbs on the command line: publish, look at snapshots, keep the own authority and the key for persons' tokens."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def add_verbs(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``publish``, ``snapshot``, ``authority`` and ``subject-key`` below ``mehvar exchange``."""
    publish = verbs.add_parser(
        "publish", help="publish the routing snapshot if anything differs, and write its file"
    )
    publish.set_defaults(run=publish_snapshot)
    snapshot = verbs.add_parser("snapshot", help="print or write a published routing snapshot")
    snapshot.add_argument("--number", type=int, help="which one (default: the newest)")
    snapshot.add_argument("--output", type=Path, metavar="FILE", help="write it here instead of printing")
    snapshot.set_defaults(run=write_snapshot)
    authority = verbs.add_parser("authority", help="keep the exchange's own certificate authority")
    own = authority.add_subparsers(title="verbs", metavar="VERB", dest="authority_verb", required=True)
    create = own.add_parser(
        "create", help="make key and certificate of the authority; never overwrites a key"
    )
    create.add_argument("--name", default="", help="name in the certificate (default: the exchange's)")
    create.add_argument("--years", type=int, default=10, help="how long it holds (default: %(default)s)")
    create.set_defaults(run=create_authority)
    show = own.add_parser("show", help="print the authorities whose certificates count")
    show.set_defaults(run=show_authorities)
    _add_subject_key(verbs)


def _add_subject_key(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    key = verbs.add_parser("subject-key", help="keep the key under which persons are tokens in the evidence")
    own = key.add_subparsers(title="verbs", metavar="VERB", dest="subject_key_verb", required=True)
    rotate = own.add_parser("rotate", help="make a new version; persons are found under older ones as well")
    rotate.set_defaults(run=rotate_subject_key)
    retire = own.add_parser("retire", help="forget an older version, once no evidence under it is kept")
    retire.add_argument("version", type=int, metavar="VERSION", help="its number")
    retire.add_argument("--reason", required=True, help="why; goes on public record")
    retire.set_defaults(run=retire_subject_key)
    show = own.add_parser("show", help="print number and fingerprint of each version")
    show.set_defaults(run=show_subject_key)


def publish_snapshot(_options: argparse.Namespace) -> int:
    """Publish if anything differs, see to the file, and say what happened; return 0."""
    from mehvar.exchange.actions import publication

    made = publication.publish("mehvar exchange publish")
    if made is None:
        print(f"Nothing differs from the newest snapshot; {publication.snapshot_file().name} is up to date.")
    else:
        print(f"Snapshot {made.number} is published: {made.sha256}")
    return 0


def write_snapshot(options: argparse.Namespace) -> int:
    """Print a published snapshot, or write it to a file; return 0."""
    from mehvar.exchange.queries import changes, publication

    row = publication.newest() if options.number is None else changes.snapshot(options.number)
    content = bytes(row.content)
    if options.output is None:
        sys.stdout.write(content.decode() + "\n")
    else:
        options.output.write_bytes(content)
        print(f"Snapshot {row.number} is in {options.output.name}.")
    return 0


def create_authority(options: argparse.Namespace) -> int:
    """Make the own authority and print its certificate; return 0."""
    from mehvar.exchange.actions import authority

    made = authority.create_authority(None, name=options.name, years=options.years)
    print(made.certificate, end="")
    print(f"SHA-256 {made.sha256}; keep a copy of {authority.key_file().name} in a safe.", file=sys.stderr)
    return 0


def show_authorities(_options: argparse.Namespace) -> int:
    """Print name, fingerprint and last day of each authority that counts; return 0."""
    from mehvar.exchange.queries import publication

    for row in publication.authorities():
        own = "own" if row.own else "   "
        print(f"{own}  {row.sha256}  until {row.valid_until:%Y-%m-%d}  {row.name}")
    return 0


def rotate_subject_key(_options: argparse.Namespace) -> int:
    """Make a new version of the key for persons' tokens and say what to do with its file; return 0."""
    from mehvar.exchange.actions import subject_keys

    number = subject_keys.rotate(None)
    print(f"Version {number} makes tokens from now on. Copy {subject_keys.key_file().name} to every gateway.")
    return 0


def retire_subject_key(options: argparse.Namespace) -> int:
    """Forget an older version of the key for persons' tokens; return 0."""
    from mehvar.exchange.actions import subject_keys

    subject_keys.retire(None, options.version, reason=options.reason)
    print(f"Version {options.version} is forgotten; nobody is found under it any more.")
    return 0


def show_subject_key(_options: argparse.Namespace) -> int:
    """Print number and fingerprint of each version of the key for persons' tokens, the newest last; return 0."""
    from mehvar.exchange.actions import subject_keys
    from mehvar.exchange.rules import subjects

    held = subject_keys.present()
    for number, key in held.versions if held else ():
        print(f"{number}  {subjects.fingerprint(key)}")
    return 0
