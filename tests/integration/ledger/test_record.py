"""Recording in a transaction, and the database's own refusal to forget."""

import logging
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.utils import IntegrityError

from mehvar.kernel import clock, events
from mehvar.kernel.errors import InputError, LimitExceeded
from mehvar.ledger import actions, queries, rules
from mehvar.ledger.data import Actor, Fault, FaultCode, HeadRecord, Subject
from mehvar.ledger.models import Entry, Head, guards
from mehvar.ledger.models.entries import AppendOnlyError
from mehvar.ledger.rules import leaf as leaves

pytestmark = pytest.mark.django_db

MARYAM = Actor("person", "7", "مریم رضایی")
DIRECTIVE = Subject("directive", "dir-1", "Chỉ thị 01")
Change = Callable[..., None]


def put(**changes: Any) -> int:
    given: dict[str, Any] = {
        "actor": MARYAM,
        "action": "directive.approve",
        "subject": DIRECTIVE,
        "content": {"state": "approved"},
    }
    with transaction.atomic():
        return actions.record(**(given | changes))


@pytest.fixture
def tamper() -> Change:
    """Change the tables as somebody with the database's password would, guards taken down."""

    def change(statement: str, *values: object) -> None:
        with guards.lifted(connection), connection.cursor() as cursor:
            cursor.execute(statement, values)

    return change


def test_entries_follow_one_another_without_gap() -> None:
    first = put(public=True)
    assert [put(), put(public=True)] == [first + 1, first + 2]
    rows = list(Entry.objects.all())
    assert [row.sequence for row in rows] == list(range(1, len(rows) + 1))
    assert rules.verify_chain(bytes(row.leaf) for row in rows).holds
    assert queries.head() == HeadRecord(rows[-1].sequence, rows[-1].leaf_hash)


def test_an_entry_keeps_who_what_when_and_why() -> None:
    noon = datetime(2025, 3, 21, 12, 0, 0, 123_456, tzinfo=UTC)
    with clock.fixed(noon):
        sequence = put(reason="In council", content={"due": date(2025, 6, 1), "parts": (1, 2)}, public=True)
    row = Entry.objects.get(pk=sequence)
    assert (row.recorded_at, row.actor_label, row.reason) == (noon, "مریم رضایی", "In council")
    assert row.content == '{"due":"2025-06-01","parts":[1,2]}'
    said = rules.decode_leaf(bytes(row.leaf))
    assert (said.recorded_at, said.reason, said.action) == (noon, "In council", "directive.approve")


@pytest.mark.django_db(transaction=True)
def test_recording_outside_a_transaction_is_refused() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        actions.record(actor=MARYAM, action="a", subject=DIRECTIVE, content={})
    assert queries.head().sequence == 0


def test_a_rolled_back_act_leaves_no_entry_and_no_gap() -> None:
    before = put()
    with transaction.atomic():
        put()
        assert put() == before + 2
        transaction.set_rollback(True)
    assert put() == before + 1
    assert queries.chain_report().holds


def test_the_news_is_told_after_the_commit_only(django_capture_on_commit_callbacks: Any) -> None:
    heard: list[dict[str, Any]] = []
    listening = events.subscribed(actions.RECORDED, lambda **facts: heard.append(facts))
    with listening, django_capture_on_commit_callbacks(execute=True):
        sequence = put(public=True)
        assert heard == []
    assert heard == [
        {
            "sequence": sequence,
            "action": "directive.approve",
            "subject_type": "directive",
            "subject_identifier": "dir-1",
            "public": True,
        }
    ]


def test_a_failing_listener_does_not_undo_the_act(
    django_capture_on_commit_callbacks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**_facts: object) -> None:
        raise RuntimeError("deaf")

    listening = events.subscribed(actions.RECORDED, fail)
    with caplog.at_level(logging.ERROR), listening, django_capture_on_commit_callbacks(execute=True):
        sequence = put()
    assert Entry.objects.filter(pk=sequence).exists()
    assert "subscribers of ledger.recorded failed" in caplog.text


def test_a_public_leaf_longer_than_a_bundle_takes_is_refused_and_leaves_nothing() -> None:
    before = queries.head()
    with pytest.raises(LimitExceeded):
        put(public=True, reason="r" * 65_536)
    assert queries.head() == before
    assert put(public=False, reason="r" * 65_536) == before.sequence + 1


def test_content_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaves, "MAX_CONTENT_BYTES", 100)
    with pytest.raises(LimitExceeded) as caught:
        put(content={"text": "x" * 100})
    assert caught.value.code == "content-too-long"


@pytest.mark.parametrize(
    "changes",
    [
        {"action": ""},
        {"action": "a" * 101},
        {"actor": Actor("", "7")},
        {"subject": Subject("directive", "")},
        {"subject": Subject("directive", "x\x00")},
        {"subject": Subject("entry", "5")},
        {"subject": Subject("a/b", "5")},
        {"content": {"value": float("nan")}},
        {"content": {"value": "\ud800"}},
    ],
)
def test_what_cannot_be_recorded_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        put(**changes)


def test_nul_in_free_text_does_not_stop_an_act() -> None:
    sequence = put(reason="a\x00b", content={"text": "a\x00b"})
    assert Entry.objects.get(pk=sequence).reason == "ab"
    assert queries.chain_report().holds


def test_the_model_refuses_to_change_or_delete() -> None:
    entry = Entry.objects.get(pk=put())
    entry.reason = "other"
    for attempt in (
        entry.save,
        entry.delete,
        Entry.objects.all().delete,
        lambda: Entry.objects.update(reason="other"),
        lambda: Entry.objects.bulk_update([entry], ["reason"]),
    ):
        with pytest.raises(AppendOnlyError):
            attempt()
    assert Entry.objects.get(pk=entry.pk).reason == ""


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET reason = 'other'",
        "DELETE FROM ledger_entry",
        "INSERT INTO ledger_entry SELECT * FROM ledger_entry",
    ],
)
def test_the_database_refuses_to_change_or_delete(statement: str) -> None:
    put()
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Entry.objects.count() == queries.head().sequence


def test_replacing_on_sqlite_is_refused_too() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("INSERT OR REPLACE is SQLite's own")
    put()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT OR REPLACE INTO ledger_entry SELECT * FROM ledger_entry")


def test_truncating_on_postgresql_is_refused_too() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    put()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE ledger_entry")


def test_a_lost_head_is_found_again_from_the_entries() -> None:
    last = put()
    Head.objects.all().delete()
    assert put() == last + 1
    assert queries.chain_report().holds


class TestVerification:
    def fill(self) -> None:
        for number in range(1, 6):
            put(public=number % 2 == 0, content={"number": number}, reason=f"r{number}")

    def test_an_untouched_record_holds(self) -> None:
        self.fill()
        report = queries.chain_report()
        assert report.holds
        assert (report.count, report.head) == (5, queries.head().leaf_hash)

    @pytest.mark.parametrize(
        ("assignment", "code"),
        [
            ("reason = 'other'", FaultCode.FIELDS),
            ("actor_label = 'other'", FaultCode.FIELDS),
            ("subject_identifier = 'other'", FaultCode.FIELDS),
            ("action = 'other'", FaultCode.FIELDS),
            ("content = '{\"number\":9}'", FaultCode.CONTENT),
            ("leaf_hash = actor_kind", FaultCode.LEAF_HASH),
        ],
    )
    @pytest.mark.parametrize("sequence", [2, 3])
    def test_a_changed_field_is_found(
        self, tamper: Change, sequence: int, assignment: str, code: FaultCode
    ) -> None:
        self.fill()
        tamper(f"UPDATE ledger_entry SET {assignment} WHERE sequence = %s", sequence)  # noqa: S608
        assert Fault(sequence, code) in queries.chain_report().faults

    def test_a_removed_entry_is_found(self, tamper: Change) -> None:
        self.fill()
        tamper("DELETE FROM ledger_entry WHERE sequence = %s", 3)
        assert queries.chain_report().faults == (Fault(3, FaultCode.GAP), Fault(4, FaultCode.PREVIOUS))

    def test_a_removed_last_entry_is_found_by_the_head(self, tamper: Change) -> None:
        self.fill()
        tamper("DELETE FROM ledger_entry WHERE sequence = %s", 5)
        assert queries.chain_report().faults == (Fault(5, FaultCode.HEAD),)

    def test_a_head_turned_back_is_found_by_the_entries(self) -> None:
        self.fill()
        third = Entry.objects.get(pk=3)
        Head.objects.update(sequence=3, leaf_hash=third.leaf_hash)
        assert queries.chain_report().faults == (Fault(3, FaultCode.HEAD),)

    def test_a_record_rewritten_as_a_whole_is_found_by_a_head_kept_elsewhere(self, tamper: Change) -> None:
        self.fill()
        kept = queries.head()
        tamper("DELETE FROM ledger_entry")
        Head.objects.all().delete()
        for number in range(1, 7):
            put(content={"number": number * 10})
        assert queries.chain_report().holds
        assert queries.chain_report(known=kept).faults == (Fault(5, FaultCode.KNOWN),)

    def test_a_kept_head_is_still_found_later(self) -> None:
        self.fill()
        kept = queries.head()
        put()
        assert queries.chain_report(known=kept).holds

    def test_an_empty_record_holds(self) -> None:
        assert queries.chain_report().holds
