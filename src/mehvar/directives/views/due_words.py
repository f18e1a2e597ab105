"""Say in words how a deadline was understood."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

if TYPE_CHECKING:
    from mehvar.directives.extraction.model import ExtractedDue
    from mehvar.directives.models import Measure
    from mehvar.ui.reader import Reader

_DURATION = re.compile(r"P(\d+)([DWMY])")


def due_words(measure: Measure, reader: Reader) -> str:
    """Give the sentence for the deadline of a measure; empty when there is none."""
    return _words(
        measure.due_kind,
        reader,
        start=reader.date(measure.due_start) if measure.due_start else "",
        end=reader.date(measure.due_end) if measure.due_end else "",
        duration=measure.due_duration,
    )


def read_words(due: ExtractedDue, reader: Reader) -> str:
    """Give the sentence for a deadline that was just read."""
    return _words(
        str(due.kind),
        reader,
        start=reader.date(due.start) if due.start else "",
        end=reader.date(due.end) if due.end else "",
        duration=due.duration or "",
    )


def _words(kind: str, reader: Reader, *, start: str, end: str, duration: str) -> str:
    if kind in {"none", "unclear"}:
        return "" if kind == "none" else _("Not understood as a deadline")
    if kind.startswith("recurring"):
        return _recurring(kind)
    if kind == "relative":
        return _relative(_span(duration, reader), end)
    if kind == "open_from":
        return _("From %(start)s, without end") % {"start": start}
    if start and end and start != end:
        return _("From %(start)s to %(end)s") % {"start": start, "end": end}
    return _("By %(end)s") % {"end": end or start}


def _relative(span: str, end: str) -> str:
    if end:
        return _("Within %(span)s, by %(end)s") % {"span": span, "end": end}
    return _("Within %(span)s of promulgation") % {"span": span}


def _recurring(kind: str) -> str:
    return {
        "recurring_yearly": _("Every year"),
        "recurring_quarterly": _("Every quarter"),
        "recurring_monthly": _("Every month"),
    }.get(kind, _("Continuously"))


def _span(duration: str, reader: Reader) -> str:
    match = _DURATION.fullmatch(duration)
    if match is None:
        return duration
    count = int(match[1])
    units = {
        "D": ngettext("%(count)s day", "%(count)s days", count),
        "W": ngettext("%(count)s week", "%(count)s weeks", count),
        "M": ngettext("%(count)s month", "%(count)s months", count),
        "Y": ngettext("%(count)s year", "%(count)s years", count),
    }
    return units[match[2]] % {"count": reader.number(count)}
