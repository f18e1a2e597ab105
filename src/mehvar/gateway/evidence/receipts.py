"""Offer the receipt of one call where the gateway's verbs look for it."""

from mehvar.exchange.rules.custody import receipt_of

__all__ = ["receipt_of"]
