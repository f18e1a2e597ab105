"""Check the whole: numbers that jump or repeat, counts that the document declares.

Source: design "Directives and programmes", §4 (checks).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from mehvar.directives.extraction import flags
from mehvar.directives.extraction.drafts import TaskDraft
from mehvar.directives.extraction.model import DeclaredCount, ExtractedMeasure, Flag
from mehvar.kernel import text as texts


def check_numbers(drafts: Sequence[TaskDraft]) -> list[Flag]:
    """Flag gaps and repetitions in the numbering of each table; give the gaps for the document too."""
    gaps: list[Flag] = []
    for _, group in groupby(drafts, key=lambda draft: draft.table):
        gaps += _check_table(list(group))
    return gaps


def _check_table(drafts: list[TaskDraft]) -> list[Flag]:
    """Check one table: numbers run through, or begin again in every section."""
    gaps: list[Flag] = []
    seen: set[tuple[str, str, str]] = set()
    previous: TaskDraft | None = None
    for draft in drafts:
        number = draft.number
        if number is None or number.value is None:
            continue
        key = (draft.section, number.kind, number.text)
        if key in seen:
            draft.flag(flags.make("duplicate-number", "number", number=number.text, section=draft.section))
        seen.add(key)
        gap = _gap(previous, draft)
        if gap is not None:
            draft.flag(gap)
            gaps.append(gap)
        previous = draft
    return gaps


def _gap(previous: TaskDraft | None, draft: TaskDraft) -> Flag | None:
    """Tell whether numbers are missing before a task."""
    number = draft.number
    if number is None or number.value is None:
        return None
    before = previous.number if previous is not None else None
    comparable = before is not None and before.kind == number.kind and before.parent == number.parent
    if before is None or not comparable or before.value is None:
        return (
            None
            if number.value == 1 or (previous is not None and not comparable and number.depth == 1)
            else _made("0", number.text)
        )
    same_section = previous is not None and previous.section == draft.section
    if number.value == before.value + 1 or (number.value == 1 and not same_section):
        return None
    if number.kind == "letter" and 0 < number.value - before.value <= 1:
        return None
    if number.value == before.value:
        return None
    return _made(before.text, number.text)


def _made(previous: str, number: str) -> Flag:
    """Make the flag of a gap."""
    return flags.make("number-gap", "number", previous=previous, number=number)


def check_counts(declared: Sequence[DeclaredCount], measures: Sequence[ExtractedMeasure]) -> list[Flag]:
    """Compare the numbers of tasks that the document declares with what was found."""
    found: list[Flag] = []
    for item in declared:
        count = _count(item.label, measures)
        if count is not None and count != item.count:
            found.append(flags.make("count-mismatch", "", declared=item.count, label=item.label, found=count))
    return found


def _count(label: str, measures: Sequence[ExtractedMeasure]) -> int | None:
    """Count the measures of a field; an empty label means all; nothing for a field that is not found."""
    if not label:
        return len(measures)
    wanted = texts.fold_for_search(label)
    matching = [measure for measure in measures if wanted in texts.fold_for_search(measure.field)]
    return len(matching) or None
