"""Offer the room's command-line verbs; ``extract`` and ``verify`` run without Django and without a database."""

import argparse

from mehvar.directives.commands import extract, verify


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``mehvar directives extract`` and ``mehvar directives verify``."""
    directives = subparsers.add_parser("directives", help="read directives")
    verbs = directives.add_subparsers(title="verbs", metavar="VERB", dest="directives_verb", required=True)
    parser = verbs.add_parser(
        "extract",
        help="read a document and print its measures, without touching the database",
        description="Read a directive (.docx, .pdf, .html, .md, .txt, Akoma Ntoso .xml) and print its measures.",
    )
    extract.add_arguments(parser)
    parser.set_defaults(run=extract.run, needs_django=False)
    checking = verbs.add_parser(
        "verify",
        help="check a promulgated document, without network or database",
        description="Check the signature of a PDF, the validity of Akoma Ntoso XML, or the canonical form of JSON.",
    )
    verify.add_arguments(checking)
    checking.set_defaults(run=verify.run, needs_django=False)
