"""Keep the entries and the head of the chain; the database itself refuses to change or delete an entry."""

from mehvar.ledger.models.entries import LONGEST, Entry, Head
from mehvar.ledger.models.log import KeyFolder, LogFolder, damaged, key_folder, log_folder

__all__ = ["LONGEST", "Entry", "Head", "KeyFolder", "LogFolder", "damaged", "key_folder", "log_folder"]
