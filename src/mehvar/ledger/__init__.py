"""Record who did what and when: append-only, hash-chained, made to be sealed into a Merkle log."""
