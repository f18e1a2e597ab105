"""Performance reports: every number has its list, frozen reports keep their hash, publication is public, provinces stay apart."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse

from mehvar.accounts.data import Role
from mehvar.kernel import clock, errors
from mehvar.ledger import queries as ledger
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import deliveries, performance
from mehvar.programmes.models import Delivery
from mehvar.programmes.queries import performance as queries
from mehvar.programmes.rules.performance import Number, verified_progress
from tests.factories.progress import ReportingHouse, reporting_house
from tests.factories.promulgation import MORNING, PROMULGATED_ON
from tests.functional.visiting import signed_in

pytestmark = pytest.mark.django_db

LATER = datetime(2026, 7, 4, 6, 0, tzinfo=UTC)


@pytest.fixture
def world() -> Iterator[ReportingHouse]:
    with clock.fixed(MORNING):
        made = reporting_house()
        health = Delivery.objects.get(organisation__code="xx.health")
        health.state, health.done_on, health.silent, health.approved = "done", PROMULGATED_ON, False, 100
        north = Delivery.objects.get(organisation__code="xx.north")
        north.approved, north.silent = 40, False
        deliveries.store([health, north])
    with clock.fixed(LATER):
        yield made


def test_numbers_agree_with_their_lists(world: ReportingHouse) -> None:
    authority = organisations.authority_of(world.officer)
    subject = queries.subject_for(authority, "", "2026")
    content = queries.content_of(authority, subject)
    numbers = {key: one["value"] for key, one in content["numbers"].items()}
    assert numbers["due"] == 4
    assert numbers["due"] == sum(
        numbers[cell] for cell in ("done_on_time", "done_late", "open_in_time", "open_overdue", "missing")
    )
    assert (numbers["done_on_time"], numbers["done_in_period"], numbers["next"]) == (1, 1, 0)
    assert content["progress"] == {"verified": 0.35, "known": 2, "whole": 4}
    for number in Number:
        assert len(queries.keys_behind(authority, subject, number)) == numbers[number.value]
    quarter = queries.content_of(authority, queries.subject_for(authority, "", "1405-Q1"))
    assert 0 < quarter["numbers"]["due"]["value"] < 4
    assert quarter["numbers"]["next"]["value"] == len(quarter["plan"]) > 0


def test_unverified_counts_as_nothing_done() -> None:
    assert verified_progress([(3.0, 50), (1.0, None)]).verified == 0.375
    assert verified_progress([]).verified is None


def test_frozen_stays_and_publication_is_public(world: ReportingHouse) -> None:
    row = performance.freeze_report(world.officer, body="xx.north", period="2026")
    Delivery.objects.filter(organisation__code="xx.north").update(due_on=None)
    row.refresh_from_db()
    assert row.content["numbers"]["due"]["value"] == 2
    assert queries.is_intact(row)
    source = {"body": "xx.north", "period": "2026", "number": "due", "report": row.public_id}
    officer = signed_in(world.officer)
    shown = officer.get(reverse("programmes:performance_source"), source).content.decode()
    assert "the rows have changed since" in shown
    with pytest.raises(errors.NotPermitted):
        performance.publish_report(world.officer, row.public_id)
    everyone, address = Client(), reverse("programmes:performance_report", args=[row.public_id])
    assert everyone.get(address).status_code == 404
    minister = signed_in(world.house.people[Role.MINISTER])
    assert minister.post(address + "publish/").status_code == 302
    assert everyone.get(address).status_code == 200
    assert address in everyone.get(reverse("programmes:performance_public")).content.decode()
    assert [one.action for one in ledger.history_of("performance-report", row.public_id).object_list] == [
        "performance.publish"
    ]
    with pytest.raises(errors.Conflict):
        performance.publish_report(world.house.people[Role.MINISTER], row.public_id)
    with pytest.raises(errors.Conflict):
        performance.freeze_report(world.officer, body="", period="2031")


def test_provinces_stay_apart(world: ReportingHouse) -> None:
    row = performance.freeze_report(world.north, body="xx.north", period="2026")
    south = signed_in(world.south)
    page = reverse("programmes:performance")
    assert row.public_id not in south.get(page).content.decode()
    assert row.public_id in signed_in(world.officer).get(page).content.decode()
    for name in ("performance_report", "performance_pdf"):
        assert south.get(reverse(f"programmes:{name}", args=[row.public_id])).status_code == 404
    assert south.post(reverse("programmes:performance_publish", args=[row.public_id])).status_code == 404
    asked = {"body": "xx.north", "period": "2026"}
    assert south.get(page, asked).status_code == 404
    assert south.get(reverse("programmes:performance_source"), {**asked, "number": "due"}).status_code == 404
    assert south.post(reverse("programmes:performance_freeze"), asked).status_code == 404
    own = {"body": "xx.south", "period": "2026"}
    assert south.get(page, own).status_code == 200
    ministry = queries.subject_for(organisations.authority_of(world.officer), "", "2026").body.code
    assert south.get(page, {"body": ministry, "period": "2026"}).status_code == 404


@pytest.mark.parametrize(("language", "word"), [("en", "Performance report"), ("fa", "۲۰۲۶"), ("vi", "2026")])
def test_pages_and_paper(
    world: ReportingHouse, language: str, word: str, django_assert_num_queries: object
) -> None:
    officer = signed_in(world.officer, language)
    page = reverse("programmes:performance")
    assert officer.get(page, {"period": "next year"}).status_code == 422
    with django_assert_num_queries(31):  # type: ignore[operator]
        shown = officer.get(page, {"period": "2026"})
    assert shown.status_code == 200
    answer = officer.post(reverse("programmes:performance_freeze"), {"body": "xx.north", "period": "2026"})
    with django_assert_num_queries(15):  # type: ignore[operator]
        assert officer.get(answer["Location"]).status_code == 200
    for number in Number:
        asked = {"body": "xx.north", "period": "2026", "number": number.value}
        assert officer.get(reverse("programmes:performance_source"), asked).status_code == 200
    made = officer.get(answer["Location"] + "report.pdf", {"language": language})
    text = "\n".join(leaf.get_textpage().get_text_range() for leaf in pypdfium2.PdfDocument(made.content))
    assert word in text
