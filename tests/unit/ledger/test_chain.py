"""The chain's check: whole chains hold; gaps, swaps, changes and foreign leaves are found where they are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mehvar.ledger import rules
from mehvar.ledger.data import Actor, Deed, Fault, FaultCode, Place, StoredEntry, Subject
from mehvar.ledger.rules import leaf as leaves

START = datetime(2025, 3, 21, tzinfo=UTC)


def deed(number: int) -> Deed:
    content = f'{{"number":{number}}}'
    return Deed(
        Actor("person", "7", "N"), "a.b", Subject("thing", "1", "L"), content, "", number % 2 == 0, bytes(32)
    )


def chain(length: int) -> list[bytes]:
    made: list[bytes] = []
    for number in range(1, length + 1):
        previous = rules.leaf_hash(made[-1]) if made else leaves.GENESIS
        made.append(
            rules.encode_leaf(deed(number), Place(number, START + timedelta(seconds=number), previous))
        )
    return made


def stored(number: int = 2) -> StoredEntry:
    leaf = rules.encode_leaf(deed(number), Place(number, START, "ab" * 32))
    content_hash = leaves.content_json_hash(deed(number).content_json)
    return StoredEntry(deed(number), number, START, content_hash, leaf, rules.leaf_hash(leaf))


@given(st.integers(0, 30))
def test_a_whole_chain_holds(length: int) -> None:
    made = chain(length)
    report = rules.verify_chain(made)
    assert report.holds
    assert report.count == length
    assert report.head == (rules.leaf_hash(made[-1]) if made else leaves.GENESIS)


@given(st.integers(2, 20), st.data())
def test_a_removed_leaf_is_found(length: int, data: st.DataObject) -> None:
    made = chain(length)
    gone = data.draw(st.integers(0, length - 2))
    report = rules.verify_chain(made[:gone] + made[gone + 1 :])
    assert report.faults == (Fault(gone + 1, FaultCode.GAP), Fault(gone + 2, FaultCode.PREVIOUS))


@given(st.integers(2, 20), st.data())
def test_a_rewritten_leaf_breaks_the_link_behind_it(length: int, data: st.DataObject) -> None:
    made = chain(length)
    place = data.draw(st.integers(0, length - 2))
    said = rules.decode_leaf(made[place])
    made[place] = rules.encode_leaf(deed(1000), Place(said.sequence, said.recorded_at, said.previous))
    assert rules.verify_chain(made).faults == (Fault(place + 2, FaultCode.PREVIOUS),)


def test_swapped_leaves_are_found() -> None:
    made = chain(4)
    made[1], made[2] = made[2], made[1]
    assert {fault.code for fault in rules.verify_chain(made).faults} == {FaultCode.GAP, FaultCode.PREVIOUS}


def test_a_foreign_leaf_is_found_and_the_check_goes_on() -> None:
    made = chain(4)
    made[1] = b"not an entry"
    assert rules.verify_chain(made).faults == (Fault(2, FaultCode.UNREADABLE), Fault(3, FaultCode.PREVIOUS))


def test_a_run_in_the_middle_can_be_checked_alone() -> None:
    made = chain(9)
    assert rules.verify_chain(made[4:], first=5, previous=rules.leaf_hash(made[3])).holds
    assert not rules.verify_chain(made[4:], first=5).holds


@pytest.mark.parametrize("number", [1, 2])
def test_an_untouched_record_has_no_fault(number: int) -> None:
    assert rules.faults_of(stored(number)) == ()


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize(
    "change",
    [
        {"actor": Actor("person", "8", "N")},
        {"actor": Actor("person", "7", "Another name")},
        {"action": "a.c"},
        {"subject": Subject("thing", "2", "L")},
        {"subject": Subject("thing", "1", "Other")},
        {"reason": "because"},
        {"salt": bytes(31) + b"1"},
    ],
)
def test_every_changed_field_shows(number: int, change: dict[str, object]) -> None:
    entry = stored(number)
    changed = replace(entry, deed=replace(entry.deed, **change))  # type: ignore[arg-type]
    assert rules.faults_of(changed) == (Fault(number, FaultCode.FIELDS),)


@pytest.mark.parametrize("number", [1, 2])
def test_changed_content_time_and_hash_show(number: int) -> None:
    entry = stored(number)
    changed = replace(entry, deed=replace(entry.deed, content_json='{"number":9}'))
    assert Fault(number, FaultCode.CONTENT) in rules.faults_of(changed)
    assert rules.faults_of(replace(entry, recorded_at=START + timedelta(microseconds=1))) == (
        Fault(number, FaultCode.FIELDS),
    )
    assert rules.faults_of(replace(entry, leaf_hash="0" * 64)) == (Fault(number, FaultCode.LEAF_HASH),)
    assert {fault.code for fault in rules.faults_of(replace(entry, leaf=b"{}"))} == {
        FaultCode.LEAF_HASH,
        FaultCode.FIELDS,
    }
