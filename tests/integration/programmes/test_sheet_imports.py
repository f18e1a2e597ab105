"""Spreadsheets of every list come in: checked first, taken over row by row, refused cell by cell, and never twice."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import xlsxwriter
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mehvar.accounts.data import Role
from mehvar.accounts.models import User
from mehvar.kernel import clock
from mehvar.kernel.errors import Conflict, InputError, LimitExceeded, MehvarError, NotFound, NotPermitted
from mehvar.ledger.models import Entry as LedgerEntry
from mehvar.organisations.models import Position
from mehvar.programmes.actions import imports, programmes, stakeholders
from mehvar.programmes.actions.stakeholders import Promise
from mehvar.programmes.data import MeetingKind, ProposalAnswer, SheetKind, SheetState
from mehvar.programmes.models import (
    Commitment,
    CommitteeProposal,
    Delivery,
    EnteredRow,
    Obstacle,
    ObstacleEvent,
    ProgrammeMeasure,
    ProgressReport,
    SheetImport,
    StakeholderMeeting,
)
from mehvar.programmes.queries import imports as queries
from mehvar.programmes.rules import imports as rules
from tests.factories.obstacles import make_committee, raised_by_north
from tests.factories.organisations import SmallMinistry, small_ministry
from tests.factories.plans import Calling, calling, fill, good_item, stored
from tests.factories.progress import ReportingHouse, opened_round, reporting_house
from tests.factories.promulgation import MORNING
from tests.factories.sheets import checked, counts, csv_of, exported, handed_in, taken, wrong

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def morning(settings: Any, tmp_path: Any) -> Iterator[None]:
    settings.MEDIA_ROOT = tmp_path
    with clock.fixed(MORNING):
        yield


@pytest.fixture
def house() -> SmallMinistry:
    return small_ministry()


@pytest.fixture
def director(house: SmallMinistry) -> User:
    return house.people[Role.PROVINCIAL_DIRECTOR]


def obstacle(number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "title": f"No land for plant {number}",
        "text": "The plot is not handed over.",
        "cause": "Land or building",
        "raised_by": "xx.north.ict",
        **more,
    }


# Obstacles: the whole way, with all that can be wrong


def test_nothing_changes_before_the_check_is_confirmed(director: User) -> None:
    entries = LedgerEntry.objects.count()
    sheet = checked(director, SheetKind.OBSTACLES, [obstacle(1), obstacle(2)])
    assert (counts(sheet), sheet.total, sheet.done) == ((2, 0, 0, 0), 2, 2)
    assert (Obstacle.objects.count(), EnteredRow.objects.count()) == (0, 0)
    assert LedgerEntry.objects.count() == entries + 1, "only that the file was handed in"
    imports.accept_import(director, sheet.public_id)
    imports.accept_import(director, sheet.public_id)
    imports.run_import(sheet.public_id)
    assert imports.run_import(sheet.public_id) is None
    assert Obstacle.objects.count() == 2
    assert LedgerEntry.objects.filter(action="obstacle.raise").count() == 2
    finished = LedgerEntry.objects.get(action="sheet.finish")
    assert '"created":2' in finished.content
    assert sheet.sha256 in finished.content


def test_the_same_file_twice_changes_nothing_the_second_time(director: User) -> None:
    rows = [obstacle(1), obstacle(2)]
    taken(director, SheetKind.OBSTACLES, rows)
    again = taken(director, SheetKind.OBSTACLES, rows)
    assert counts(again) == (0, 0, 2, 0)
    out = exported(director, SheetKind.OBSTACLES)
    assert counts(taken(director, SheetKind.OBSTACLES, out)) == (0, 0, 2, 0)
    changed = [{**row, "title": f"{row['title']} (revised)"} for row in out]
    assert counts(taken(director, SheetKind.OBSTACLES, changed)) == (0, 2, 0, 0)
    assert counts(taken(director, SheetKind.OBSTACLES, changed)) == (0, 0, 2, 0), (
        "though its versions are old"
    )
    assert Obstacle.objects.count() == 2
    assert ObstacleEvent.objects.filter(action="revise").count() == 2


@pytest.mark.parametrize("language", ["en", "fa", "vi"])
def test_what_goes_out_comes_in_unchanged_in_every_language(director: User, language: str) -> None:
    taken(director, SheetKind.OBSTACLES, [obstacle(1, remedy="Hand it over", remedy_due_on="1405/03/10")])
    stored_day = Obstacle.objects.get().remedy_due_on
    assert stored_day == date(2026, 5, 31)
    out = exported(director, SheetKind.OBSTACLES, language=language)
    sheet = taken(director, SheetKind.OBSTACLES, out, language=language)
    assert (counts(sheet), wrong(sheet)) == ((0, 0, 1, 0), {})


def test_each_wrong_cell_is_named_and_good_rows_are_taken(house: SmallMinistry, director: User) -> None:
    rows = [
        obstacle(1),
        obstacle(2, cause="Weather"),
        obstacle(3, title=""),
        obstacle(4, remedy_due_on="32/13/2026"),
        obstacle(5, raised_by="xx.nowhere"),
        obstacle(6, key="changed"),
        obstacle(1),
        obstacle(8, title="x" * 301),
        obstacle(9, remedy_due_on="2572-01-01", remedy="Build it"),
    ]
    sheet = taken(director, SheetKind.OBSTACLES, rows)
    assert counts(sheet) == (1, 0, 0, 8)
    found = wrong(sheet)
    assert {row: column for row, (column, _said) in found.items()} == {
        3: "cause", 4: "title", 5: "remedy_due_on", 6: "raised_by", 7: "key", 8: "", 9: "title", 10: "remedy_due_on",
    }  # fmt: skip
    assert "Land or building" in found[3][1], "the choices are named"
    assert "row 2" in found[8][1]


def test_another_province_is_as_if_it_were_not_there(house: SmallMinistry, director: User) -> None:
    row = raised_by_north(house)
    south = house.south_director
    assert exported(south, SheetKind.OBSTACLES) == []
    foreign = obstacle(1, key=f"{row.public_id}:1", raised_by="xx.south.ict")
    nobodys = obstacle(2, key="o00000000:1", raised_by="xx.south.ict")
    sheet = taken(south, SheetKind.OBSTACLES, [foreign, nobodys, obstacle(3)])
    assert counts(sheet) == (0, 0, 0, 3)
    assert wrong(sheet)[2] == wrong(sheet)[3] == ("key", "There is no such obstacle.")
    assert Obstacle.objects.get().title == row.title
    with pytest.raises(NotFound):
        queries.import_of(director.pk, sheet.public_id)
    with pytest.raises(NotFound):
        imports.cancel_import(director, sheet.public_id)
    known = taken(director, SheetKind.OBSTACLES, [obstacle(7)])
    assert counts(known) == (1, 0, 0, 0)
    copied = taken(south, SheetKind.OBSTACLES, [obstacle(7)])
    assert counts(copied) == (0, 0, 0, 1), "what the north entered is not told to the south"


def test_what_somebody_changed_since_is_not_overwritten(house: SmallMinistry, director: User) -> None:
    raised_by_north(house)
    out = exported(director, SheetKind.OBSTACLES)[0]
    taken(director, SheetKind.OBSTACLES, [{**out, "title": "Mine"}])
    late = taken(director, SheetKind.OBSTACLES, [{**out, "title": "Theirs"}])
    assert counts(late) == (0, 0, 0, 1)
    assert "in the meantime" in wrong(late)[2][1]
    assert Obstacle.objects.get().title == "Mine"
    fixed = taken(director, SheetKind.OBSTACLES, [{**out, "raised_by": "xx.north", "key": out["key"]}])
    assert wrong(fixed)[2][0] == "raised_by"


# Files


def test_files_that_are_no_list_are_refused_at_once(director: User) -> None:
    def refused(content: bytes, error: type[MehvarError], code: str) -> None:
        with pytest.raises(error) as found:
            handed_in(director, SheetKind.OBSTACLES, content)
        assert found.value.code == code

    refused(b"", InputError, "empty-file")
    refused(b"PK\x03\x04 broken", InputError, "broken-file")
    refused(b"\xff\x00\x00nothing", InputError, "unknown-format")
    refused(b"a,b\n1,2\n", InputError, "unknown-columns")
    refused(b"Name,Comment\n", InputError, "unknown-columns")
    refused(csv_of(SheetKind.OBSTACLES, [], columns=["title", "text", "raised_by"]), InputError, "no-rows")
    refused(b"What is in the way,What is in the way,Description\nx,y,z\n", InputError, "column-twice")
    refused(b"What is in the way,Description\nx,y\n", InputError, "column-missing")
    refused(b'What is in the way,Description,Raised by\n"x', InputError, "broken-file")
    head = csv_of(SheetKind.OBSTACLES, [], columns=["title", "text", "raised_by"])
    refused(head + b"x,y,z\n" * 100_001, LimitExceeded, "too-many-rows")
    assert SheetImport.objects.count() == 0


def test_who_changes_nothing_in_a_list_hands_nothing_in(house: SmallMinistry) -> None:
    auditor = house.people[Role.AUDITOR]
    with pytest.raises(NotPermitted):
        handed_in(auditor, SheetKind.OBSTACLES, [obstacle()])
    with pytest.raises(NotFound):
        handed_in(house.people[Role.MINISTER], SheetKind.MEASURES, [{"text": "x"}], subject="unknown")


def test_formulas_merged_cells_serial_dates_and_persian_heads_are_understood(director: User) -> None:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = book.add_worksheet()
    heads = rules.heads(SheetKind.OBSTACLES, "fa")
    sheet.write_row(0, 0, ["گزارش موانع استان"])
    sheet.write_row(
        1,
        0,
        [
            heads["raised_by"],
            heads["title"],
            heads["text"],
            heads["remedy"],
            heads["remedy_due_on"],
            "ستون ما",
        ],
    )
    sheet.merge_range(2, 0, 3, 0, "xx.north.ict")
    sheet.write_row(2, 1, ["زمین", "تحویل نشده"])
    sheet.write_formula(3, 1, '="برق"', None, "برق")
    sheet.write_row(3, 2, ["شبکه ضعیف است", "تقویت", 46173, "x"])
    book.close()
    done = taken(director, SheetKind.OBSTACLES, target.getvalue(), language="fa")
    assert (counts(done), done.findings["ignored"]) == ((2, 0, 0, 0), ["ستون ما"])
    second = Obstacle.objects.get(title="برق")
    assert (second.raised_by.code, second.remedy_due_on) == ("xx.north.ict", date(2026, 5, 31))
    told = {row.number: [note["mild"] for note in row.notes] for row in queries.rows_told(done)}
    assert told[4] == [True, True, True], "the formula, the merged cell and the serial date are told"


def test_the_table_comes_back_with_what_is_wrong_and_can_be_mended(director: User) -> None:
    rows = [obstacle(1), obstacle(2, cause="Weather")]
    done = taken(director, SheetKind.OBSTACLES, csv_of(SheetKind.OBSTACLES, rows))
    head, back = imports.mended(done, "en", lambda note: note["message"].format(**note["params"]))
    lines = [dict(zip(head, row, strict=True)) for row in back]
    assert head[-2:] == ["Key (leave as it is)", "What is wrong"]
    assert lines[0]["Key (leave as it is)"] == f"{Obstacle.objects.get().public_id}:1"
    assert (lines[0]["What is wrong"], "“Weather” is none of" in lines[1]["What is wrong"]) == ("", True)
    lines[1]["Cause"] = "Land or building"
    text = io.StringIO()
    writer = csv.DictWriter(text, head)
    writer.writeheader()
    writer.writerows(lines)
    mended = taken(director, SheetKind.OBSTACLES, text.getvalue().encode())
    assert counts(mended) == (1, 0, 1, 0)


# Stopping and going on


def test_an_import_is_cancelled_between_portions_and_goes_on_where_it_stopped(
    director: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mehvar.programmes.actions.imports import running, work

    monkeypatch.setattr(work, "PORTION", 2)
    sheet = checked(director, SheetKind.OBSTACLES, [obstacle(n) for n in range(5)])
    imports.accept_import(director, sheet.public_id)
    keep = running._keep

    def cancelled(*args: Any) -> None:
        keep(*args)
        monkeypatch.setattr(running, "_keep", keep)
        SheetImport.objects.filter(pk=sheet.pk).update(state=SheetState.CANCELLED)

    monkeypatch.setattr(running, "_keep", cancelled)
    assert imports.run_import(sheet.public_id) is None
    assert Obstacle.objects.count() == 2
    imports.resume_import(director, sheet.public_id)
    with pytest.raises(Conflict):
        imports.resume_import(director, sheet.public_id)
    done = imports.run_import(sheet.public_id)
    assert done is not None
    assert (done.state, counts(done), done.done) == (SheetState.DONE, (5, 0, 0, 0), 5)
    with pytest.raises(Conflict):
        imports.cancel_import(director, sheet.public_id)


def test_a_role_that_is_withdrawn_meanwhile_ends_with_the_portion_and_roles_are_read_once_to_it(
    director: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mehvar.programmes.actions.imports import running, work

    monkeypatch.setattr(work, "PORTION", 10)
    sheet = checked(director, SheetKind.OBSTACLES, [obstacle(n) for n in range(13)])
    imports.accept_import(director, sheet.public_id)
    keep, asked = running._keep, []

    def withdrawn(*args: Any) -> None:
        keep(*args)
        asked.append(sum("organisations_position" in one["sql"] and "role" in one["sql"] for one in log))
        Position.objects.filter(user=director).delete()

    monkeypatch.setattr(running, "_keep", withdrawn)
    with CaptureQueriesContext(connection) as log:
        done = imports.run_import(sheet.public_id)
    assert done is not None
    assert (counts(done), Obstacle.objects.count()) == ((10, 0, 0, 3), 10)
    assert {said for _column, said in wrong(done).values()} == {"Your role does not permit this here."}
    assert asked[0] < 10, "the roles are read once to a portion, and not at every row"


def test_a_portion_that_fails_leaves_nothing_and_the_import_can_go_on(
    director: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mehvar.programmes.actions.imports import work
    from mehvar.programmes.actions.imports.obstacles import ObstacleWork

    monkeypatch.setattr(work, "PORTION", 2)
    sheet = checked(director, SheetKind.OBSTACLES, [obstacle(n) for n in range(4)])
    imports.accept_import(director, sheet.public_id)
    raise_one = ObstacleWork.create

    def failing(self: ObstacleWork, run: Any, row: Any) -> Any:
        if row.number == 5:
            raise RuntimeError("the disk is full")
        return raise_one(self, run, row)

    monkeypatch.setattr(ObstacleWork, "create", failing)
    failed = imports.run_import(sheet.public_id)
    assert failed is not None
    assert (failed.state, failed.done, Obstacle.objects.count()) == (SheetState.FAILED, 2, 2)
    assert "disk" not in str(failed.error), "what went wrong inside is not told"
    monkeypatch.setattr(ObstacleWork, "create", raise_one)
    imports.resume_import(director, sheet.public_id)
    done = imports.run_import(sheet.public_id)
    assert done is not None
    assert (done.state, counts(done), Obstacle.objects.count()) == (SheetState.DONE, (4, 0, 0, 0), 4)


def test_a_silent_worker_is_replaced_and_its_late_portion_does_not_count(director: User) -> None:
    sheet = checked(director, SheetKind.OBSTACLES, [obstacle()])
    imports.accept_import(director, sheet.public_id)
    SheetImport.objects.filter(pk=sheet.pk).update(
        state=SheetState.APPLYING, heartbeat_at=clock.now(), attempt=9
    )
    assert imports.run_import(sheet.public_id) is None, "another worker is alive"
    assert imports.resume_silent_imports() == 0
    with clock.fixed(MORNING + imports.SILENT_AFTER * 2):
        assert imports.resume_silent_imports() in {0, 1}
        imports.run_import(sheet.public_id)
    sheet.refresh_from_db()
    assert (sheet.state, sheet.attempt, Obstacle.objects.count()) == (SheetState.DONE, 10, 1)


# Measures


def test_own_measures_are_written_changed_and_delivered(monkeypatch: pytest.MonkeyPatch) -> None:
    case = calling()
    planner, subject = case.planner, case.programme.public_id
    programmes.set_objectives(
        planner, case.programme.pk, [(None, "Plants", "industry")], version=case.programme.version
    )
    source = case.programme.measures.order_by("pk")[0]
    before = Delivery.objects.count()
    rows = [
        {
            "text": "Train engineers",
            "objective": "Plants",
            "body": "xx.north",
            "due_on": "۱۴۰۵/۰۶/۳۱",
            "weight": "2,5",
        },
        {"text": "Nobody's objective", "objective": "Trains"},
        {"text": "For the south", "body": "xx.south", "derived_from": f"M{source.pk} words"},
        {"text": "Once more", "body": "xx.south", "derived_from": f"M{source.pk}"},
    ]
    done = taken(planner, SheetKind.MEASURES, rows, subject=subject)
    assert (counts(done), [column for column, _ in wrong(done).values()]) == (
        (2, 0, 0, 2),
        ["objective", "derived_from"],
    )
    made = ProgrammeMeasure.objects.get(text="Train engineers")
    assert (made.due_on, made.weight, made.organisation.code) == (date(2026, 9, 22), 2.5, "xx.north")
    assert ProgrammeMeasure.objects.get(text="For the south").derived_from == source
    assert Delivery.objects.count() == before + 2
    out = exported(planner, SheetKind.MEASURES, subject)
    assert counts(taken(planner, SheetKind.MEASURES, out, subject=subject)) == (0, 0, len(out), 0)
    ours = [{**row, "text": "Train all engineers", "weight": 3} for row in out if row["text"] == made.text]
    theirs = [{**row, "text": "Other words"} for row in out if row["directive"]]
    done = taken(planner, SheetKind.MEASURES, [*ours, theirs[0]], subject=subject)
    assert (counts(done), wrong(done)[3][0]) == ((0, 1, 0, 1), "text")
    made.refresh_from_db()
    assert (made.text, made.weight, made.version) == ("Train all engineers", 3.0, 2)
    with pytest.raises(NotPermitted):
        handed_in(case.north, SheetKind.MEASURES, rows, subject=subject)
    assert {row["body"].split(" ")[0] for row in exported(case.north, SheetKind.MEASURES, subject)} == {
        "",
        "xx.north",
    }


# Plan items


@pytest.fixture
def called() -> Calling:
    return calling()


def item(body: str, number: int, **more: Any) -> dict[str, Any]:
    return {
        "body": body, "number": number, "text": f"Equip plant {number}", "owner_office": "Office", "due_on": "22/9/2026",
        "indicator": "Plants", "milestones": "1/7/2026 | Contract", "budget": "Sensors | 1,200,000 | Fund", **more,
    }  # fmt: skip


def test_items_of_several_plans_come_in_with_their_links(called: Calling) -> None:
    subject = called.call.public_id
    rows = [
        item("xx.north", 1), item("xx.south", 1), item("xx.north", 2, needs="1"),
        item("xx.north", 3, source="M999999"), item("xx.nowhere", 1),
    ]  # fmt: skip
    done = taken(called.north, SheetKind.PLAN_ITEMS, rows, subject=subject)
    assert counts(done) == (2, 0, 0, 3)
    assert wrong(done)[3] == ("body", "There is no such plan."), "the south's plan is not told"
    assert (wrong(done)[5][0], wrong(done)[6][0]) == ("source", "body")
    first, second = stored(called.north_plan)
    assert (first.content.milestones[0].title, first.content.due_raw) == ("Contract", "22/9/2026")
    assert (first.content.budget[0].currency, second.content.needs) == ("IRR", (first.number,))
    assert counts(taken(called.north, SheetKind.PLAN_ITEMS, rows, subject=subject)) == (0, 0, 2, 3)
    out = exported(called.north, SheetKind.PLAN_ITEMS, subject)
    assert counts(taken(called.north, SheetKind.PLAN_ITEMS, out, subject=subject)) == (0, 0, 2, 0)
    mixed = [{**out[0], "target": "12"}, {**out[1], "needs": "2"}, item("xx.north", 7, needs="1")]
    done = taken(called.north, SheetKind.PLAN_ITEMS, mixed, subject=subject)
    assert counts(done) == (0, 1, 0, 2), (
        "an item that waits for itself takes those that link with it, and no other"
    )
    assert "circle" in wrong(done)[3][1]
    stale = taken(called.north, SheetKind.PLAN_ITEMS, [{**out[0], "target": "13"}], subject=subject)
    assert (counts(stale), stored(called.north_plan)[0].content.target) == ((0, 0, 0, 1), "12")


def test_the_lead_body_exports_every_plan_and_a_province_its_own(called: Calling) -> None:
    fill(called.north, called.north_plan, good_item(1))
    fill(called.south, called.south_plan, good_item(1))
    subject = called.call.public_id
    assert len(exported(called.planner, SheetKind.PLAN_ITEMS, subject)) == 2
    assert [row["body"].split(" ")[0] for row in exported(called.north, SheetKind.PLAN_ITEMS, subject)] == [
        "xx.north"
    ]
    with pytest.raises(NotFound):
        exported(called.house.people[Role.BODY_OFFICER], SheetKind.PLAN_ITEMS, subject)


# Reports


@pytest.fixture
def world() -> ReportingHouse:
    return reporting_house()


def test_reports_of_a_round_are_drafted_and_submitted(world: ReportingHouse) -> None:
    asked = opened_round(world)
    rows = exported(world.officer, SheetKind.REPORTS, asked.public_id)
    assert len(rows) == 4
    own = exported(world.north, SheetKind.REPORTS, asked.public_id)
    assert {row["body"].split(" ")[0] for row in own} == {"xx.north", "xx.north.ict"}
    foreign = next(row for row in rows if row["body"].startswith("xx.south"))
    said = [
        {**row, "claimed": "۴۰٪", "self_rating": "سبز", "done_text": "Two plants."} for row in [*own, foreign]
    ]
    said[1]["claimed"] = 140
    done = taken(world.north, SheetKind.REPORTS, said, subject=asked.public_id)
    assert (counts(done), wrong(done)[3][0], wrong(done)[4][0]) == ((1, 0, 0, 2), "claimed", "key")
    report = ProgressReport.objects.get()
    assert (report.state, report.claimed, report.self_rating) == ("draft", 40, "green")
    assert counts(taken(world.north, SheetKind.REPORTS, said, subject=asked.public_id)) == (0, 0, 1, 2)
    out = exported(world.north, SheetKind.REPORTS, asked.public_id)
    sent = taken(world.north, SheetKind.REPORTS, out, subject=asked.public_id, submit=True)
    assert counts(sent) == (0, 1, 1, 0)
    report.refresh_from_db()
    assert (report.state, report.submitted_by) == ("claimed", world.north)
    silent = [{**out[1], "claimed": 10, "done_text": ""}]
    refused = taken(world.north, SheetKind.REPORTS, silent, subject=asked.public_id, submit=True)
    assert wrong(refused)[2] == ("done_text", "Say what was done.")
    stale = [{**out[0], "claimed": 80}]
    assert counts(taken(world.north, SheetKind.REPORTS, stale, subject=asked.public_id)) == (0, 0, 0, 1)


# Stakeholders and proposals


def test_meetings_and_commitments_come_in(house: SmallMinistry, director: User) -> None:
    rows = [
        {
            "body": "xx.north.ict",
            "held_on": "1405/02/10",
            "kind": "استانداری",
            "with_whom": "Governor's office",
            "subject": "Land",
        },
        {
            "body": "xx.south.ict",
            "held_on": "30/4/2026",
            "kind": "Others",
            "with_whom": "Council",
            "subject": "Power",
        },
        {
            "body": "xx.north.ict",
            "held_on": "2026-12-01",
            "kind": "Others",
            "with_whom": "Council",
            "subject": "Ahead",
        },
    ]
    done = taken(director, SheetKind.MEETINGS, rows)
    assert (counts(done), wrong(done)[4][0]) == ((1, 0, 0, 2), "held_on")
    meeting = StakeholderMeeting.objects.get()
    assert (meeting.held_on, meeting.kind) == (date(2026, 4, 30), MeetingKind.GOVERNOR)
    out = exported(director, SheetKind.MEETINGS)
    done = taken(director, SheetKind.MEETINGS, [{**out[0], "notes": "The plot is promised."}])
    assert counts(done) == (0, 1, 0, 0)
    promises = [
        {
            "meeting": out[0]["key"],
            "text": "Hand over the plot",
            "promised_by": "Governor's office",
            "due_on": "2026-06-01",
        },
        {"meeting": "m0000", "text": "Nothing", "promised_by": "Nobody"},
    ]
    assert counts(taken(director, SheetKind.COMMITMENTS, promises)) == (1, 0, 0, 1)
    assert counts(taken(director, SheetKind.COMMITMENTS, promises)) == (0, 0, 1, 1)
    kept = exported(director, SheetKind.COMMITMENTS)[0]
    assert wrong(taken(director, SheetKind.COMMITMENTS, [{**kept, "due_on": "2026-07-01"}]))[2][0] == "note"
    moved = taken(
        director,
        SheetKind.COMMITMENTS,
        [{**kept, "due_on": "2026-07-01", "note": "Survey first", "state": "Kept"}],
    )
    assert counts(moved) == (0, 1, 0, 0)
    row = Commitment.objects.get()
    assert (row.due_on, row.first_due_on, row.state) == (date(2026, 7, 1), date(2026, 6, 1), "kept")
    assert exported(house.south_director, SheetKind.COMMITMENTS) == []
    foreign = taken(house.south_director, SheetKind.COMMITMENTS, [{**kept, "note": "x", "state": "Broken"}])
    assert wrong(foreign)[2] == ("key", "There is no such commitment.")
    stakeholders.add_commitment(director, meeting.public_id, Promise("Other", "Council"))
    assert len(exported(director, SheetKind.COMMITMENTS)) == 2


def test_proposals_come_in_and_are_answered(house: SmallMinistry, director: User) -> None:
    make_committee(house.north_ict, chair=director, name="Committee of the north")
    rows = [
        {"committee": "Committee of the north", "title": "A second line", "text": "One is not enough."},
        {"committee": "Committee of the south", "title": "A third line", "text": "Two are not enough."},
    ]
    done = taken(director, SheetKind.PROPOSALS, rows)
    assert (counts(done), wrong(done)[3][0]) == ((1, 0, 0, 1), "committee")
    planner = house.people[Role.PLANNING_OFFICER]
    out = exported(planner, SheetKind.PROPOSALS)
    answered = taken(planner, SheetKind.PROPOSALS, [{**out[0], "answer": "Accepted"}])
    assert counts(answered) == (0, 1, 0, 0)
    assert CommitteeProposal.objects.get().answer == ProposalAnswer.ACCEPTED
    assert counts(taken(director, SheetKind.PROPOSALS, exported(director, SheetKind.PROPOSALS))) == (
        0,
        0,
        1,
        0,
    )
