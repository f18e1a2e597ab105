"""Read the ledger: histories, entries, the head; and let upper rooms say who may read and how things are called."""

from mehvar.ledger.queries.chain import chain_report
from mehvar.ledger.queries.entries import entry, head, history_of, leaf_of
from mehvar.ledger.rules.naming import (
    action_label,
    register_actions,
    register_subject,
    subject_address,
    subject_type_label,
)
from mehvar.ledger.rules.visibility import may_read_private, register_reader, unregister_reader

__all__ = [
    "action_label",
    "chain_report",
    "entry",
    "head",
    "history_of",
    "leaf_of",
    "may_read_private",
    "register_actions",
    "register_reader",
    "register_subject",
    "subject_address",
    "subject_type_label",
    "unregister_reader",
]
