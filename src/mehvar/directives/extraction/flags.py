"""Name every doubt with a stable code and one English sentence.

Source: issue "the house", points 8 and 9 (flags are settled by a person before publication).
"""

from __future__ import annotations

from mehvar.directives.extraction.model import Flag
from mehvar.kernel.errors import gettext_noop

MESSAGES = {
    "ambiguous-body": gettext_noop("“{text}” is the name of several bodies."),
    "continuation-row": gettext_noop(
        "A row without a number was joined to this one; check what belongs here."
    ),
    "count-mismatch": gettext_noop(
        "The document declares {declared} tasks for “{label}”, {found} were found."
    ),
    "cut-cell": gettext_noop("The cell seems to be cut: “{text}”."),
    "due-in-past": gettext_noop("The deadline lies before the document's own date."),
    "duplicate-number": gettext_noop("The number {number} stands twice in section “{section}”."),
    "fuzzy-body": gettext_noop("“{text}” was taken for a registered body of a similar name."),
    "guessed-columns": gettext_noop("The columns of the table were guessed from their content."),
    "lead-extent": gettext_noop("Where the name of the lead body ends is not certain."),
    "missing-due": gettext_noop("The deadline is missing."),
    "missing-lead": gettext_noop("No lead body is named."),
    "no-measures": gettext_noop("No task was found in the document."),
    "number-gap": gettext_noop("The numbering jumps from {previous} to {number}."),
    "ocr-digits": gettext_noop("The text was recognised from a scan: confirm every figure against the page."),
    "qualified-group": gettext_noop("The group is restricted by a clause: “{text}”."),
    "role-guessed": gettext_noop("Which body leads and which coordinates was guessed from the order."),
    "several-dates": gettext_noop("Several deadlines stand together; the last one was taken."),
    "stray-text": gettext_noop("A piece of text stands outside any task: “{text}”."),
    "target-table": gettext_noop("A table of targets was left out."),
    "unclear-due": gettext_noop("The deadline could not be read for certain."),
    "unclear-text": gettext_noop("The task's text seems to be incomplete."),
    "unknown-body": gettext_noop("“{text}” is not in the register."),
    "unnumbered-row": gettext_noop("The row has no number."),
    "unread-obligation": gettext_noop(
        "A paragraph speaks of an obligation, but no task was read from it: “{text}”."
    ),
    "unregistered-body": gettext_noop("“{text}” is not in the register ({count} times)."),
    "yearless-date": gettext_noop("The deadline has no year; the document's was taken."),
}
"""English message of every flag's code."""


def make(code: str, field: str = "", **params: object) -> Flag:
    """Make a flag of a known code."""
    return Flag(code, field, MESSAGES[code], {name: str(value) for name, value in params.items()})


def rendered(flag: Flag) -> str:
    """Give a flag's message with its places filled."""
    return flag.message.format(**flag.params) if flag.params else flag.message
