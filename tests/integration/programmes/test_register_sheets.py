"""Programmes, calls, rounds, the flagship register and recognition go out and come in by one form, through the actions of the pages."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from mehvar.accounts.data import Role
from mehvar.accounts.models import User
from mehvar.directives.models import AnnualTheme
from mehvar.kernel import clock
from mehvar.kernel.errors import NotPermitted
from mehvar.ledger.models import Entry as LedgerEntry
from mehvar.programmes.actions import flagships, recognition
from mehvar.programmes.data import SheetKind
from mehvar.programmes.models import (
    Flagship,
    Plan,
    PlanCall,
    Programme,
    RecognitionEdition,
    ReportingRound,
    RoundRequest,
)
from tests.factories.organisations import small_ministry
from tests.factories.plans import Calling, calling
from tests.factories.progress import opened_round, reporting_house
from tests.factories.promulgation import MORNING
from tests.factories.sheets import counts, exported, handed_in, taken, wrong

pytestmark = pytest.mark.django_db
IMPORT_ENTRIES = ("sheet.hand_in", "sheet.accept", "sheet.finish")


@pytest.fixture(autouse=True)
def morning(settings: Any, tmp_path: Any) -> Iterator[None]:
    settings.MEDIA_ROOT = tmp_path
    with clock.fixed(MORNING):
        yield


@pytest.fixture
def called() -> Calling:
    return calling(required=("owner", "date"), prefill=True)


def acts() -> int:
    """Count the entries on record, beside those of the imports themselves."""
    return LedgerEntry.objects.exclude(action__in=IMPORT_ENTRIES).count()


def comes_in_unchanged(actor: User, kind: SheetKind, rows: int) -> None:
    """Hand in what goes out in each language; no version moves and nothing is put on record."""
    before, entries = exported(actor, kind), acts()
    for language in ("en", "fa", "vi"):
        out = exported(actor, kind, language=language)
        sheet = taken(actor, kind, out, language=language)
        assert (counts(sheet), wrong(sheet)) == ((0, 0, rows, 0), {}), language
    assert (exported(actor, kind), acts()) == (before, entries)


def refused_at(actor: User, kind: SheetKind, *rows: dict[str, Any]) -> list[str]:
    """Hand rows in that are all refused; give the column of each."""
    sheet = taken(actor, kind, rows)
    assert counts(sheet) == (0, 0, 0, len(rows)), wrong(sheet)
    return [column for column, _said in wrong(sheet).values()]


def test_programmes_are_begun_and_changed(called: Calling) -> None:
    planner, programmes = called.planner, SheetKind.PROGRAMMES
    theme = AnnualTheme.objects.create(period="1405", title="جهش تولید", language="fa")
    Programme.objects.update(
        title="صنعت  هوشمند", theme=theme, ends_on=date(2027, 3, 20)
    )  # two spaces are one
    comes_in_unchanged(planner, programmes, 1)
    new = [
        {"title": "اتصال روستاها", "lead": "xx.min", "theme": "جهش توليد", "starts_on": "۱۴۰۵/۰۳/۰۱", "calendar": "هجری شمسی"},
        {"title": "Ports", "lead": "xx.min.it", "language": "Vietnamese", "starts_on": "27.06.2026", "ends_on": "30/6/2027"},
    ]  # fmt: skip
    done = taken(planner, programmes, new, language="fa")
    assert (counts(done), wrong(done)) == ((2, 0, 0, 0), {})
    villages, ports = Programme.objects.get(title="اتصال روستاها"), Programme.objects.get(title="Ports")
    assert (villages.starts_on, villages.theme, villages.language, villages.calendar, villages.state) == (
        date(2026, 5, 22), theme, "fa", "jalali", "draft",
    )  # fmt: skip
    assert (ports.organisation.code, ports.language, ports.starts_on, ports.ends_on) == (
        "xx.min.it", "vi", date(2026, 6, 27), date(2027, 6, 30),
    )  # fmt: skip
    assert counts(taken(planner, programmes, new, language="fa")) == (0, 0, 2, 0), "nothing enters twice"
    out = {row["title"]: row for row in exported(planner, programmes)}
    changed = [{**out["Ports"], "title": "Ports and roads", "ends_on": ""}]
    assert counts(taken(planner, programmes, changed)) == (0, 1, 0, 0)
    ports.refresh_from_db()
    assert (ports.title, ports.ends_on, ports.version) == ("Ports and roads", None, 2)
    entry = LedgerEntry.objects.filter(action="programme.edit", subject_identifier=ports.public_id).get()
    assert '["ends_on","title"]' in entry.content
    assert refused_at(
        planner, programmes,
        {**out["Ports"], "title": "Theirs"},
        {**out["اتصال روستاها"], "lead": "xx.north"},
        {**out["صنعت  هوشمند"], "language": "Vietnamese"},
        {"title": "A", "lead": "xx.nowhere"},
        {"title": "B", "lead": "xx.min", "theme": "Nobody's year"},
        {"title": "C", "lead": "xx.min", "starts_on": "1405/13/01"},
        {"title": "D", "lead": "xx.min", "starts_on": "2026-06-01", "ends_on": "2026-05-01"},
        {"title": "E", "lead": "xx.health"},
    ) == ["", "lead", "language", "lead", "theme", "starts_on", "ends_on", ""]  # fmt: skip
    with pytest.raises(NotPermitted):
        handed_in(called.north, programmes, new)
    assert [row["title"] for row in exported(called.north, programmes)] == ["صنعت  هوشمند"], (
        "no draft of others"
    )


def test_calls_are_opened_extended_and_sent_to_further_bodies(called: Calling) -> None:
    planner, calls = called.planner, SheetKind.CALLS
    comes_in_unchanged(planner, calls, 1)
    out = exported(planner, calls)[0]
    assert (out["bodies"].split("\n"), out["required"], out["prefill"]) == (
        ["xx.north", "xx.south"],
        "Owner, Date",
        "Yes",
    )
    new = [
        {
            "title": "Second plans", "programme": called.programme.title, "deadline_on": "۱۴۰۵/۰۴/۳۱",
            "bodies": "xx.north; xx.south.ict", "required": "بودجه، تاریخ", "prefill": "No",
        },
        {"title": "All", "programme": called.programme.public_id, "deadline_on": "2026-07-01", "bodies": "همه استان‌ها", "currency": "USD"},
    ]  # fmt: skip
    assert counts(taken(planner, calls, new)) == (2, 0, 0, 0)
    second, everybody = PlanCall.objects.get(title="Second plans"), PlanCall.objects.get(title="All")
    assert second.template == {
        "required": ["budget", "date"],
        "currency": "",
        "prefill": False,
        "measures": [],
    }
    assert {plan.organisation.code for plan in second.plans.all()} == {"xx.north", "xx.south.ict"}
    assert (second.deadline_on, everybody.template["currency"]) == (date(2026, 7, 22), "USD")
    assert Plan.objects.filter(call=everybody).count() >= 2
    entries = acts()
    out = {row["title"]: row for row in exported(planner, calls)}
    later = {
        **out["Second plans"],
        "deadline_on": "1405/05/31",
        "bodies": "xx.north\nxx.south.ict\nxx.south",
        "reason": "Floods",
    }
    assert counts(taken(planner, calls, [later])) == (0, 1, 0, 0)
    second.refresh_from_db()
    assert (second.deadline_on, second.first_deadline_on, second.plans.count()) == (
        date(2026, 8, 22),
        date(2026, 7, 22),
        3,
    )
    assert acts() == entries + 2
    assert LedgerEntry.objects.get(action="plan-call.extend").reason == "Floods"
    first = out["Operational plans for smart industry"]
    assert refused_at(
        planner, calls,
        {**later, "deadline_on": "1405/06/31"},
        {**first, "bodies": "xx.north"},
        {**next(row for row in exported(planner, calls) if row["title"] == "All"), "title": "Other words"},
        {"title": "X", "programme": "No such", "deadline_on": "2026-07-01", "bodies": "xx.north"},
        {"title": "X", "programme": called.programme.title, "deadline_on": "2020-07-01", "bodies": "xx.north"},
        {"title": "X", "programme": called.programme.title, "deadline_on": "2026-07-01", "bodies": "xx.north\nxx.none"},
        {"title": "X", "programme": called.programme.title, "deadline_on": "2026-07-01", "bodies": "xx.north", "required": "Owner, Luck"},
    ) == ["", "bodies", "title", "programme", "deadline_on", "bodies", "required"]  # fmt: skip
    with pytest.raises(NotPermitted):
        handed_in(called.north, calls, new)
    seen = {row["bodies"] for row in exported(called.north, calls)}
    assert not any("south" in bodies for bodies in seen), "who else was called is not told to a body"


def test_rounds_are_opened_and_extended() -> None:
    world = reporting_house()
    opened_round(world)
    rounds, officer = SheetKind.ROUNDS, world.officer
    comes_in_unchanged(officer, rounds, 1)
    out = exported(officer, rounds)[0]
    assert out["asked"] == RoundRequest.objects.count()
    new = {
        "period": "۲۰۲۶-q3",
        "directive": out["directive"],
        "opens_on": "2026-07-01",
        "due_on": "۱۴۰۵/۰۷/۱۵",
    }
    assert counts(taken(officer, rounds, [new])) == (1, 0, 0, 0)
    third = ReportingRound.objects.get(period="2026-Q3")
    assert (third.due_on, third.directive_id) == (date(2026, 10, 7), world.directive.pk)
    assert third.requests.count() == out["asked"]
    extended = {**out, "due_on": "2026-06-30", "reason": "Holidays"}
    assert counts(taken(officer, rounds, [extended])) == (0, 1, 0, 0)
    assert LedgerEntry.objects.get(action="round.extend").reason == "Holidays"
    assert refused_at(
        officer, rounds,
        {**extended, "due_on": "2026-07-30"},
        {**exported(officer, rounds)[0], "period": "2026-Q4"},
        {"period": "2026-Q7", "directive": out["directive"], "due_on": "2026-07-01"},
        {"period": "2026-Q3", "directive": out["directive"], "due_on": "2026-07-01"},
        {"period": "2026-Q4", "due_on": "2026-12-01"},
        {"period": "2026-Q4", "directive": out["directive"], "due_on": "2020-12-01"},
        {"period": "2026-Q4", "directive": "01 none", "due_on": "2026-12-01"},
    ) == ["", "period", "period", "period", "directive", "due_on", "directive"]  # fmt: skip
    with pytest.raises(NotPermitted):
        handed_in(world.north, rounds, [new])
    seen = next(row for row in exported(world.north, rounds) if row["period"] == "2026-Q2")
    assert seen["asked"] < out["asked"], "a body's officer counts the own bodies only"


def test_identity_sheets_are_drafted_and_changed(called: Calling) -> None:
    keeper, register = called.planner, SheetKind.FLAGSHIPS
    measure = called.programme.measures.order_by("pk")[0]
    filled = {"name": "Ports", "summary": "Faster\nclearance", "people_feel": "Shorter queues"}
    made = flagships.draft_flagship(
        keeper, title="Ports", mark="driver", programme_id=called.programme.pk, measure_id=measure.pk,
        criteria={"drives_others": "Roads follow", "people_feel": "Queues", "repeatable": "=Others"},
        sheet=dict.fromkeys(("fa", "vi", "en"), filled),
    )  # fmt: skip
    comes_in_unchanged(keeper, register, 1)
    out = exported(keeper, register)[0]
    assert (out["fa_summary"], out["mark"], out["measure"].split(" ")[0]) == (
        "Faster\nclearance",
        "Driver",
        f"M{measure.pk}",
    )
    new = {
        "title": "بندر",
        "mark": "امیدآفرین",
        "programme": called.programme.title,
        "people_feel": "صف کوتاه‌تر",
        "fa_name": "بندر هوشمند",
    }
    assert counts(taken(keeper, register, [new], language="fa")) == (1, 0, 0, 0)
    port = Flagship.objects.get(title="بندر")
    assert (port.mark, port.programme, port.criteria) == (
        "hope_giving",
        called.programme,
        {"people_feel": "صف کوتاه‌تر"},
    )
    assert port.sheet == {"fa": {"name": "بندر هوشمند"}, "vi": {}, "en": {}}
    flagships.list_flagship(keeper, made.public_id, version=1)
    listed = {"key": f"{made.public_id}:2", "vi_budget": "1 tỷ đồng"}
    assert counts(taken(keeper, register, [listed])) == (0, 1, 0, 0)
    made.refresh_from_db()
    assert (made.sheet["vi"], made.sheet["en"], made.version) == (
        {**filled, "budget": "1 tỷ đồng"},
        filled,
        3,
    )
    assert LedgerEntry.objects.filter(action="flagship.change").get().public, (
        "what is listed changes on the public record"
    )
    assert refused_at(
        keeper, register,
        {**out, "vi_budget": "2"},
        {**exported(keeper, register)[1], "measure": f"M{measure.pk}"},
        {"key": "f000:1", "title": "x" * 301, "mark": "Driver"},
    ) == ["", "measure", "title"]  # fmt: skip
    incomplete = taken(keeper, register, [{"key": f"{made.public_id}:3", "fa_name": ""}])
    assert "not complete" in wrong(incomplete)[2][1]
    assert refused_at(
        keeper, register,
        {"title": "X", "mark": "Lucky"},
        {"title": "X", "mark": "Driver", "measure": "M999999 words"},
        {"title": "X", "mark": "Driver", "programme": "None such"},
        {"title": "X", "mark": "Driver", "fa_budget": "x" * 1501},
    ) == ["mark", "measure", "programme", "fa_budget"]  # fmt: skip
    with pytest.raises(NotPermitted):
        exported(called.north, register)


def test_recognition_is_drafted_and_changed_until_its_criteria_are_public() -> None:
    house = small_ministry()
    planner, editions = house.people[Role.PLANNING_OFFICER], SheetKind.RECOGNITION
    given = {"completeness": 40, "timeliness": 20, "progress": 40}
    made = recognition.draft_edition(
        planner, title="Best of spring", period="2026-Q2", weights=given, threshold=0
    )
    comes_in_unchanged(planner, editions, 1)
    new = {"title": "برترین‌های ۱۴۰۵", "period": "۱۴۰۵", "completeness": "۶۰٪", "plans": "40", "places": "۳"}
    assert counts(taken(planner, editions, [new], language="fa")) == (1, 0, 0, 0)
    year = RecognitionEdition.objects.get(period="1405")
    assert {one["code"]: one["weight"] for one in year.criteria} == {"completeness": 60, "plans": 40}
    assert (year.places, year.threshold) == (3, 80)
    row = next(row for row in exported(planner, editions) if row["period"] == "2026-Q2")
    assert counts(taken(planner, editions, [{**row, "progress": 30, "plans": 10}])) == (0, 1, 0, 0)
    made.refresh_from_db()
    assert ({one["code"]: one["weight"] for one in made.criteria}["plans"], made.version) == (10, 2)
    assert refused_at(
        planner, editions,
        {**row, "title": "Stale"},
        {"title": "X", "period": "2026-Q9", "completeness": 100},
        {"title": "X", "period": "2026", "completeness": 50, "plans": 49},
        {"title": "X", "period": "2026", "completeness": 100, "places": "many"},
        {"title": "X", "period": "2026", "completeness": 100, "threshold": 101},
        {"title": "X", "period": "2026", "plans": 100},
    ) == ["", "period", "completeness", "places", "threshold", "completeness"]  # fmt: skip
    published = recognition.publish_criteria(planner, made.public_id, version=2)
    late = taken(planner, editions, [{"key": f"{made.public_id}:{published.version}", "note": "Well done"}])
    assert "do not change any more" in wrong(late)[2][1]
    with pytest.raises(NotPermitted):
        handed_in(house.people[Role.PROVINCIAL_DIRECTOR], editions, [new])
    seen = exported(house.people[Role.PROVINCIAL_DIRECTOR], editions)
    assert [one["period"] for one in seen] == ["2026-Q2"], "drafts stay with those who award"
