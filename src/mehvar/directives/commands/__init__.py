"""Offer the room's command-line verbs; ``extract`` runs without Django and without a database."""

import argparse

from mehvar.directives.commands import extract


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``mehvar directives extract``."""
    directives = subparsers.add_parser("directives", help="read directives")
    verbs = directives.add_subparsers(title="verbs", metavar="VERB", dest="directives_verb", required=True)
    parser = verbs.add_parser(
        "extract",
        help="read a document and print its measures, without touching the database",
        description="Read a directive (.docx, .pdf, .html, .md, .txt, Akoma Ntoso .xml) and print its measures.",
    )
    extract.add_arguments(parser)
    parser.set_defaults(run=extract.run, needs_django=False)
