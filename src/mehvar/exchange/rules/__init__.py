"""Decide for the exchange, without database and without network: paths, rights, headers, signatures, evidence."""
