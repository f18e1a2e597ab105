"""Read the ledger: histories, entries, the head; and let upper rooms say who may read and how things are called."""

from mehvar.ledger.queries.chain import chain_report
from mehvar.ledger.queries.entries import acts_after, entry, head, history_of, leaf_of, newest_acts
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
    "acts_after",
    "chain_report",
    "entry",
    "head",
    "history_of",
    "leaf_of",
    "may_read_private",
    "newest_acts",
    "register_actions",
    "register_reader",
    "register_subject",
    "subject_address",
    "subject_type_label",
    "unregister_reader",
]
