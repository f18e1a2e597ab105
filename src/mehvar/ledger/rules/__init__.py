"""Decide purely: the leaf's bytes, the chain's check, who may read, how things are called."""

from mehvar.ledger.rules.chain import ChainVerifier, verify_chain
from mehvar.ledger.rules.leaf import decode_leaf, encode_leaf, leaf_hash, sealed_part
from mehvar.ledger.rules.records import faults_of

__all__ = [
    "ChainVerifier",
    "decode_leaf",
    "encode_leaf",
    "faults_of",
    "leaf_hash",
    "sealed_part",
    "verify_chain",
]
