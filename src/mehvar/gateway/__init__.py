"""Carry the exchange's calls: authenticate, authorise, forward, hash, log, answer. Plain Python, no Django."""
