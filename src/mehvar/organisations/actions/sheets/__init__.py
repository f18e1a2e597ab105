"""Take bodies, names and positions over from a spreadsheet: first a plan, then all of it or nothing."""

from mehvar.organisations.actions.sheets.handing import commit_sheet, hand_in_sheet, plan_of
from mehvar.organisations.actions.sheets.planning import Change, Plan, plan_sheet

__all__ = ["Change", "Plan", "commit_sheet", "hand_in_sheet", "plan_of", "plan_sheet"]
