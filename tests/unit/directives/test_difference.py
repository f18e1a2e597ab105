from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mehvar.directives.rules.content import DirectiveContent
from mehvar.directives.rules.difference import compare, longest_rising


def measure(key: str, text: str, **values: Any) -> dict[str, Any]:
    due = dict.fromkeys(("raw", "kind", "duration", "anchor", "recurrence"), "")
    return {
        "id": key,
        "section": "I",
        "number": key[-1],
        "field": "Industry",
        "provision": None,
        "text": text,
        "deliverable": "",
        "outcome_indicator": "",
        "priority": "normal",
        "special_project": False,
        "due": {**due, "start": None, "end": None, "first_end": None, "calendar": "gregorian"},
        "assignments": {"lead": [], "coordinating": [], "overseeing": [], "monitoring": []},
        "alignments": [],
        **values,
    }


def content(measures: list[dict[str, Any]], **head: Any) -> DirectiveContent:
    names = ("title", "number", "goal", "motto", "legal_basis", "role_statement")
    directive = {**dict.fromkeys(names, ""), "dated_on": None, "effective_on": None, **head}
    found: Any = {
        "directive": directive,
        "citations": [],
        "fields": [],
        "provisions": [],
        "measures": measures,
    }
    return found


def changes(old: DirectiveContent, new: DirectiveContent) -> list[tuple[str, str, bool]]:
    return [(part.key, part.status, part.moved) for part in compare(old, new).only_changes()]


FOUR = [measure(f"m{number}", f"Task {number}") for number in range(1, 5)]


def test_the_same_text_has_no_difference() -> None:
    found = compare(content(FOUR), content(deepcopy(FOUR)))
    assert found.is_empty
    assert found.counts == {"changed": 0, "added": 0, "removed": 0, "moved": 0, "same": 12}


def test_words_that_changed_are_named_by_their_text() -> None:
    new = deepcopy(FOUR)
    new[1]["text"] = "Task two"
    new[1]["due"]["raw"] = "in June"
    found = compare(content(FOUR, goal="Old"), content(new, goal="New"))
    assert [(part.key, [text.name for text in part.changes]) for part in found.only_changes()] == [
        ("goal", ["goal"]),
        ("m2", ["text", "due"]),
    ]


def test_added_and_removed_stand_where_they_are_read() -> None:
    new = [FOUR[0], FOUR[2], measure("m9", "New"), FOUR[3]]
    assert changes(content(FOUR), content(new)) == [("m2", "removed", False), ("m9", "added", False)]
    keys = [part.key for part in compare(content(FOUR), content(new)).parts if part.kind == "measure"]
    assert keys == ["m1", "m2", "m3", "m9", "m4"]


def test_one_that_moved_is_moved_and_the_others_are_not() -> None:
    new = [FOUR[3], *FOUR[:3]]
    assert changes(content(FOUR), content(new)) == [("m4", "same", True)]


def test_moved_and_changed_at_once() -> None:
    new = deepcopy([FOUR[3], *FOUR[:3]])
    new[0]["text"] = "Task four, at once"
    found = compare(content(FOUR), content(new))
    assert changes(content(FOUR), content(new)) == [("m4", "changed", True)]
    assert (found.counts["changed"], found.counts["moved"]) == (1, 1)


@given(st.permutations(list(range(7))))
def test_what_stays_rises_and_is_as_long_as_can_be(order: list[int]) -> None:
    kept = sorted(longest_rising(order))
    values = [order[place] for place in kept]
    assert values == sorted(values)
    best = 0
    lengths: list[int] = []
    for place, value in enumerate(order):
        lengths.append(
            1 + max((lengths[before] for before in range(place) if order[before] < value), default=0)
        )
        best = max(best, lengths[-1])
    assert len(kept) == best
