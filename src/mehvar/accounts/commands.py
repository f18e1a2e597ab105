"""Manage people from the server's console: ``mehvar people invite|list|set-password``."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import Namespace, _SubParsersAction


def register(subparsers: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb ``people``."""
    people = subparsers.add_parser("people", help="invite and list people, set a password")
    verbs = people.add_subparsers(title="verbs", metavar="VERB", required=True)
    _register_invite(verbs)
    listing = verbs.add_parser("list", help="list people")
    listing.set_defaults(run=run_list)
    password = verbs.add_parser("set-password", help="set a person's password, read from standard input")
    password.add_argument("email", metavar="EMAIL")
    password.set_defaults(run=run_set_password)


def _register_invite(verbs: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb ``people invite``."""
    invite = verbs.add_parser("invite", help="make an account and print the link for setting its password")
    invite.add_argument("email", metavar="EMAIL")
    invite.add_argument("--name", required=True, help="the person's name")
    invite.add_argument(
        "--language", choices=("fa", "vi", "en"), default="", help="language of pages and mails"
    )
    invite.add_argument("--administrator", action="store_true", help="administrator of the whole tree")
    invite.set_defaults(run=run_invite)


def run_invite(options: Namespace) -> int:
    """Make an account; the link is printed as well as mailed."""
    from mehvar.accounts import actions
    from mehvar.ledger.data import Actor

    user = actions.invite_person(
        Actor.system("console"),
        email=options.email,
        name=options.name,
        language=options.language,
        administrator=options.administrator,
    )
    print(f"{user.email} can set a password within three days at")
    print(actions.set_password_link(user))
    return 0


def run_list(_options: Namespace) -> int:
    """List people, one a line: address, name, state."""
    from mehvar.accounts import queries

    for row in queries.people().order_by("email"):
        state = "open" if row["is_active"] else "closed"
        seen = row["last_login"].date().isoformat() if row["last_login"] else "never signed in"
        factor = "second factor" if row["second_factor"] else "password only"
        print(f"{row['email']}\t{row['name']}\t{state}\t{seen}\t{factor}")
    return 0


def run_set_password(options: Namespace) -> int:
    """Set a password that is typed without echo, or piped in."""
    import getpass

    from mehvar.accounts import actions, queries
    from mehvar.ledger.data import Actor

    user = queries.person_by_email(options.email)
    password = getpass.getpass("New password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    actions.set_password(Actor.system("console"), user.pk, password)
    print(f"The password of {user.email} is set.")
    return 0
