"""Keep the entries and the head of the chain; the database itself refuses to change or delete an entry."""

from mehvar.ledger.models.entries import LONGEST, Entry, Head

__all__ = ["LONGEST", "Entry", "Head"]
