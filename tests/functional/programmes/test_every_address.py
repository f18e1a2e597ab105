"""Walk every address of the rooms ``programmes`` and ``home`` as an officer of another province, and as an auditor.

The patterns come from the resolver, so that an address that is added later and has no walk here fails the test.
Source: issue "programmes", point 13 (a province officer walking every URL of another province: nothing leaks).
"""

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, get_resolver, reverse

from mehvar.accounts.data import Role
from mehvar.home.actions import feeds
from mehvar.kernel import clock
from mehvar.ledger.models import Entry as LedgerEntry
from mehvar.organisations.actions import committees
from mehvar.organisations.data import Capacity, CommitteeKind
from mehvar.programmes.actions import (
    completion,
    confidence,
    evidence,
    extensions,
    flagships,
    making,
    performance,
    plans,
    programmes,
    proposals,
    recognition,
    reports,
    reviews,
    rounds,
    stakeholders,
    stocktakes,
)
from mehvar.programmes.actions.plans import ItemEdit
from mehvar.programmes.actions.reports import Entry
from mehvar.programmes.actions.stakeholders import Promise
from mehvar.programmes.data import MeetingKind, SheetKind
from mehvar.programmes.models import (
    Delivery,
    PlanSheet,
    ProgrammeTemplate,
    RoundRequest,
    SheetImport,
    Stocktake,
)
from mehvar.programmes.rules.recognition import DEFAULT_WEIGHTS
from tests.factories.obstacles import make_committee, raised_by_north
from tests.factories.organisations import make_user
from tests.factories.plans import Calling, calling, good_item
from tests.factories.promulgation import MORNING, PROMULGATED_ON
from tests.functional.visiting import signed_in

pytestmark = pytest.mark.django_db

SECRET = "Geheimnis"
"""What everything of the north and of the ministry's drafts is called; no page that another province gets may hold it."""

Arguments = tuple[object, ...]


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with clock.fixed(MORNING):
        yield


@dataclass
class Walk:
    """Hold what was made, and the arguments with which each address is walked."""

    calling: Calling
    delivery: Delivery
    arguments: Mapping[str, Arguments]

    def arguments_of(self, pattern: URLPattern) -> Arguments | None:
        """Give the arguments of a pattern: by its own name, else by how its address begins."""
        name = str(pattern.name)
        if name in self.arguments:
            return self.arguments[name]
        route = str(pattern.pattern)
        for beginning in sorted((key for key in self.arguments if key.endswith("/")), key=len, reverse=True):
            if route.startswith(beginning):
                return self.arguments[beginning]
        return None


def patterns() -> list[tuple[str, URLPattern]]:
    """Give every address of both rooms with its room."""
    known = get_resolver().namespace_dict
    return [(room, found) for room in ("programmes", "home") for found in known[room][1].url_patterns]


def shown(response: HttpResponseBase) -> str:
    """Give all that a response shows, a workbook's sheets unpacked."""
    content = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            content = b"".join(packed.read(name) for name in packed.namelist())
    return content.decode(errors="replace")


@pytest.fixture
def walk() -> Walk:
    made = calling()
    house, planner, north = made.house, made.planner, made.north
    making.make_deliveries(made.directive.pk)
    delivery = Delivery.objects.filter(organisation=house.north, directive=made.directive).first()
    assert delivery is not None
    Delivery.objects.filter(pk=delivery.pk).update(due_on=date(2026, 8, 1), first_due_on=date(2026, 8, 1))
    plan = made.north_plan
    plans.begin_plan(north, plan.pk)
    item = replace(good_item(), text=SECRET, owner_office=SECRET)
    plans.save_items(north, plan.pk, [ItemEdit(item, number=1)])
    sheet = PlanSheet.objects.create(
        plan=plan,
        file_name=f"{SECRET}.xlsx",
        content={"items": [], "notes": []},
        handed_in_by=north,
        handed_in_at=MORNING,
        plan_version=1,
    )
    reviews.submit_plan(north, plan.pk)
    remark = reviews.add_remark(planner, plan.pk, SECRET)
    asked = rounds.open_round(
        planner, period="2026-Q2", due_on=PROMULGATED_ON + timedelta(10), directive_id=made.directive.pk
    )
    request = RoundRequest.objects.get(round=asked, organisation=house.north)
    file = evidence.attach_evidence(
        north, request.pk, delivery.pk, filename=f"{SECRET}.pdf", data=b"%PDF-1.7 x"
    )
    words = Entry(delivery.pk, 1, 40, "green", SECRET, SECRET)
    report = reports.save_reports(north, request.pk, [words], submit=True)[0]
    extensions.request_extension(north, delivery.pk, due_on=date(2027, 1, 1), reason=SECRET)
    confidence.judge_confidence(planner, delivery.pk, confidence="amber", reason=SECRET)
    completion.claim_completion(north, delivery.pk, claimed_on=PROMULGATED_ON, note=SECRET)
    obstacle = raised_by_north(house, title=SECRET, text=SECRET)
    committee = make_committee(house.north_ict, chair=house.people[Role.PROVINCIAL_DIRECTOR])
    director = house.people[Role.PROVINCIAL_DIRECTOR]
    proposal = proposals.propose(director, committee.pk, title=SECRET, text=SECRET)
    meeting = stakeholders.record_meeting(
        director,
        house.north_ict.pk,
        held_on=PROMULGATED_ON,
        kind=MeetingKind.GOVERNOR,
        with_whom=SECRET,
        subject=SECRET,
        promises=(Promise(SECRET, SECRET, date(2026, 6, 1)),),
    )
    draft = programmes.create_programme(
        planner, title=SECRET, organisation_code="xx.min", language="en", starts_on=PROMULGATED_ON
    )
    measure = programmes.add_measure(planner, draft.pk, text=SECRET)
    template = ProgrammeTemplate.objects.create(
        public_id="t-1", title="Shared experience", language="en", source=draft, created_at=MORNING
    )
    edition = recognition.draft_edition(
        planner,
        title=SECRET,
        period="2099",
        weights={code.value: weight for code, weight in DEFAULT_WEIGHTS.items()},
    )
    flagship = flagships.draft_flagship(planner, title=SECRET, mark="driver")
    frozen = performance.freeze_report(north, body="xx.north", period="2026-Q2")
    sheet_import = SheetImport.objects.create(
        kind=SheetKind.REPORTS, subject=asked.public_id, filename=SECRET, size=1, uploaded_by=north,
        uploaded_at=MORNING,
    )  # fmt: skip
    place = (asked.public_id, "xx.north")
    return Walk(
        made,
        delivery,
        {
            "imports/": (sheet_import.public_id,),
            "deliveries/": (delivery.public_id,),
            "rounds/": (asked.public_id,),
            "report_entry": place,
            "evidence_add": place,
            "evidence_remove": (*place, file.pk),
            "evidence": (file.pk,),
            "report": (report.pk,),
            "plans/": (plan.public_id,),
            "workbook_preview": (plan.public_id, sheet.pk),
            "remark_settle": (plan.public_id, remark.pk),
            "calls/": (made.call.public_id,),
            "template_load": ("shahkar-to-gnaf",),
            "templates/": (template.public_id,),
            "public_obstacle": (obstacle.public_id,),
            "obstacles/": (obstacle.public_id,),
            "obstacle_step": (obstacle.public_id, "reject"),
            "proposals/": (proposal.public_id,),
            "commitment_date": (meeting.commitments.get().pk,),
            "commitment_settle": (meeting.commitments.get().pk,),
            "stakeholders/": (meeting.public_id,),
            "recognition/": (edition.public_id,),
            "working_day_forget": ("2026-05-05",),
            "stocktakes/": (secret_stocktake(made).public_id,),
            "flagships/": (flagship.public_id,),
            "performance/": (frozen.public_id,),
            "measure_new": (draft.public_id,),
            "<slug:public_id>/measures/": (draft.public_id, measure.pk),
            "programme_step": (draft.public_id, "begin"),
            "<slug:public_id>/": (draft.public_id,),
            "calendar_feed": (feeds.give_feed(north),),
        },
    )


def secret_stocktake(made: Calling) -> Stocktake:
    """Plan a stocktake of the ministry's council, to which the provinces do not belong."""
    council = committees.establish_committee(
        None,
        organisation_id=made.house.ministry.pk,
        kind=CommitteeKind.COUNCIL,
        name=SECRET,
        mandate=SECRET,
        established_on=date(2000, 1, 1),
    )
    committees.seat_member(
        None,
        council.pk,
        capacity=Capacity.CHAIR,
        user_id=made.house.people[Role.MINISTER].pk,
        organisation_id=made.house.ministry.pk,
        office="Minister",
        valid_from=date(2000, 1, 1),
    )
    return stocktakes.plan_stocktake(
        made.planner, title=SECRET, committee_id=council.pk, held_on=PROMULGATED_ON, language="en"
    )


SHARED = {"round", "call", "template"}
"""Of a round and a call the south has its own part, templates are experience for all; they open, without a word of the north's."""
SHEETS = {"sheet", "sheet_export"}
"""Lists as spreadsheets: walked with every kind of list below."""
BY_SECRET = {"calendar_feed"}
"""Whoever has this address may read it: it is the key itself."""
REFUSED = {403, 404, 405}
QUERIES: tuple[dict[str, str], ...] = ({}, {"export": "csv"}, {"export": "xlsx"}, {"body": "xx.north"})


def test_an_officer_of_another_province_gets_nothing_at_any_address(walk: Walk) -> None:
    south = signed_in(walk.calling.south)
    walked = set()
    for room, pattern in patterns():
        name, needs = str(pattern.name), pattern.pattern.converters
        if name in SHEETS | BY_SECRET:
            continue
        arguments = walk.arguments_of(pattern) if needs else ()
        assert arguments is not None, f"{name}: say here with what this address is walked"
        path = reverse(f"{room}:{name}", args=arguments)
        for query in () if needs or name == "flagships_book" else QUERIES:
            seen = shown(south.get(path, query))
            assert SECRET not in seen, (name, query)
            assert walk.delivery.public_id not in seen, (name, query)
        if needs:
            walked.add(name)
            answer = south.get(path)
            assert answer.status_code in ({200} if name in SHARED else REFUSED), (name, answer.status_code)
            assert SECRET not in shown(answer), name
            before = LedgerEntry.objects.count()
            answer = south.post(path, {"version": 1})
            assert answer.status_code in REFUSED or name in SHARED, (name, answer.status_code)
            assert SECRET not in shown(answer), name
            assert LedgerEntry.objects.count() == before, name
    assert len(walked) > 60
    found = shown(south.get(reverse("home:search"), {"q": SECRET}))
    assert found.count(SECRET) <= found.count(f'value="{SECRET}"') + found.count(f"“{SECRET}”") + 2
    assert "/deliveries/" not in found


def test_no_spreadsheet_of_another_province_goes_out_or_comes_in(walk: Walk) -> None:
    south, arguments = signed_in(walk.calling.south), walk.arguments
    subjects = {
        SheetKind.MEASURES: arguments["<slug:public_id>/"],
        SheetKind.PLAN_ITEMS: arguments["calls/"],
        SheetKind.REPORTS: arguments["rounds/"],
    }
    for kind in SheetKind:
        for name in SHEETS:
            for format_ in ("csv", "xlsx"):
                path = reverse(f"programmes:{name}", args=(kind.value, *subjects.get(kind, ())))
                answer = south.get(path, {"format": format_, "export": format_})
                assert answer.status_code in {200, *REFUSED}, (kind, name, answer.status_code)
                seen = shown(answer)
                assert SECRET not in seen, (kind, name)
                assert walk.delivery.public_id not in seen, (kind, name)


def test_an_auditor_reads_all_and_changes_nothing(walk: Walk) -> None:
    house = walk.calling.house
    auditor = signed_in(make_user(Role.AUDITOR, house.ministry, name="reader"))
    reads = {"delivery", "round", "report", "plan", "call", "programme", "obstacle", "evidence"}
    before, taken = LedgerEntry.objects.count(), {}
    for room, pattern in patterns():
        name = str(pattern.name)
        arguments = walk.arguments_of(pattern) if pattern.pattern.converters else ()
        if name in SHEETS | BY_SECRET or arguments is None or room == "home":
            continue
        path = reverse(f"{room}:{name}", args=arguments)
        if name in reads:
            assert auditor.get(path).status_code == 200, name
        answer = auditor.post(path, {"version": 1, "body": "xx.north", "period": "2026-Q2"})
        assert LedgerEntry.objects.count() == before, name
        if answer.status_code not in {200, *REFUSED} and not name.startswith("outside"):
            taken[name] = answer.status_code
    assert taken == {"performance_freeze": 302, "performance_publish": 302}  # refused by a notice on the list
