"""Offer the verbs that span all rooms."""
