"""Write entries, seal them into the log, take witnesses' cosignatures."""

from mehvar.ledger.actions.recording import RECORDED, record
from mehvar.ledger.actions.sealing import seal
from mehvar.ledger.actions.witnessing import add_cosignatures, ask_witness, trust_witness

__all__ = ["RECORDED", "add_cosignatures", "ask_witness", "record", "seal", "trust_witness"]
