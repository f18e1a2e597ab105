"""Decide, without a database, how found texts are marked and how a calendar is written."""
