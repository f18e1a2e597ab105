"""Pass a verb through to Django's own management commands."""

import argparse


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``mehvar manage``."""
    parser = subparsers.add_parser("manage", help="run a Django management command (for operators)")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="the command and its arguments")
    parser.set_defaults(run=run_management_command)


def run_management_command(options: argparse.Namespace) -> int:
    """Run the management command; Django's own exit rules apply."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["mehvar manage", *options.arguments])
    return 0
