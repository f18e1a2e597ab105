"""Keep evidence: write it in groups, recover after a crash, stamp, archive, redact, find receipts."""
