"""A plan's whole way in a browser, with scripts and without: begun, filled, submitted, returned with a remark, mended, accepted."""

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from mehvar.directives.queries.days import today
from mehvar.kernel.calendars import add_days
from mehvar.programmes.models import Delivery
from tests.factories.plans import calling
from tests.functional.browsing import signed_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("loop_apart", "deadline_ahead"),
]


def go_on(page: Page) -> None:
    """Press the main button of a page that asks before it acts."""
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_load_state()


def save(page: Page) -> None:
    """Save the grid and wait until it is stored."""
    with page.expect_navigation():
        page.locator(".sticky-actions button[type=submit]").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_from_the_call_to_acceptance(browser: Browser, live_server: LiveServer, *, scripts: bool) -> None:
    case = calling()
    address = live_server.url + reverse("programmes:plan", args=[case.north_plan.public_id])
    grid = live_server.url + reverse("programmes:plan_grid", args=[case.north_plan.public_id])
    with (
        signed_in(browser, live_server, case.north, "en", java_script_enabled=scripts) as ours,
        signed_in(browser, live_server, case.planner, "en", java_script_enabled=scripts) as theirs,
    ):
        north, planner = ours.new_page(), theirs.new_page()
        north.goto(address)
        north.locator(".page-actions button").click()
        north.wait_for_load_state()
        north.goto(grid)
        north.locator("#id_n1-text").fill("Equip the plants")
        north.locator("#id_n1-owner_office").fill("Office of industry")
        north.locator("#id_n1-due_on").fill(add_days(today(), 90).isoformat())
        save(north)
        north.goto(live_server.url + reverse("programmes:plan_submit", args=[case.north_plan.public_id]))
        go_on(north)
        expect(north.locator(".lead")).to_contain_text("Submitted")

        planner.goto(address)
        planner.locator("#remarks textarea").fill("Name the plants.")
        planner.locator("#remarks form button[type=submit]").click()
        planner.wait_for_load_state()
        planner.locator('a[href$="/return/"]').click()
        planner.wait_for_load_state()
        go_on(planner)
        expect(planner.locator(".lead")).to_contain_text("Returned")

        north.goto(grid)
        expect(north.locator("main")).to_contain_text("Name the plants.")
        north.locator("textarea", has_text="Equip the plants").fill("Equip the plants of Northtown")
        save(north)
        north.goto(live_server.url + reverse("programmes:plan_submit", args=[case.north_plan.public_id]))
        go_on(north)

        planner.goto(address)
        expect(planner.locator("main")).to_contain_text("Equip the plants of Northtown")
        planner.locator('a[href$="/accept/"]').click()
        planner.wait_for_load_state()
        go_on(planner)
        expect(planner.locator(".lead")).to_contain_text("Accepted")
    assert Delivery.objects.filter(plan_item__plan=case.north_plan).count() == 1
