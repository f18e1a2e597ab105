"""The exchange's control plane in a real browser: three languages, desktop and phone, and a request for access from both sides."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from mehvar.accounts.data import Role
from mehvar.exchange.actions import limits, publication
from mehvar.exchange.actions.events import subscriptions
from mehvar.exchange.actions.events.subscriptions import Wish
from mehvar.exchange.models import AccessRequest, AccessRight, Gateway
from tests.factories import events as telling
from tests.factories.exchange import Federation, federation, file_in, granted, submitted
from tests.functional.browsing import checked, errors_of, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Federation:
    file_in(tmp_path, monkeypatch)
    settings.MEHVAR_EXCHANGE_EVENT_KEY_FILE = tmp_path / "event_key.pem"
    return federation()


def furnished(made: Federation) -> dict[str, tuple[object, ...]]:
    """Let one of everything stand in the exchange; give the addresses of pages, one of each kind."""
    right = granted(made)
    asked = submitted(made)
    limits.set_quota(made.operator, calls_per_s=50, burst=100)
    Gateway.objects.create(code="gw-1", address="http://127.0.0.1:2", state="unknown")
    publication.publish("for the page")
    topic = telling.topic(made)
    subscription = subscriptions.subscribe(
        made.consumer_engineer, topic.public_id, subsystem_id=made.clinic.pk, wish=Wish()
    )
    return {
        "home": (),
        "members": (),
        "member": (made.provider.public_id,),
        "subsystem": (made.consumer.public_id, "clinic"),
        "service": (made.service.public_id,),
        "request": (asked.public_id,),
        "agreement": (right.agreement.public_id,),
        "rights": (),
        "groups": (),
        "quotas": (),
        "gateways": (),
        "snapshot": (2,),
        "applications": (),
        "topic": (topic.public_id,),
        "subscription": (subscription.public_id,),
    }


def test_pages_of_every_kind_in_three_languages(
    browser: Browser, live_server: LiveServer, made: Federation
) -> None:
    places = furnished(made)
    visits = (
        (made.operator, "fa", 1280, [*places]),
        (made.consumer_engineer, "vi", 390, ["home", "subsystem", "request", "agreement", "topic", "subscription"]),
        (made.house.people[Role.AUDITOR], "en", 390, ["service", "rights", "gateways", "snapshot"]),
    )  # fmt: skip
    for person, language, width, names in visits:
        with signed_in(browser, live_server, person, language, width) as context:
            page = context.new_page()
            errors = errors_of(page)
            for name in names:
                answer = page.goto(live_server.url + reverse(f"exchange:{name}", args=places[name]))
                assert answer is not None
                assert answer.status == 200, name
                checked(page, f"exchange-{name}-{language}-{width}", contrast=language == "fa")
            assert errors == []


@pytest.mark.parametrize("with_scripts", [True, False], ids=["scripts", "plain"])
def test_access_is_asked_for_returned_asked_again_and_granted(
    browser: Browser, live_server: LiveServer, made: Federation, *, with_scripts: bool
) -> None:
    consumer = signed_in(
        browser, live_server, made.consumer_engineer, "fa", 390, java_script_enabled=with_scripts
    )
    provider = signed_in(browser, live_server, made.provider_engineer, "en", java_script_enabled=with_scripts)
    with consumer, provider:
        asks, answers = consumer.new_page(), provider.new_page()
        errors = errors_of(asks), errors_of(answers)
        asks.goto(live_server.url + reverse("exchange:catalogue_service", args=[made.service.public_id]))
        asks.locator(".page-actions a.button:not(.button-quiet)").click()
        asks.get_by_role("radio").first.check()
        go_on(asks)
        row = AccessRequest.objects.get()
        step_by_step(asks, measured=with_scripts)
        expect(asks.locator("#content .badge").first).to_have_text("در انتظار پاسخ")

        request = live_server.url + reverse("exchange:request", args=[row.public_id])
        answers.goto(live_server.url + reverse("exchange:home"))
        answers.get_by_role("link", name="Answer a request for access").click()
        answers.get_by_role("link", name="Return it with remarks").click()
        answers.locator('[name="note"]').fill("  ")
        go_on(answers)
        expect(answers.locator('[name="note"]')).to_have_attribute("aria-invalid", "true")
        answers.locator('[name="note"]').fill("Which section of the act?")
        go_on(answers)
        expect(answers).to_have_url(request)

        asks.goto(request)
        asks.locator(".page-actions a.button").click()
        expect(asks.locator(".notice")).to_contain_text("Which section of the act?")
        step_by_step(asks, basis="قانون سلامت، ماده ۴")
        answers.goto(request)
        if with_scripts:
            checked(answers, "exchange-request-en-1280", contrast=False)
        answers.locator(".page-actions a.button").click()
        answers.get_by_role("radio").first.check()
        go_on(answers)
        expect(answers.locator("#content .badge").first).to_have_text("Granted")
        asks.goto(live_server.url + reverse("exchange:rights"))
        expect(asks.locator(".matrix tbody .badge")).to_have_count(1)
        assert errors == ([], [])
    right = AccessRight.objects.get()
    assert right.agreement.legal_basis == "قانون سلامت، ماده ۴"


def step_by_step(page: Page, *, basis: str = "قانون", measured: bool = False) -> None:
    """Answer the five questions of a request and submit it."""
    said = {"purpose": "نشانی بیمار", "legal_basis": basis, "calls_per_day": "۲۰۰"}
    for name in ("what", "purpose", "basis", "volume", "dates", "check"):
        assert page.url.endswith(f"/ask/{name}/"), page.url
        if measured and name in {"what", "check"}:
            checked(page, f"exchange-ask-{name}-fa-390")
        for field, words in said.items():
            if page.locator(f'[name="{field}"]').count():
                page.locator(f'[name="{field}"]').fill(words)
        go_on(page)


def go_on(page: Page) -> None:
    """Press a form's main button."""
    page.locator("#content form button.button").first.click()
    page.wait_for_load_state()
