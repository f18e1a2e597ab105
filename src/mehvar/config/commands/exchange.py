"""Join the verbs of the exchange: those of the gateway's process, and the check of a receipt."""

import argparse

from mehvar.gateway import commands as gateway


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``mehvar gateway …`` and ``mehvar exchange verify``."""
    gateway.register(subparsers)
    exchange = subparsers.add_parser("exchange", help="check what agencies asked one another")
    verbs = exchange.add_subparsers(title="verbs", metavar="VERB", dest="exchange_verb", required=True)
    verify = verbs.add_parser("verify", help="verify a receipt offline, without a database")
    gateway.add_verify_arguments(verify)
    verify.set_defaults(run=gateway.verify, needs_django=False)
