"""Turn the frozen content of a directive into documents: Akoma Ntoso, signed PDF, JSON."""
