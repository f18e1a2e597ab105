"""Pages on which lists go out and come in: their scope, their states, and the whole journey in a browser, also without scripts."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, expect
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks
from pytest_django.live_server_helper import LiveServer

from mehvar.accounts.data import Role
from mehvar.accounts.models import User
from mehvar.kernel import clock
from mehvar.programmes.data import SheetKind, SheetState
from mehvar.programmes.models import Obstacle, SheetImport
from mehvar.programmes.rules import imports as rules
from tests.factories.obstacles import raised_by_north
from tests.factories.organisations import SmallMinistry, small_ministry
from tests.factories.plans import calling
from tests.factories.progress import opened_round, reporting_house
from tests.factories.promulgation import MORNING
from tests.functional import browsing
from tests.functional.visiting import signed_in

PAGE_QUERIES = 13


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def morning() -> Iterator[None]:
    with clock.fixed(MORNING):
        yield


def path_of(name: str, *args: object) -> str:
    return reverse(f"programmes:{name}", args=args)


def table(*rows: dict[str, str], language: str = "en") -> bytes:
    heads = rules.heads(SheetKind.OBSTACLES, language)
    target = io.StringIO()
    writer = csv.writer(target)
    columns = ["title", "text", "cause", "raised_by"]
    writer.writerow([heads[column] for column in columns])
    writer.writerows([[row.get(column, "") for column in columns] for row in rows])
    return target.getvalue().encode("utf-8-sig")


def row(number: int, **more: str) -> dict[str, str]:
    return {"title": f"No land {number}", "text": "Not handed over.", "raised_by": "xx.north.ict", **more}


@pytest.mark.django_db
@pytest.mark.usefixtures("morning")
def test_a_file_is_checked_shown_taken_over_and_comes_back_with_what_is_wrong(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    house = small_ministry()
    director = house.people[Role.PROVINCIAL_DIRECTOR]
    client = signed_in(director)
    address = path_of("sheet", "obstacles")
    page = client.get(address).content.decode()
    assert "Which columns there are" in page
    assert "Law or permit" in page
    given = SimpleUploadedFile("موانع.csv", table(row(1), row(2, cause="Weather")))
    with django_capture_on_commit_callbacks(execute=True):
        sent = client.post(address, {"file": given})
    assert sent.status_code == 302
    with django_assert_max_num_queries(PAGE_QUERIES):
        page = client.get(sent["Location"]).content.decode()
    for words in ("What the file would do", "موانع.csv", "“Weather” is none of", "Take it over"):
        assert words in page
    assert Obstacle.objects.count() == 0
    sheet = SheetImport.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(path_of("sheet_accept", sheet.public_id))
    page = client.get(sent["Location"]).content.decode()
    assert "What became of the rows" in page
    assert Obstacle.objects.count() == 1
    back = client.get(path_of("sheet_table", sheet.public_id), {"format": "csv", "refused": "1"})
    text = b"".join(back.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert len(list(csv.reader(io.StringIO(text)))) == 2
    assert "Cause: “Weather”" in text
    book = client.get(path_of("sheet_table", sheet.public_id))
    assert b"".join(book.streaming_content).startswith(b"PK")  # type: ignore[attr-defined]
    assert "موانع.csv" in client.get(path_of("sheet_imports")).content.decode()
    stranger = signed_in(house.people[Role.PLANNING_OFFICER])
    for name in ("sheet_import", "sheet_table"):
        assert stranger.get(path_of(name, sheet.public_id)).status_code == 404
    for name in ("sheet_accept", "sheet_cancel", "sheet_resume"):
        assert stranger.post(path_of(name, sheet.public_id)).status_code == 404
        assert client.get(path_of(name, sheet.public_id)).status_code == 405


@pytest.mark.django_db
@pytest.mark.usefixtures("morning")
def test_what_is_no_table_is_said_beside_the_field() -> None:
    client = signed_in(small_ministry().people[Role.PROVINCIAL_DIRECTOR], "vi")
    answer = client.post(path_of("sheet", "obstacles"), {"file": SimpleUploadedFile("x.xlsx", b"PK broken")})
    assert answer.status_code == 422
    assert "error-summary" in answer.content.decode()
    assert SheetImport.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.usefixtures("morning")
def test_lists_go_out_filtered_and_only_ones_own() -> None:
    house = small_ministry()
    raised_by_north(house)
    raised_by_north(house, title="No power", text="The line is weak.")
    north, south = house.people[Role.PROVINCIAL_DIRECTOR], house.south_director

    def lines(user: User, address: str, **query: str) -> list[list[str]]:
        answer = signed_in(user).get(address, query)
        assert answer.status_code == 200
        text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        return list(csv.reader(io.StringIO(text)))

    found = lines(north, path_of("obstacles"), export="csv", q="power")
    assert (len(found), found[0]) == (2, list(rules.heads(SheetKind.OBSTACLES, "en").values()))
    assert "No power" in found[1]
    assert len(lines(north, path_of("sheet_export", "obstacles"), format="csv")) == 3
    assert len(lines(south, path_of("sheet_export", "obstacles"), format="csv")) == 1
    assert len(lines(north, path_of("sheet_export", "obstacles"), format="csv", empty="1")) == 1
    client = signed_in(south)
    assert client.get(path_of("sheet_export", "obstacles"), {"format": "pdf"}).status_code == 422
    assert client.get(path_of("sheet", "weather")).status_code == 404
    auditor = signed_in(house.people[Role.AUDITOR]).get(path_of("sheet", "obstacles")).content.decode()
    assert "Check the file" not in auditor
    assert Client().get(path_of("sheet", "obstacles")).status_code == 302


@pytest.mark.django_db
@pytest.mark.usefixtures("morning")
def test_the_lists_of_a_programme_a_call_and_a_round_have_their_spreadsheets() -> None:
    case = calling()
    planner, north = signed_in(case.planner), signed_in(case.north)
    for kind, subject, page in (
        ("measures", case.programme.public_id, "programme"),
        ("plan-items", case.call.public_id, "call"),
    ):
        address = path_of("sheet", kind, subject)
        assert address in planner.get(path_of(page, subject)).content.decode()
        assert north.get(address).status_code == 200
        assert signed_in(case.house.people[Role.BODY_OFFICER]).get(address).status_code in {200, 404}
    assert (
        "Check the file"
        not in north.get(path_of("sheet", "measures", case.programme.public_id)).content.decode()
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("morning")
def test_what_the_ministry_keeps_goes_out_from_its_pages_and_comes_in() -> None:
    case = calling()
    planner, north = signed_in(case.planner, "fa"), signed_in(case.north)
    for kind, page in (
        ("programmes", "programmes"),
        ("calls", "calls"),
        ("rounds", "rounds"),
        ("flagships", "flagship_register"),
        ("recognition", "recognition"),
    ):
        address = path_of("sheet", kind)
        assert address in planner.get(path_of(page)).content.decode(), kind
        assert 'type="file"' in planner.get(address).content.decode(), kind
        answer = north.get(address)
        assert (answer.status_code, b'type="file"' in answer.content) == (
            403 if kind == "flagships" else 200,
            False,
        )
    for page in ("programmes", "calls", "rounds"):
        answer = planner.get(path_of(page), {"export": "csv"})
        text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        assert next(csv.reader(io.StringIO(text))) == list(rules.heads(SheetKind(page), "fa").values())


@pytest.mark.django_db
@pytest.mark.usefixtures("morning")
def test_a_round_has_its_spreadsheet() -> None:
    world = reporting_house()
    asked = opened_round(world)
    address = path_of("sheet", "reports", asked.public_id)
    assert address in signed_in(world.officer).get(path_of("round", asked.public_id)).content.decode()
    page = signed_in(world.north).get(address).content.decode()
    assert "Submit the reports as well" in page


# In a browser


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_an_import_from_file_to_report_with_and_without_scripts(
    browser: Browser, live_server: LiveServer, tmp_path: Path
) -> None:
    house = small_ministry()
    director = house.people[Role.PROVINCIAL_DIRECTOR]
    without_scripts(browser, live_server, director, tmp_path)
    with_scripts(browser, live_server, house, tmp_path)


def without_scripts(browser: Browser, server: LiveServer, director: User, folder: Path) -> None:
    page = browsing.signed_in(browser, server, director, "vi", 390, java_script_enabled=False).new_page()
    file = folder / "bang.csv"
    file.write_bytes(table(row(1), row(2, cause="Thời tiết"), language="vi"))
    page.goto(server.url + path_of("sheet", "obstacles"))
    page.set_input_files("input[type=file]", str(file))
    page.locator("form.confirm button[type=submit]").click()
    sheet = SheetImport.objects.get()
    assert sheet.state == SheetState.CHECKED
    expect(page.locator(f"form[action$='{sheet.public_id}/accept/'] button")).to_be_visible()
    SheetImport.objects.filter(pk=sheet.pk).update(state=SheetState.CHECKING, heartbeat_at=clock.now())
    page.reload()
    assert 'http-equiv="refresh"' in page.content()
    SheetImport.objects.filter(pk=sheet.pk).update(state=SheetState.CHECKED)
    page.reload()
    page.locator(f"form[action$='{sheet.public_id}/accept/'] button").click()
    sheet.refresh_from_db()
    assert (sheet.state, sheet.created, sheet.refused) == (SheetState.DONE, 1, 1)
    expect(page.locator("#sheet-import table tbody tr")).to_have_count(1)
    page.context.close()


def with_scripts(browser: Browser, server: LiveServer, house: SmallMinistry, folder: Path) -> None:
    director = house.people[Role.PROVINCIAL_DIRECTOR]
    page = browsing.signed_in(browser, server, director, "fa", 390).new_page()
    file = folder / "موانع استان.csv"
    file.write_bytes(table(*(row(n, cause="" if n % 3 else "هوا") for n in range(10, 22)), language="fa"))
    page.goto(server.url + path_of("sheet", "obstacles"))
    browsing.checked(page, "sheet-fa-390")
    page.set_input_files("input[type=file]", str(file))
    page.locator("form.confirm button[type=submit]").click()
    expect(page.locator("form[action$='/accept/'] button")).to_be_visible()
    browsing.checked(page, "sheet-checked-fa-390")
    sheet = SheetImport.objects.latest("pk")
    SheetImport.objects.filter(pk=sheet.pk).update(
        state=SheetState.APPLYING,
        accepted_at=clock.now(),
        heartbeat_at=clock.now(),
        done=6,
        began_at=clock.now(),
    )
    page.reload()
    expect(page.locator("#sheet-import progress")).to_be_visible()
    browsing.checked(page, "sheet-running-fa-390")
    SheetImport.objects.filter(pk=sheet.pk).update(state=SheetState.DONE, done=12)
    expect(page.locator("#sheet-import progress")).to_have_count(0)
    page.set_viewport_size({"width": 1280, "height": 900})
    browsing.checked(page, "sheet-done-fa-1280")
    page.goto(server.url + path_of("sheet_imports"))
    browsing.checked(page, "sheet-list-fa-1280")
    page.context.close()
