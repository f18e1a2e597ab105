"""Decide about organisations without a database."""
