"""Read the ledger: histories, entries, the head; and let upper rooms say who may read and how things are called."""

from mehvar.ledger.queries.chain import chain_report
from mehvar.ledger.queries.entries import acts_after, entry, head, history_of, leaf_of, newest_acts
from mehvar.ledger.queries.log import log_file, log_report, seal_state, verifier_key
from mehvar.ledger.queries.proofs import proof_for_operator, proof_of_entry, proof_of_subject, sequences_of
from mehvar.ledger.rules.naming import (
    action_label,
    register_actions,
    register_subject,
    subject_address,
    subject_title,
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
    "log_file",
    "log_report",
    "may_read_private",
    "newest_acts",
    "proof_for_operator",
    "proof_of_entry",
    "proof_of_subject",
    "register_actions",
    "register_reader",
    "register_subject",
    "seal_state",
    "sequences_of",
    "subject_address",
    "subject_title",
    "subject_type_label",
    "unregister_reader",
    "verifier_key",
]
