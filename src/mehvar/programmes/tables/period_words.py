"""Offer the names of periods to the room's tables and pages; they are written once for all rooms."""

from mehvar.ui.periods import period_name

__all__ = ["period_name"]
