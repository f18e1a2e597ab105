"""Offer the room's command-line verbs."""
