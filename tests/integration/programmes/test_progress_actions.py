"""Rounds, reports, evidence, extensions, completion and confidence: who may do what, and what stays on record."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from mehvar.accounts.data import Role
from mehvar.accounts.models import Notification
from mehvar.kernel import clock, errors
from mehvar.ledger import queries as ledger
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import completion, confidence, evidence, extensions, reports, rounds
from mehvar.programmes.actions.reports import Entry
from mehvar.programmes.models import Delivery, Holiday, ProgressReport, StatusRecord
from mehvar.programmes.queries import deliveries as delivery_queries
from mehvar.programmes.queries import scope
from mehvar.programmes.rules.progress import ReportStep
from tests.factories.organisations import make_user
from tests.factories.progress import ReportingHouse, approved, opened_round, reported, reporting_house
from tests.factories.promulgation import MORNING, PROMULGATED_ON

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 minutes of the assessment"


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with clock.fixed(MORNING):
        yield


@pytest.fixture
def world() -> ReportingHouse:
    return reporting_house()


def later(days: int) -> datetime:
    return datetime(2026, 5, 4, 6, 0, tzinfo=UTC) + timedelta(days=days)


def acts_on(delivery: Delivery, world: ReportingHouse) -> list[str]:
    found = ledger.history_of("delivery", delivery.public_id, person=world.officer, page=1)
    return [entry.action for entry in found]


def test_a_round_asks_every_body_with_something_open_and_tells_its_people(world: ReportingHouse) -> None:
    asked = opened_round(world)
    codes = set(asked.requests.values_list("organisation__code", flat=True))
    assert codes == {"xx.health", "xx.north", "xx.north.ict", "xx.south"}
    told = set(Notification.objects.filter(kind="report-asked").values_list("user__name", flat=True))
    assert told == {"body_officer", "north officer", "south officer", "provincial_director"}
    with pytest.raises(errors.Conflict):
        opened_round(world)
    with pytest.raises(errors.NotPermitted):
        rounds.open_round(
            world.north, period="2026-Q3", due_on=later(20).date(), directive_id=world.directive.pk
        )
    with pytest.raises(errors.InputError):
        rounds.open_round(
            world.officer, period="2026-Q3", due_on=date(2026, 1, 1), directive_id=world.directive.pk
        )
    jalali = opened_round(world, period="۱۴۰۵-q1")
    assert jalali.period == "1405-Q1"


def test_claimed_accepted_and_approved_stay_apart(world: ReportingHouse) -> None:
    asked = opened_round(world)
    report = reported(world, asked, world.north, "xx.north", claimed=50)
    delivery = world.delivery("xx.north")
    assert (delivery.claimed, delivery.accepted, delivery.approved, delivery.silent) == (
        50,
        None,
        None,
        False,
    )
    assert delivery_queries.rating_of(delivery) == "unknown"
    report = reports.accept_report(
        world.officer, report.pk, version=1, accepted=40, reason="One plant is not proven."
    )
    with pytest.raises(errors.InputError):
        reports.approve_report(world.officer, report.pk, version=2, approved=30)
    reports.approve_report(world.officer, report.pk, version=2)
    delivery = world.delivery("xx.north")
    assert (delivery.claimed, delivery.accepted, delivery.approved) == (50, 40, 40)
    assert delivery_queries.rating_of(delivery) == "green"
    assert acts_on(delivery, world) == ["report.approve", "report.accept", "report.submit"]


def test_nobody_reviews_his_own_report_or_that_of_another_line(world: ReportingHouse) -> None:
    asked = opened_round(world)
    report = reported(world, asked, world.north, "xx.north")
    deputy_of_north = make_user(Role.DEPUTY, world.house.north)
    for stranger, refusal in (
        (world.south, errors.NotFound),
        (world.health, errors.NotFound),
        (world.north, errors.NotPermitted),
        (deputy_of_north, errors.NotPermitted),  # sits in the reporting body itself
    ):
        with pytest.raises(refusal):
            reports.accept_report(stranger, report.pk, version=report.version)
    superior = make_user(Role.DEPUTY, world.house.state)
    accepted = reports.accept_report(superior, report.pk, version=report.version)
    with pytest.raises(errors.NotPermitted):
        reports.approve_report(superior, report.pk, version=accepted.version)


def test_returned_with_reason_and_given_again(world: ReportingHouse) -> None:
    asked = opened_round(world)
    report = reported(world, asked, world.south, "xx.south")
    assert world.request(asked, "xx.south").submitted_at is not None
    with pytest.raises(errors.InputError):
        reports.return_report(world.officer, report.pk, version=1, reason="  ")
    returned = reports.return_report(world.officer, report.pk, version=1, reason="Attach the minutes.")
    assert world.request(asked, "xx.south").submitted_at is None
    note = Notification.objects.get(kind="report-returned")
    assert note.user == world.south
    entry = Entry(report.delivery_id, returned.version, 40, "amber", "Two plants assessed.", "Eight more.")
    again = reports.save_reports(world.south, world.request(asked, "xx.south").pk, [entry], submit=True)[0]
    assert (again.state, again.version) == ("claimed", 3)


def test_two_people_at_one_report_lose_nothing(world: ReportingHouse) -> None:
    asked = opened_round(world)
    request, delivery = world.request(asked, "xx.north").pk, world.delivery("xx.north")
    reports.save_reports(world.north, request, [Entry(delivery.pk, 0, 10, done_text="First words")])
    with pytest.raises(errors.Conflict) as caught:
        reports.save_reports(world.north, request, [Entry(delivery.pk, 0, 20, done_text="Second words")])
    assert caught.value.params["delivery"] == delivery.pk
    kept = ProgressReport.objects.get()
    assert (kept.claimed, kept.done_text, kept.state, kept.version) == (10, "First words", "draft", 1)
    # the very same words again are no conflict worth a new version
    assert (
        reports.save_reports(world.north, request, [Entry(delivery.pk, 1, 10, done_text="First words ")])
        == []
    )


def test_one_wrong_line_keeps_all_lines_out(world: ReportingHouse) -> None:
    asked = opened_round(world)
    request, delivery = world.request(asked, "xx.north").pk, world.delivery("xx.north")
    foreign = world.delivery("xx.south")
    good = Entry(delivery.pk, 0, 10, done_text="Words")
    for bad, refusal in (
        (Entry(foreign.pk, 0, 10, done_text="Not mine"), errors.NotFound),
        (Entry(delivery.pk, 0, 101, done_text="Too much"), errors.InputError),
        (Entry(delivery.pk, 0, None, done_text="No figure"), errors.InputError),
        (Entry(delivery.pk, 0, 10), errors.InputError),
        (Entry(delivery.pk, 0, 10, "purple", "Words"), errors.InputError),
    ):
        lines = [good, bad] if bad.delivery_id != delivery.pk else [bad]
        with pytest.raises(refusal):
            reports.save_reports(world.north, request, lines, submit=True)
        assert not ProgressReport.objects.exists()


def test_a_closed_period_refuses_and_its_status_stays(world: ReportingHouse) -> None:
    asked = opened_round(world)
    report = approved(world, reported(world, asked, world.north, "xx.north", claimed=5), world.officer)
    assert rounds.close_round(world.officer, asked.pk, version=1) == 4
    records = {row.delivery.organisation.code: row for row in StatusRecord.objects.all()}
    assert (records["xx.north"].approved, records["xx.north"].computed, records["xx.north"].cell) == (
        5, "green", "open_in_time",
    )  # fmt: skip
    assert (records["xx.health"].computed, records["xx.health"].cell) == ("unknown", "missing")
    with pytest.raises(errors.Conflict) as caught:
        reported(world, asked, world.health, "xx.health")
    assert caught.value.code == "period-closed"
    with pytest.raises(errors.Conflict):
        reports.return_report(world.officer, report.pk, version=report.version, reason="Too late")
    with pytest.raises(errors.Conflict):
        rounds.close_round(world.officer, asked.pk, version=2)
    with clock.fixed(later(40)):
        following = opened_round(world, period="2026-Q3", due_on=later(50).date())
        approved(world, reported(world, following, world.health, "xx.health", claimed=90), world.officer)
        rounds.close_round(world.officer, following.pk, version=1)
    assert StatusRecord.objects.get(pk=records["xx.health"].pk).computed == "unknown"
    assert StatusRecord.objects.filter(period="2026-Q3").count() == 4
    silent = world.delivery("xx.north")
    assert silent.silent  # reported once, then kept silent: grey again
    assert delivery_queries.rating_of(silent, later(41).date()) == "unknown"


def test_missing_reports_alert_the_officer_and_climb_after_two_working_days(world: ReportingHouse) -> None:
    asked = opened_round(world, due_on=date(2026, 5, 14))  # a Thursday
    Holiday.objects.create(country=world.house.north.pack, day=date(2026, 5, 18), name="A day of mourning")
    reported(world, asked, world.health, "xx.health")
    assert rounds.chase_missing_reports(date(2026, 5, 14)) == 0

    def told(day: int) -> list[str]:
        Notification.objects.filter(kind="report-late").delete()
        with clock.fixed(datetime(2026, 5, day, 6, 0, tzinfo=UTC)):
            rounds.chase_missing_reports()
            assert rounds.chase_missing_reports() == 0  # once is enough
        rows = Notification.objects.filter(kind="report-late", params__body="North")
        return sorted(rows.values_list("user__name", flat=True))

    assert told(15) == ["north officer"]  # Friday
    assert told(18) == []  # the weekend does not count
    assert told(19) == []  # nor does a day on which the ministry closed its offices
    climbed = told(20)
    assert climbed
    assert "north officer" not in climbed
    assert told(21) == []
    reported(world, asked, world.north, "xx.north")
    assert told(29) == []


def test_evidence_is_checked_kept_and_removed(world: ReportingHouse) -> None:
    asked = opened_round(world)
    request, delivery = world.request(asked, "xx.north").pk, world.delivery("xx.north")
    kept = evidence.attach_evidence(world.north, request, delivery.pk, filename="../صورت‌جلسه.pdf", data=PDF)
    assert (kept.filename, kept.size) == ("صورت‌جلسه.pdf", len(PDF))
    for name, data, refusal in (
        ("virus.exe", b"MZ", errors.InputError),
        ("page.pdf", b"<html>", errors.InputError),
        ("empty.pdf", b"", errors.InputError),
        ("big.pdf", b"%PDF-" + b"0" * (10 * 1024 * 1024), errors.LimitExceeded),
        ("notes.txt", b"a\x00b", errors.InputError),
    ):
        with pytest.raises(refusal):
            evidence.attach_evidence(world.north, request, delivery.pk, filename=name, data=data)
    with pytest.raises(errors.NotFound):
        evidence.attach_evidence(world.south, request, delivery.pk, filename="a.pdf", data=PDF)
    evidence.remove_evidence(world.north, request, kept.pk)
    assert acts_on(delivery, world) == ["report.detach", "report.attach"]


def test_more_time_keeps_the_first_date(world: ReportingHouse) -> None:
    delivery = world.delivery("xx.north")
    first, wanted = delivery.due_on, date(2026, 9, 1)
    asked = extensions.request_extension(world.north, delivery.pk, due_on=wanted, reason="Equipment is late.")
    with pytest.raises(errors.Conflict):
        extensions.request_extension(world.north, delivery.pk, due_on=wanted, reason="Again.")
    with pytest.raises(errors.NotFound):
        extensions.request_extension(world.south, delivery.pk, due_on=wanted, reason="Not mine.")
    with pytest.raises(errors.NotPermitted):
        extensions.decide_extension(world.north, asked.pk, version=1, granted=True)
    with pytest.raises(errors.InputError):
        extensions.decide_extension(world.officer, asked.pk, version=1, granted=False)
    extensions.decide_extension(world.officer, asked.pk, version=1, granted=True)
    delivery.refresh_from_db()
    assert (delivery.due_on, delivery.first_due_on) == (wanted, first)
    assert delivery.red_on == wanted + timedelta(1)
    with pytest.raises(errors.Conflict):
        extensions.decide_extension(world.officer, asked.pk, version=1, granted=True)


def test_completion_is_verified_by_another_body(world: ReportingHouse) -> None:
    delivery = world.delivery("xx.north")
    with pytest.raises(errors.InputError):
        completion.claim_completion(world.north, delivery.pk, claimed_on=later(3).date(), note="Done.")
    claim = completion.claim_completion(
        world.north, delivery.pk, claimed_on=PROMULGATED_ON, note="All assessed."
    )
    assert delivery_queries.cell_of_delivery(world.delivery("xx.north")) == "missing"
    own_auditor = make_user(Role.AUDITOR, world.house.north)
    own_deputy = make_user(Role.DEPUTY, world.house.north)
    below = make_user(Role.DEPUTY, world.house.north_ict)
    for person, refusal in (
        (world.north, errors.NotPermitted),
        (own_auditor, errors.NotPermitted),
        (world.auditor, errors.NotPermitted),  # reads everything, decides nothing
        (own_deputy, errors.NotPermitted),
        (below, errors.NotFound),
        (world.south, errors.NotFound),
        (world.inspector, errors.NotFound),  # reaches neither body until appointed
    ):
        with pytest.raises(refusal):
            completion.verify_completion(person, claim.pk, version=1, verified=True)
    with pytest.raises(errors.InputError):
        completion.verify_completion(world.officer, claim.pk, version=1, verified=False)
    completion.verify_completion(
        world.officer, claim.pk, version=1, verified=False, verdict="Two plants are missing."
    )
    assert world.delivery("xx.north").state == "open"
    claim = completion.claim_completion(world.north, delivery.pk, claimed_on=PROMULGATED_ON, note="Now all.")
    with pytest.raises(errors.InputError):
        completion.appoint_verifier(world.officer, claim.pk, world.house.north.pk, version=1)
    inspectorate = world.inspector.positions.get().organisation_id
    completion.appoint_verifier(world.officer, claim.pk, inspectorate, version=1)
    with pytest.raises(errors.NotPermitted):
        completion.verify_completion(world.officer, claim.pk, version=2, verified=True)
    for reader, sees in ((world.inspector, True), (world.south, False)):
        authority = organisations.authority_of(reader)
        seen = scope.visible_deliveries(authority).filter(pk=delivery.pk).exists()
        assert not seen  # it joins no list of theirs
        if sees:
            assert scope.visible_delivery(authority, delivery.public_id) == delivery
        else:
            with pytest.raises(errors.NotFound):
                scope.visible_delivery(authority, delivery.public_id)
    told = Notification.objects.filter(kind="completion-claimed", user=world.inspector)
    assert told.count() == 1
    completion.verify_completion(world.inspector, claim.pk, version=2, verified=True)
    done = world.delivery("xx.north")
    assert (done.state, done.approved, done.done_on) == ("done", 100, PROMULGATED_ON)
    assert delivery_queries.cell_of_delivery(done) == "done_on_time"
    assert delivery_queries.rating_of(done) == "green"


def test_confidence_is_a_judgement_with_reason_and_history(world: ReportingHouse) -> None:
    delivery = world.delivery("xx.health")
    minister = world.house.people[Role.MINISTER]
    with pytest.raises(errors.InputError):
        confidence.judge_confidence(minister, delivery.pk, confidence="red", reason="")
    with pytest.raises(errors.NotPermitted):
        confidence.judge_confidence(world.health, delivery.pk, confidence="green", reason="We are sure.")
    confidence.judge_confidence(minister, delivery.pk, confidence="red", reason="No budget.")
    confidence.judge_confidence(minister, delivery.pk, confidence="amber", reason="Half a budget.")
    assert [row.confidence for row in delivery.judgements.all()] == ["red", "amber"]
    delivery.refresh_from_db()
    assert delivery.confidence == "amber"


def test_reviewing_many_tells_what_was_refused(world: ReportingHouse) -> None:
    asked = opened_round(world)
    one = reported(world, asked, world.north, "xx.north")
    two = reported(world, asked, world.south, "xx.south")
    done, refused = reports.review_many(world.officer, [(one.pk, 1), (two.pk, 7)], ReportStep.ACCEPT)
    assert done == 1
    assert [(key, error.code) for key, error in refused] == [(two.pk, "stale-report")]
