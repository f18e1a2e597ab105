"""Manage packs of organisations from the server's console: ``mehvar packs list|load|check``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import Namespace, _SubParsersAction


def register(subparsers: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb ``packs``."""
    packs = subparsers.add_parser("packs", help="list, check and load countries' organisations")
    verbs = packs.add_subparsers(title="verbs", metavar="VERB", required=True)
    listing = verbs.add_parser("list", help="list the packs that are shipped")
    listing.set_defaults(run=run_list, needs_django=False)
    load = verbs.add_parser("load", help="load a pack into the database; harmless to repeat")
    load.add_argument("code", metavar="CODE", help="ir or vn")
    load.add_argument(
        "--ministry", metavar="BODY", help="code of the body that runs this installation, as ir.mict"
    )
    load.set_defaults(run=run_load)
    check = verbs.add_parser("check", help="check a pack's files without loading them")
    check.add_argument("code", metavar="CODE|FOLDER", help="a shipped pack, or a folder with one")
    check.set_defaults(run=run_check, needs_django=False)


def run_list(_options: Namespace) -> int:
    """List the packs that are shipped, with how much they hold."""
    from mehvar.organisations.rules import packs

    for code in packs.available_packs():
        pack = packs.load_pack(code)
        print(
            f"{code}\t{len(pack.bodies)} bodies, {len(pack.groups)} groups, {len(pack.successions)} successions"
        )
    return 0


def run_load(options: Namespace) -> int:
    """Load a pack and say what changed."""
    from mehvar.organisations import actions

    loaded = actions.load_pack(None, options.code, ministry=options.ministry)
    if not loaded.changed:
        print(f"Pack {options.code}: everything is there already.")
    else:
        print(
            f"Pack {options.code}: {loaded.bodies_added} bodies added, {loaded.bodies_updated} updated; "
            f"{loaded.names_added} names added, {loaded.names_removed} removed; "
            f"{loaded.successions_added} successions; {loaded.groups_changed} groups and wordings."
        )
    if loaded.bodies_kept:
        print(f"{loaded.bodies_kept} bodies were edited here and keep what was entered.")
    return 0


def run_check(options: Namespace) -> int:
    """Check a pack: wrong rows are an error, names that two bodies share a warning."""
    from mehvar.organisations.rules import packs

    folder = Path(options.code)
    pack = packs.read_pack(folder) if folder.is_dir() else packs.load_pack(options.code)
    shared = packs.shared_names(pack)
    for item in shared:
        print(f"shared name: “{item.text}” is borne by {', '.join(item.codes)}")
    print(f"Pack {pack.code}: {len(pack.bodies)} bodies, {len(shared)} shared names; every row is readable.")
    return 0
