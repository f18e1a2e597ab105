import csv
import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from lxml import html
from pytest_django import DjangoAssertNumQueries, Settings
from python_calamine import CalamineWorkbook

from mehvar.ui.tables.export import harmless

pytestmark = [pytest.mark.urls("tests.functional.ui.urls"), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def test_templates(settings: Settings) -> None:
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [Path(__file__).parent / "templates"]}]


@pytest.fixture
def rows() -> None:
    start = dt.datetime(2020, 5, 1, 9, 0, tzinfo=dt.UTC)
    Session.objects.bulk_create(
        Session(
            session_key=f"key{n:03}",
            session_data="long words" if n % 3 else "=1+1",
            expire_date=start + dt.timedelta(days=n),
        )
        for n in range(60)
    )


def page(path: str = "/sessions/", language: str = "en", **headers: str) -> html.HtmlElement:
    return html.fromstring(Client(headers={"accept-language": language, **headers}).get(path).content)


def keys(tree: html.HtmlElement) -> list[str]:
    return [str(key) for key in tree.xpath("//tbody/tr/td[1]//a/bdi/text()")]


@pytest.mark.usefixtures("rows")
def test_a_page_of_rows_in_order() -> None:
    tree = page()
    assert keys(tree) == [f"key{n:03}" for n in range(25)]
    assert "1 to 25 of 60" in tree.text_content()
    assert tree.xpath("//th[@aria-sort]/@aria-sort") == ["ascending"]
    assert tree.xpath("//tbody/tr[1]/td/@data-label") == ["Key", "Data", "Expires", "State", "Weight"]


@pytest.mark.usefixtures("rows")
def test_a_page_costs_two_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = Client()
    with django_assert_num_queries(2):
        client.get("/sessions/?q=key&sort=-expire_date&page=2&size=50&state=long")


@pytest.mark.usefixtures("rows")
def test_sorting_turns_round_and_keeps_the_search() -> None:
    tree = page("/sessions/?q=key&sort=session_key")
    url = tree.xpath("//th[1]/a/@href")[0]
    assert "q=key" in url
    assert keys(page(url))[0] == "key059"


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("q=key00", 10),
        ("q=key+long", 40),
        ("q=nothing", 0),
        ("state=short", 20),
        ("expire_date_from=2020-06-01", 29),
        ("expire_date_from=1399/03/12&expire_date_to=1399/03/14", 3),
        ("q=key00&state=long", 6),
    ],
)
def test_filters(query: str, count: int) -> None:
    assert len(keys(page(f"/sessions/?size=100&{query}"))) == count


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=-1",
        "page=abc",
        "page=999999999999",
        "size=7",
        "size=x",
        "sort=session_data",
        "sort=--x",
        "unknown=1",
        "sort=",
        "page=۲",
    ],
)
def test_nonsense_is_survived(query: str) -> None:
    assert keys(page(f"/sessions/?{query}"))


@pytest.mark.usefixtures("rows")
def test_a_page_past_the_end_is_the_last() -> None:
    assert keys(page("/sessions/?page=99"))[-1] == "key059"


@pytest.mark.usefixtures("rows")
def test_a_bad_value_is_named_and_the_rest_still_shown() -> None:
    tree = page("/sessions/?state=purple&expire_date_from=someday")
    assert [note.text_content() for note in tree.xpath("//*[@role='alert']")] == [
        "“someday” is not a date. Write it like 1402/06/31 or 22/9/2023.",
        "“purple” is not one of the choices of “State”.",
    ]
    assert len(keys(tree)) == 25
    assert tree.xpath("//input[@name='expire_date_from']/@value") == ["someday"]


@pytest.mark.usefixtures("rows")
def test_persian_lists_use_persian_digits_and_dates() -> None:
    text = page(language="fa").xpath("string(//tbody/tr[1])")
    assert "۱۳۹۹/۰۲/۱۲" in text
    assert "1 to" not in text


@pytest.mark.usefixtures("rows")
def test_htmx_gets_only_the_list() -> None:
    client = Client(headers={"hx-request": "true", "hx-target": "list-sessions"})
    response = client.get("/sessions/?q=key00")
    assert response.content.strip().startswith(b'<div class="list" id="list-sessions">')
    assert b"around" not in response.content
    assert "HX-Target" in response["Vary"]
    assert b"around" in Client().get("/sessions/").content


def test_an_empty_list_says_what_will_be_here() -> None:
    tree = page()
    assert "No sessions yet" in tree.text_content()
    assert tree.xpath("//a[@href='/start/']")


@pytest.mark.usefixtures("rows")
def test_a_filtered_empty_list_offers_to_clear() -> None:
    tree = page("/sessions/?q=nothing&state=long&sort=session_key")
    clear = tree.xpath("//a[contains(@class,'button')]/@href")[0]
    assert clear == "/sessions/?sort=session_key"


def test_rows_are_escaped() -> None:
    Session.objects.create(
        session_key='"><script>1</script>',
        session_data="<img src=x onerror=1>",
        expire_date=dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
    )
    tree = page("/sessions/?q=%3Cscript%3E")
    assert not tree.xpath("//tbody//script | //tbody//img")
    assert tree.xpath("//input[@type='search']/@value")[-1] == "<script>"


def exported(query: str, language: str = "en") -> Any:
    return Client(headers={"accept-language": language}).get(f"/sessions/?{query}")


@pytest.mark.usefixtures("rows")
def test_csv_has_all_matching_rows_in_the_order_of_the_columns() -> None:
    response = exported("export=csv&q=key00&page=2")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert lines[0] == ["Key", "Data", "Expires", "State", "Weight"]
    assert len(lines) == 11
    assert lines[1] == ["key000", "'=1+1", "2020-05-01 09:00", "Short one", "4"]
    assert 'filename="sessions-' in response["Content-Disposition"]


@pytest.mark.usefixtures("rows")
def test_a_persian_export_has_sortable_jalali_dates() -> None:
    text = b"".join(exported("export=csv", "fa").streaming_content).decode("utf-8-sig")
    assert "1399/02/12" in text


@pytest.mark.usefixtures("rows")
def test_xlsx_cells_are_typed_and_hold_no_formula() -> None:
    content = b"".join(exported("export=xlsx&sort=session_key").streaming_content)
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert sheet[0] == ["Key", "Data", "Expires", "State", "Weight"]
    assert sheet[1][1] == "=1+1"
    assert sheet[1][2] == dt.datetime(2020, 5, 1, 9, 0)  # noqa: DTZ001
    assert sheet[1][4] == 4
    assert len(sheet) == 61


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "＝1", "\u200f=1"])
def test_formulas_are_made_harmless(evil: str) -> None:
    assert harmless(evil) == f"'{evil}"


@pytest.mark.parametrize("good", ["a=b", "", "۱۲", 5, -5])
def test_other_cells_stay_as_they_are(good: Any) -> None:
    assert harmless(good) == good
