"""Words are found in deliveries and in reports to review, the few as the many, ignoring what people ignore."""

from collections.abc import Iterator

import pytest
from django.test import RequestFactory

from mehvar.kernel import clock
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import texts
from mehvar.programmes.models import Delivery, ProgressReport
from mehvar.programmes.queries import progress, scope, wording
from mehvar.programmes.tables.deliveries import DeliveryTable, ReviewTable
from mehvar.programmes.views.deliveries import with_columns
from tests.factories.progress import ReportingHouse, opened_round, reported, reporting_house
from tests.factories.promulgation import MORNING

pytestmark = pytest.mark.django_db
SAID = {
    "xx.health": "Triển khai hồ sơ điện tử",
    "xx.north": "توسعهٔ شبکه‌ی ملی اطلاعات",
    "xx.north.ict": "Open data for 100 % of towns",
    "xx.south": "Open the one-stop window",
}


@pytest.fixture
def world() -> Iterator[ReportingHouse]:
    with clock.fixed(MORNING):
        world = reporting_house()
        for row in Delivery.objects.select_related("organisation"):
            row.text = SAID[row.organisation.code]
            texts.attach_texts([row])
            row.save()
        yield world


@pytest.mark.parametrize("few", [1000, 0])
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("ho so", {"xx.health"}),
        ("HỒ SƠ dien", {"xx.health"}),
        ("شبكه ملي", {"xx.north"}),
        ("۱۰۰", {"xx.north.ict"}),
        ("100%", {"xx.north.ict"}),
        ("open", {"xx.north.ict", "xx.south"}),
        ("window open", {"xx.south"}),
        ("open missing", set()),
        ("…", set(SAID)),
    ],
)
def test_deliveries_are_found_and_counted_alike(
    world: ReportingHouse, monkeypatch: pytest.MonkeyPatch, few: int, asked: str, found: set[str]
) -> None:
    monkeypatch.setattr(wording, "FEW_TEXTS", few)
    rows = scope.visible_deliveries(organisations.authority_of(world.officer))
    table = DeliveryTable(with_columns(rows), RequestFactory().get("/", {"q": asked}))
    assert {row["organisation__code"] for row in table.rows} == found
    assert table.page.paginator.count == len(found)


@pytest.mark.parametrize("few", [1000, 0])
def test_reports_to_review_are_found_by_the_words_of_their_delivery(
    world: ReportingHouse, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(wording, "FEW_TEXTS", few)
    asked = opened_round(world)
    reported(world, asked, world.south, "xx.south")
    reported(world, asked, world.health, "xx.health")
    waiting = progress.to_review(organisations.authority_of(world.officer))
    table = ReviewTable(waiting, RequestFactory().get("/", {"q": "one stop"}))
    assert [row["delivery__organisation__code"] for row in table.rows] == ["xx.south"]
    assert table.page.paginator.count == 1
    assert ProgressReport.objects.count() == 2
