"""The minister's room in pages: plan, begin, every step, decisions, end, minutes in three languages; nobody from another room."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse

from mehvar.accounts.data import Role
from mehvar.directives.models import Resolution
from mehvar.kernel import clock
from mehvar.programmes.models import Stocktake
from tests.factories.promulgation import MORNING
from tests.factories.stocktakes import Room, begun, minister_room, planned
from tests.functional import visiting
from tests.functional.visiting import signed_in

pytestmark = pytest.mark.django_db

page = partial(visiting.page, "programmes")

MEETING = datetime(2026, 7, 4, 6, 0, tzinfo=UTC)
STEPS = ("overview", "fields", "provinces", "red", "obstacles", "late", "earlier")


@pytest.fixture
def room() -> Iterator[Room]:
    with clock.fixed(MORNING):
        made = minister_room()
    with clock.fixed(MEETING):
        yield made


def text_of(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return "\n".join(leaf.get_textpage().get_text_range() for leaf in document)


@pytest.mark.parametrize("language", ["en", "fa", "vi"])
def test_the_whole_meeting(room: Room, language: str) -> None:
    officer = signed_in(room.world.officer, language)
    page(officer, "stocktakes")
    page(officer, "stocktake_new")
    response = officer.post(
        reverse("programmes:stocktake_new"),
        {"title": "Spring", "committee_id": room.committee_id, "held_on": "1405/04/13", "language": language},
    )
    assert response.status_code == 302
    row = Stocktake.objects.get()
    assert row.held_on == MEETING.date()
    here = reverse("programmes:stocktake", args=[row.public_id])
    seats = re.findall(r'name="seat" value="(\d+)"', page(officer, "stocktake", row.public_id))
    assert len(seats) == 2
    begin = {"version": row.version, "seat": seats, "present": seats}
    assert officer.post(here + "begin/", begin).status_code == 302
    for step in STEPS:
        shown = page(officer, "stocktake", row.public_id, step=step)
        assert 'class="stocktake"' in shown
        assert 'aria-current="step"' in shown
        assert 'name="due_on"' in shown
    assert "xx.north" not in page(officer, "stocktake", row.public_id, step="fields", field="Industry")
    refused = officer.post(
        here + "decide/?step=red", {"text": "Act.", "owner": "Nobody at all", "due_on": "x"}
    )
    assert refused.status_code == 422
    given = {"text": "Act.", "owner": "xx.north", "due_on": "۱۴۰۵/۶/۳۱"}
    answer = officer.post(here + "decide/?step=red", given)
    assert answer.status_code == 302
    assert answer["Location"] == f"{here}?step=red#decisions"
    assert Resolution.objects.get().due_on.isoformat() == "2026-09-22"
    row.refresh_from_db()
    page(officer, "stocktake_end", row.public_id)
    assert officer.post(here + "end/", {"version": row.version}).status_code == 302
    for step in STEPS:
        shown = page(officer, "stocktake", row.public_id, step=step)
        assert "Act." in shown
        assert 'name="due_on"' not in shown
    started = time.perf_counter()
    made = officer.get(here + "minutes.pdf", {"language": language})
    assert time.perf_counter() - started < 3  # a second on a quiet machine
    assert made["Content-Type"] == "application/pdf"
    text = text_of(made.content)
    assert "Act" in text
    assert {"en": "Minutes of the stocktake", "fa": "۱۴۰۵", "vi": "2026"}[language] in text


def test_minister_leads_but_other_roles_stay_outside(room: Room) -> None:
    row = begun(room, planned(room, MEETING.date()))
    house = room.world.house
    minister = signed_in(house.people[Role.MINISTER])
    given = {"text": "Act.", "owner": "xx.north", "due_on": "2026-09-22"}
    decide = reverse("programmes:stocktake_decide", args=[row.public_id])
    assert minister.post(decide, given).status_code == 302  # who holds the stocktake decides on the spot
    assert "Act." in page(minister, "stocktake", row.public_id)
    for person in (
        room.world.north,
        room.world.south,
        room.world.health,
        house.people[Role.PUBLIC_RELATIONS],
    ):
        client = signed_in(person)
        page(client, "stocktakes", status=403)
        for name in (
            "stocktake",
            "stocktake_minutes",
            "stocktake_end",
            "stocktake_presence",
            "stocktake_cancel",
        ):
            page(client, name, row.public_id, status=404)
        for name in ("stocktake_begin", "stocktake_decide", "stocktake_end"):
            assert client.post(reverse(f"programmes:{name}", args=[row.public_id])).status_code == 404
    assert Client().get(reverse("programmes:stocktake", args=[row.public_id])).status_code == 302


@pytest.mark.parametrize(
    ("step", "queries"), [("overview", 19), ("provinces", 18), ("red", 17), ("earlier", 12)]
)
def test_steps_cost_few_queries(
    room: Room, step: str, queries: int, django_assert_num_queries: object
) -> None:
    row = begun(room, planned(room, MEETING.date()))
    client = signed_in(room.world.officer)
    with django_assert_num_queries(queries):  # type: ignore[operator]
        page(client, "stocktake", row.public_id, step=step)
