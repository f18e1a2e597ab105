"""An operator chooses other thresholds and has all colours computed anew; the act is on record."""

from collections.abc import Iterator

import pytest
from django.test import override_settings

from mehvar.config import cli
from mehvar.config.environment import Environment
from mehvar.directives.queries.days import today
from mehvar.kernel import clock
from mehvar.ledger.models import Entry
from mehvar.programmes.actions import recomputation
from mehvar.programmes.models import CellTally, Delivery
from mehvar.programmes.queries import deliveries as queries
from tests.factories.progress import ReportingHouse, approved, opened_round, reported, reporting_house
from tests.factories.promulgation import MORNING

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Iterator[ReportingHouse]:
    with clock.fixed(MORNING):
        yield reporting_house()


def test_other_thresholds_give_other_colours(
    world: ReportingHouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(recomputation, "PART", 2)
    asked = opened_round(world)
    approved(world, reported(world, asked, world.south, "xx.south", claimed=50), world.officer)
    south = world.delivery("xx.south")
    before = south.amber_on
    assert queries.rating_of(south, today()) == "green"
    strict = {"amber_gap": 0, "red_gap": 1, "near_days": 400, "near_progress": 90}
    CellTally.objects.all().delete()
    with override_settings(MEHVAR_STATUS_THRESHOLDS=strict):
        assert cli.main(["programmes", "recompute"]) == 0
        told = capsys.readouterr().out
        assert told == "4 open deliveries, 1 with new colours; 4 tallies\n"
        south = world.delivery("xx.south")
        assert south.amber_on is not None
        assert before is not None
        assert south.amber_on < before
        assert queries.rating_of(south, today()) == "amber"
        assert recomputation.recompute_status().changed == 0
    assert recomputation.recompute_status() == recomputation.Recomputed(4, 1, 4)
    assert Delivery.objects.get(pk=south.pk).amber_on == before
    assert CellTally.objects.count() == 4
    assert Entry.objects.filter(action="status.recompute").count() == 3


def test_thresholds_come_from_the_environment() -> None:
    chosen = Environment.read({"MEHVAR_STATUS_AMBER_GAP": "5", "MEHVAR_STATUS_NEAR_DAYS": "30"})
    assert (chosen.status_amber_gap, chosen.status_red_gap) == (5, 25)
    assert (chosen.status_near_days, chosen.status_near_progress) == (30, 80)
