"""Catalogue, inquiries and the citizen's list in a real browser: three languages, desktop and phone, without barriers."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from mehvar.accounts.data import Role
from mehvar.exchange.actions import batches, indexing, outward, subjects
from mehvar.exchange.actions.outward import Heard
from mehvar.exchange.models import Gateway, InquiryFlag
from mehvar.kernel import clock
from tests.factories.evidence import Writer, leaf
from tests.factories.inquiries import READ, Desk, desk
from tests.functional.browsing import checked, errors_of, signed_in, visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ANA = "0012345678"


def prepared(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Make a desk with a month of calls, and let answers come without a network."""
    told = {"owner": ANA, "parcels": [{"number": "۱۲/۳", "area": 240.5}]}
    answer = Heard(
        200,
        (("Content-Type", "application/json"), ("X-Road-Request-Id", "request-1")),
        json.dumps(told).encode(),
        42,
    )
    monkeypatch.setattr(outward, "call", lambda *_places, **_facts: answer)
    made = desk(folder, monkeypatch, test_base_url="http://127.0.0.1:1/test")
    writer = Writer(folder / "evidence").begin()
    facts = {
        "client": "MEHVAR/GOV/health/clinic", "service": "MEHVAR/GOV/min/registry/parcels",
        "agreement": made.right.agreement.public_id, "purpose": "patient address",
    }  # fmt: skip
    now = clock.now()
    for number in range(1, 40):
        at = now - timedelta(hours=17 * number)
        writer.write(leaf(at=at, ms=7 * number, status=200 if number % 9 else 503, **facts))
    writer.write(leaf(at=now, request_id="request-1", subject=subjects.tokens_of(ANA)[0], **facts))
    Gateway.objects.create(
        code="gw", address="http://127.0.0.1:2", evidence_folder=str(writer.folder), state="ok"
    )
    indexing.index_evidence()
    return made


def test_pages_of_the_exchange_in_a_browser(
    browser: Browser, live_server: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = prepared(tmp_path, monkeypatch)
    service = made.made.service.public_id
    rows = (f"owner\n{ANA}\n0000000001\n").encode()
    batch, _ = batches.take_file(
        made.officer, made.authorisation.public_id, READ, data=rows, filename="list.csv", reference="8"
    )
    assert batch is not None
    InquiryFlag.objects.create(
        officer=made.officer, day=clock.today(), count=99, usual=3, found_at=clock.now()
    )
    visits = (
        (made.made.operator, "fa", 1280, [("catalogue", ()), ("catalogue_service", (service,)), ("catalogue_code", (service,)), ("calls", ()), ("call", ("request-1",)), ("statistics", ()), ("evidence", ()), ("delays", ())]),
        (made.made.consumer_engineer, "vi", 390, [("catalogue", ()), ("catalogue_service", (service,)), ("catalogue_try", (service,)), ("calls", ()), ("statistics", ())]),
        (made.officer, "fa", 390, [("inquiries", ()), ("inquiry_ask", (made.authorisation.public_id,)), ("inquiry_ask_file", (made.authorisation.public_id,)), ("inquiry_file", (batch.public_id,)), ("counter", ())]),
        (made.director, "en", 1280, [("authorisations", ()), ("authorise", ())]),
        (made.made.house.people[Role.AUDITOR], "en", 390, [("unusual", ())]),
    )  # fmt: skip
    for person, language, width, pages in visits:
        with signed_in(browser, live_server, person, language, width) as context:
            page = context.new_page()
            errors = errors_of(page)
            for name, facts in pages:
                page.goto(live_server.url + reverse(f"exchange:{name}", args=facts))
                checked(page, f"exchange-{name}-{language}-{width}")
            assert errors == []


def test_an_officer_asks_and_the_citizen_sees_it(
    browser: Browser, live_server: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = prepared(tmp_path, monkeypatch)
    with signed_in(browser, live_server, made.officer, "fa", 390) as context:
        page = context.new_page()
        page.goto(live_server.url + reverse("exchange:inquiries"))
        page.locator(".catalogue a.button").click()
        page.locator('[name="path.owner"]').fill("۰۰۱۲۳۴۵۶۷۸")
        page.locator('[name="reference"]').fill("پرونده ۷")
        page.get_by_role("main").get_by_role("button").first.click()
        expect(page.locator(".record")).to_contain_text("مالک")
        checked(page, "exchange-inquiry-fa-390")
        page.goto(live_server.url + reverse("exchange:counter"))
        page.locator('[name="identifier"]').fill(ANA)
        page.locator('[name="document"]').fill("کارت ملی")
        page.get_by_role("main").get_by_role("button").first.click()
        code = page.locator(".shown-code").inner_text()
        checked(page, "exchange-code-fa-390")
    for language in ("fa",):
        with visitor(browser, language, 390) as context:
            page = context.new_page()
            page.goto(live_server.url + reverse("exchange:about"))
            checked(page, f"exchange-about-{language}-390")
            page.locator('[name="identifier"]').fill("۰۰۱۲۳۴۵۶۷۸")
            page.locator('[name="code"]').fill(code)
            page.get_by_role("main").get_by_role("button").first.click()
            expect(page.locator(".asked > li")).to_have_count(1)
            checked(page, f"exchange-about-list-{language}-390")
            page.locator(".asked a").first.click()
            expect(page.locator("dl")).to_contain_text("Health Act")
            checked(page, f"exchange-about-call-{language}-390")
            with page.expect_download() as download:
                page.locator("a.button").last.click()
            assert download.value.suggested_filename == "receipt-request-1.json"
            page.go_back()
            page.goto(live_server.url + reverse("exchange:about_list"))
            page.get_by_role("main").get_by_role("button").last.click()
            page.goto(live_server.url + reverse("exchange:about_list"))
            expect(page).to_have_url(live_server.url + reverse("exchange:about"))
