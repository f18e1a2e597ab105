"""Bring the database to the tables that this version needs."""

import argparse


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``mehvar migrate`` and ``mehvar check``."""
    migrate = subparsers.add_parser("migrate", help="create or update the database's tables")
    migrate.set_defaults(run=migrate_database)
    check = subparsers.add_parser("check", help="check settings, database and keys before going live")
    check.set_defaults(run=check_installation)


def migrate_database(_options: argparse.Namespace) -> int:
    """Create or update all tables; return 0."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    print("The database is up to date.")
    return 0


def check_installation(_options: argparse.Namespace) -> int:
    """Run Django's deployment checks and look for tables that are behind; return 0 when all is well."""
    from django.core.management import call_command

    call_command("check", deploy=True)
    call_command("migrate", check_unapplied=True, verbosity=0)
    return 0
