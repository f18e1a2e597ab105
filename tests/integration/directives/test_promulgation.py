"""Promulgation takes effect whole or not at all, and what it made never changes."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from lxml import etree

from mehvar.accounts.data import Role
from mehvar.accounts.models import Notification
from mehvar.directives.actions import lifecycle, promulgation
from mehvar.directives.models import (
    Acknowledgement,
    AssignedBody,
    Directive,
    Measure,
    Promulgation,
    StatusEvent,
)
from mehvar.directives.publication import akn, signing
from mehvar.directives.queries import gates
from mehvar.directives.queries import promulgation as publications
from mehvar.directives.rules.gates import Gate, OpenPoint, state_of
from mehvar.kernel import clock, identifiers
from mehvar.kernel.errors import Conflict, InputError, NotPermitted, TransitionNotAllowed
from mehvar.ledger.models import Entry
from tests.factories.organisations import SmallMinistry, make_organisation, make_user, small_ministry
from tests.factories.promulgation import (
    MORNING,
    PROMULGATED_ON,
    approve,
    approved_directive,
    assign,
    drafted_directive,
    officers_of_provinces,
    promulgated,
    wide_directive,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with clock.fixed(MORNING):
        yield


@pytest.fixture
def house() -> SmallMinistry:
    return small_ministry()


def promulgate(house: SmallMinistry, directive: Directive, number: str = "2026/001") -> Promulgation:
    return promulgation.promulgate_directive(
        house.people[Role.PLANNING_OFFICER], directive.pk, number=number, version=directive.version
    )


def traces(directive: Directive) -> dict[str, int]:
    return {
        "promulgations": Promulgation.objects.count(),
        "assigned": AssignedBody.objects.count(),
        "asked": Acknowledgement.objects.count(),
        "notices": Notification.objects.count(),
        "entries": Entry.objects.count(),
        "events": StatusEvent.objects.filter(directive=directive).count(),
    }


def test_everything_that_was_promised_is_there(house: SmallMinistry) -> None:
    made = promulgate(house, approved_directive(house))
    directive = Directive.objects.get(pk=made.directive_id)
    assert (directive.state, directive.number, directive.dated_on) == (
        "promulgated",
        "2026/001",
        PROMULGATED_ON,
    )
    assert directive.promulgated_at == made.promulgated_at == MORNING
    assert identifiers.content_hash(made.content) == made.content_hash
    with made.pdf.open("rb") as stored:
        pdf = stored.read()
    assert hashlib.sha256(pdf).hexdigest() == made.pdf_sha256
    assert hashlib.sha256(made.xml.encode()).hexdigest() == made.xml_sha256
    assert akn.schema_complaints(made.xml.encode()) == []
    report = signing.signature_of(pdf)
    assert report is not None
    assert report.good
    assert report.certificate_sha256 == made.certificate_sha256
    entry = Entry.objects.get(sequence=made.ledger_sequence)
    assert (entry.action, entry.public, entry.content_hash != "") == ("directive.published", True, True)


def test_groups_are_expanded_on_the_day_and_a_lead_does_not_also_coordinate(house: SmallMinistry) -> None:
    directive = approved_directive(house)
    promulgate(house, directive)
    first, second, third = directive.measures.order_by("position")

    def bodies(measure: Measure, role: str) -> set[str]:
        rows = AssignedBody.objects.filter(measure=measure, role=role)
        return set(rows.values_list("organisation__code", flat=True))

    assert bodies(first, "lead") == {"xx.health"}
    assert bodies(first, "coordinating") == bodies(second, "lead") == {"xx.north", "xx.south"}
    assert bodies(third, "monitoring") == {"xx.min"}
    assert set(AssignedBody.objects.filter(measure=second).values_list("via_group", flat=True)) == {
        "@provinces"
    }
    asked = Acknowledgement.objects.filter(directive=directive)
    assert set(asked.values_list("organisation__code", flat=True)) == {
        "xx.health", "xx.north", "xx.south", "xx.north.ict", "xx.min",
    }  # fmt: skip
    assert {row.due_on.isoformat() for row in asked} == {"2026-05-11"}

    make_organisation("xx.west", parent=house.state, type="province", name_en="West")
    assert bodies(second, "lead") == {"xx.north", "xx.south"}


def test_people_of_the_bodies_are_told_once_each(house: SmallMinistry) -> None:
    north, south = officers_of_provinces(house)
    promulgate(house, approved_directive(house))
    told = Notification.objects.filter(kind="acknowledgement-asked")
    assert set(told.values_list("user_id", flat=True)) == {
        north.pk,
        south.pk,
        house.people[Role.BODY_OFFICER].pk,
        house.people[Role.PROVINCIAL_DIRECTOR].pk,
    }
    assert {row.params["number"] for row in told} == {"2026/001"}


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in {Role.MINISTER, Role.PLANNING_OFFICER}]
)
def test_nobody_else_may_promulgate(house: SmallMinistry, role: Role) -> None:
    directive = approved_directive(house)
    with pytest.raises(NotPermitted):
        promulgation.promulgate_directive(house.people[role], directive.pk, number="1")
    stranger = make_user(Role.PLANNING_OFFICER, house.health)
    with pytest.raises(NotPermitted):
        promulgation.promulgate_directive(stranger, directive.pk, number="1")
    assert Promulgation.objects.count() == 0


@pytest.mark.parametrize("state", ["draft", "consultation", "council", "revision", "awaiting_approval"])
def test_only_an_approved_directive_is_promulgated(house: SmallMinistry, state: str) -> None:
    directive = approved_directive(house)
    Directive.objects.filter(pk=directive.pk).update(state=state)
    with pytest.raises(TransitionNotAllowed):
        promulgate(house, directive)
    assert Promulgation.objects.count() == 0


def _no_measure(directive: Directive, house: SmallMinistry) -> None:
    directive.measures.update(removed_at=MORNING)


def _flagged(directive: Directive, house: SmallMinistry) -> None:
    directive.measures.filter(number="2").update(open_flags=1)


def _leaderless(directive: Directive, house: SmallMinistry) -> None:
    measure = directive.measures.get(number="3")
    measure.assignments.filter(role="lead").delete()
    assign(measure, "lead", name="Office that nobody knows")


def _led_by_an_empty_group(directive: Directive, house: SmallMinistry) -> None:
    measure = directive.measures.get(number="3")
    measure.assignments.filter(role="lead").delete()
    assign(measure, "lead", group="@nobody")


def _no_outcome(directive: Directive, house: SmallMinistry) -> None:
    directive.measures.filter(number="1").update(outcome_indicator="")


def _unanswered(directive: Directive, house: SmallMinistry) -> None:
    from mehvar.directives.models import ConsultationRound, Invitation, Opinion

    opened = ConsultationRound.objects.create(
        directive=directive, number=1, edition=1, opened_at=MORNING, closed_at=MORNING,
        deadline_on=PROMULGATED_ON, first_deadline_on=PROMULGATED_ON,
    )  # fmt: skip
    invitation = Invitation.objects.create(round=opened, organisation=house.planning, invited_at=MORNING)
    Opinion.objects.create(
        invitation=invitation, kind="proposal", target="whole", text="Later, please.", submitted_at=MORNING
    )


def _in_review(directive: Directive, house: SmallMinistry) -> None:
    from mehvar.directives.models import ImportDocument

    ImportDocument.objects.create(
        directive=directive, filename="annex.docx", state="review", pack="xx", issuer=house.ministry,
        uploaded_at=MORNING, size=1, sha256="0" * 64,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "spoil", "points"),
    [
        ("no-measures", _no_measure, 1),
        ("unsettled-flags", _flagged, 1),
        ("missing-lead", _leaderless, 1),
        ("missing-lead", _led_by_an_empty_group, 1),
        ("missing-outcome", _no_outcome, 1),
        ("unanswered-proposals", _unanswered, 1),
        ("unfinished-review", _in_review, 1),
    ],
)
def test_each_gate_blocks_by_itself(
    house: SmallMinistry, code: str, spoil: Callable[[Directive, SmallMinistry], None], points: int
) -> None:
    directive = drafted_directive(house)
    spoil(directive, house)
    approve(directive)
    before = traces(directive)
    with pytest.raises(TransitionNotAllowed) as refused:
        promulgate(house, directive)
    assert refused.value.code == "gates-open"
    assert refused.value.params["gates"] == [code]
    assert traces(directive) == before
    (state,) = gates.open_gates(directive.pk)
    assert state.count == points
    assert state.points[0].path.startswith("/directives/")
    directive.refresh_from_db()
    assert (directive.state, directive.number) == ("approved", "")


def test_another_text_than_the_approved_one_is_not_promulgated(house: SmallMinistry) -> None:
    directive = approved_directive(house)
    directive.measures.filter(number="1").update(text="Something that the minister never read.")
    with pytest.raises(TransitionNotAllowed) as refused:
        promulgate(house, directive)
    assert refused.value.params["gates"] == ["other-text"]


def test_a_later_room_adds_a_gate(house: SmallMinistry) -> None:
    directive = approved_directive(house)
    found = state_of("communication-plan", "Communication plan", [OpenPoint("missing", "/plans/new/")])
    gates.register(Gate("communication-plan", 70, lambda _pk: found))
    try:
        with pytest.raises(TransitionNotAllowed) as refused:
            promulgate(house, directive)
    finally:
        gates.unregister("communication-plan")
    assert refused.value.params["gates"] == ["communication-plan"]
    assert promulgate(house, directive).number == "2026/001"


def test_gates_of_a_large_directive_cost_a_bounded_number_of_queries(
    house: SmallMinistry, django_assert_num_queries: Any
) -> None:
    directive = wide_directive(house, measures=213, bodies=3)
    directive.measures.update(outcome_indicator="", open_flags=1)
    with django_assert_num_queries(26):
        states = {state.code: state for state in gates.open_gates(directive.pk)}
    assert states["missing-outcome"].count == states["unsettled-flags"].count == 213
    assert len(states["missing-outcome"].points) == 20


def test_the_number_belongs_to_one_directive_of_an_issuer(house: SmallMinistry) -> None:
    promulgated(house, number="2026/001")
    other = approved_directive(house, title="Another")
    with pytest.raises(Conflict) as refused:
        promulgate(house, other)
    assert (refused.value.code, refused.value.field) == ("number-taken", "number")
    assert promulgate(house, other, "2026/002").number == "2026/002"


def test_two_who_take_the_same_number_at_once_do_not_both_get_it(
    house: SmallMinistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    directive, rival = approved_directive(house), drafted_directive(house, title="Rival")
    prepare = promulgation._prepare

    def slow(*args: Any, **kwargs: Any) -> Any:
        Directive.objects.filter(pk=rival.pk).update(number="2026/001")
        return prepare(*args, **kwargs)

    monkeypatch.setattr(promulgation, "_prepare", slow)
    before = traces(directive)
    with pytest.raises(Conflict) as refused:
        promulgate(house, directive)
    assert refused.value.code == "number-taken"
    assert traces(directive) == before


@pytest.mark.parametrize("number", ["", "   ", "9" * 81])
def test_a_number_is_needed(house: SmallMinistry, number: str) -> None:
    with pytest.raises(InputError) as refused:
        promulgate(house, approved_directive(house), number)
    assert refused.value.field == "number"


def test_a_text_that_changes_meanwhile_is_not_promulgated(
    house: SmallMinistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    directive = approved_directive(house)
    prepare = promulgation._prepare

    def slow(*args: Any, **kwargs: Any) -> Any:
        prepared = prepare(*args, **kwargs)
        directive.measures.filter(number="1").update(text="Another text")
        return prepared

    monkeypatch.setattr(promulgation, "_prepare", slow)
    with pytest.raises((Conflict, TransitionNotAllowed)):
        promulgate(house, directive)
    assert Promulgation.objects.count() == 0


def test_a_second_promulgation_is_refused(house: SmallMinistry) -> None:
    made = promulgated(house)
    with pytest.raises(TransitionNotAllowed):
        promulgation.promulgate_directive(house.people[Role.MINISTER], made.directive_id, number="2026/009")
    assert Promulgation.objects.get().number == "2026/001"


class BrokenError(RuntimeError):
    """Stand for whatever may go wrong in the middle."""


@pytest.mark.parametrize(
    "place",
    [
        "mehvar.directives.actions.promulgation._take_number",
        "mehvar.directives.actions.promulgation._freeze_assignments",
        "mehvar.directives.actions.promulgation._ask_to_acknowledge",
        "mehvar.directives.actions.promulgation.notifications.notify",
        "mehvar.directives.actions.promulgation._keep",
        "mehvar.directives.actions.promulgation.lifecycle.advance",
        "mehvar.directives.actions.promulgation.aftermath.supersede_predecessor",
    ],
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_failure_at_any_step_leaves_nothing(
    house: SmallMinistry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str, when: str
) -> None:
    officers_of_provinces(house)
    directive = approved_directive(house)
    storage = FileSystemStorage(location=tmp_path)
    monkeypatch.setattr(Promulgation.pdf.field, "storage", storage)
    import importlib

    module_name, _, name = place.rpartition(".")
    try:
        owner: Any = importlib.import_module(module_name)
    except ModuleNotFoundError:
        parent, _, attribute = module_name.rpartition(".")
        owner = getattr(importlib.import_module(parent), attribute)
    real = getattr(owner, name)

    def failing(*args: Any, **kwargs: Any) -> Any:
        if when == "after":
            real(*args, **kwargs)
        raise BrokenError(place)

    before = traces(directive)
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, failing)
        with pytest.raises(BrokenError):
            promulgate(house, directive)
    assert traces(directive) == before
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    directive.refresh_from_db()
    assert (directive.state, directive.number, directive.dated_on) == ("approved", "", None)
    assert promulgate(house, directive).number == "2026/001"
    assert len(list(tmp_path.rglob("*.pdf"))) == 1


def test_what_was_frozen_never_changes(house: SmallMinistry) -> None:
    made = promulgated(house)
    before = (made.content, made.content_hash, made.xml, made.pdf_sha256)
    Measure.objects.filter(directive_id=made.directive_id).update(text="Rewritten afterwards")
    house.health.name_en = "Ministry of Something Else"
    house.health.save()
    made.refresh_from_db()
    assert (made.content, made.content_hash, made.xml, made.pdf_sha256) == before
    assert "Ministry of Health" in made.xml
    assert AssignedBody.objects.filter(directive_id=made.directive_id).count() == 7


def test_the_xml_says_who_acts_and_its_number(house: SmallMinistry) -> None:
    made = promulgated(house)
    root = etree.fromstring(made.xml.encode())
    spaces = {"a": akn.AKN, "m": akn.MEHVAR}
    number = root.xpath("string(//a:docNumber)", namespaces=spaces)
    assert number == "2026/001"
    leads = root.xpath("//m:assignment[@role='lead']/@code", namespaces=spaces)
    assert leads == ["xx.health", "@provinces", "xx.north.ict"]
    assert made.akn_uri == "/akn/xx/act/directive/min/2026-05-04/2026-001"


def test_the_document_is_dated_in_its_own_calendar(house: SmallMinistry) -> None:
    directive = drafted_directive(house, language="fa")
    Directive.objects.filter(pk=directive.pk).update(calendar="jalali")
    directive.refresh_from_db()
    made = promulgate(house, approve(directive), "1405/001")
    assert "۱۴ اردیبهشت ۱۴۰۵" in made.xml
    assert 'date="2026-05-04"' in made.xml


def test_7000_assignments_are_frozen_at_once(house: SmallMinistry) -> None:
    directive = wide_directive(house, measures=100, bodies=70)
    promulgate(house, directive)
    assert AssignedBody.objects.filter(directive=directive).count() == 7000
    assert Acknowledgement.objects.filter(directive=directive).count() == 70


def test_the_preview_says_what_the_promulgation_does(house: SmallMinistry) -> None:
    directive = drafted_directive(house)
    assign(directive.measures.get(number="1"), "coordinating", name="Office that nobody knows")
    assign(directive.measures.get(number="1"), "coordinating", group="@nobody")
    approve(directive)
    preview = publications.preview_of(directive, PROMULGATED_ON)
    promulgate(house, directive)
    rows = AssignedBody.objects.filter(directive=directive)
    assert preview.assignments == rows.count() == 7
    assert preview.bodies == Acknowledgement.objects.filter(directive=directive).count() == 5
    assert preview.roles == {"lead": 4, "coordinating": 2, "overseeing": 0, "monitoring": 1}
    assert preview.unresolved == ("Office that nobody knows",)
    assert {(group.code, group.members) for group in preview.groups} == {("@provinces", 2), ("@nobody", 0)}


def test_the_proposed_number_follows_the_last_one_of_the_year(house: SmallMinistry) -> None:
    directive = approved_directive(house)
    assert publications.proposal_for(directive, PROMULGATED_ON) == "2026/001"
    promulgated(house, number="2026/007")
    assert publications.proposal_for(directive, PROMULGATED_ON) == "2026/008"
    Directive.objects.filter(pk=directive.pk).update(number="2026/003")
    directive.refresh_from_db()
    assert publications.proposal_for(directive, PROMULGATED_ON) == "2026/003"


def test_the_edition_that_was_approved_is_the_one_that_is_recorded(house: SmallMinistry) -> None:
    directive = approved_directive(house)
    edition = lifecycle.latest_edition(directive)
    assert edition is not None
    promulgate(house, directive)
    event = StatusEvent.objects.get(directive=directive, action="promulgate")
    assert event.content_hash == edition.content_hash
