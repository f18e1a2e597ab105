"""Name every doubt with a stable code and one English sentence.

Source: issue "the house", points 8 and 9 (flags are settled by a person before publication).
"""

from __future__ import annotations

from mehvar.directives.extraction.model import Flag

MESSAGES = {
    "ambiguous-body": "“{text}” is the name of several bodies.",
    "continuation-row": "A row without a number was joined to this one; check what belongs here.",
    "count-mismatch": "The document declares {declared} tasks for “{label}”, {found} were found.",
    "cut-cell": "The cell seems to be cut: “{text}”.",
    "due-in-past": "The deadline lies before the document's own date.",
    "duplicate-number": "The number {number} stands twice in section “{section}”.",
    "fuzzy-body": "“{text}” was taken for a registered body of a similar name.",
    "guessed-columns": "The columns of the table were guessed from their content.",
    "lead-extent": "Where the name of the lead body ends is not certain.",
    "missing-due": "The deadline is missing.",
    "missing-lead": "No lead body is named.",
    "no-measures": "No task was found in the document.",
    "number-gap": "The numbering jumps from {previous} to {number}.",
    "ocr-digits": "The text was recognised from a scan: confirm every figure against the page.",
    "qualified-group": "The group is restricted by a clause: “{text}”.",
    "role-guessed": "Which body leads and which coordinates was guessed from the order.",
    "several-dates": "Several deadlines stand together; the last one was taken.",
    "stray-text": "A piece of text stands outside any task: “{text}”.",
    "target-table": "A table of targets was left out.",
    "unclear-due": "The deadline could not be read for certain.",
    "unclear-text": "The task's text seems to be incomplete.",
    "unknown-body": "“{text}” is not in the register.",
    "unnumbered-row": "The row has no number.",
    "unregistered-body": "“{text}” is not in the register ({count} times).",
    "yearless-date": "The deadline has no year; the document's was taken.",
}
"""English message of every flag's code."""


def make(code: str, field: str = "", **params: object) -> Flag:
    """Make a flag of a known code."""
    return Flag(code, field, MESSAGES[code], {name: str(value) for name, value in params.items()})


def rendered(flag: Flag) -> str:
    """Give a flag's message with its places filled."""
    return flag.message.format(**flag.params) if flag.params else flag.message
