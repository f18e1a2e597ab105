import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import translation
from django.views.defaults import bad_request, server_error
from lxml import html
from pytest_django import Settings

import mehvar.ui

pytestmark = [pytest.mark.urls("tests.functional.ui.urls"), pytest.mark.django_db]
TEMPLATES = Path(mehvar.ui.__file__).parent / "templates"
LANGUAGES = {"fa": "rtl", "vi": "ltr", "en": "ltr"}


@pytest.fixture
def developing(settings: Settings) -> None:
    settings.DEBUG = True


@pytest.mark.usefixtures("developing")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_style_guide_shows_every_component(language: str) -> None:
    response = Client(headers={"accept-language": language}).get("/ui/")
    tree = html.fromstring(response.content)
    assert (tree.get("lang"), tree.get("dir")) == (language, LANGUAGES[language])
    for css in (
        "axis",
        "fourcells",
        "cells-s",
        "badge",
        "seal",
        "timeline",
        "summary",
        "tasks",
        "worddiff",
        "chart",
        "tilemap",
        "error-summary",
        "empty",
        "pagination",
        "list",
    ):
        assert tree.xpath(f"//*[contains(concat(' ', @class, ' '), ' {css} ')]"), css
    assert not tree.xpath("//@style | //style | //script[not(@src)]")
    assert len(tree.xpath("//@id")) == len(set(tree.xpath("//@id")))


@pytest.mark.usefixtures("developing")
@pytest.mark.parametrize("language", ["fa", "vi"])
def test_no_english_is_left_in_other_languages(language: str) -> None:
    shown = html.fromstring(Client(headers={"accept-language": language}).get("/ui/").content).text_content()
    sources = [*TEMPLATES.glob("ui/*.html"), *TEMPLATES.glob("ui/parts/*.html")]
    strings = {text for path in sources for text in re.findall(r'translate "([^"]{6,})"', path.read_text())}
    assert len(strings) > 35
    assert [text for text in strings if text in shown and text != "Mehvar"] == []


def test_the_style_guide_is_not_for_everyone() -> None:
    assert Client().get("/ui/").status_code == 404


def test_the_theme_is_kept_in_a_cookie() -> None:
    client = Client()
    response = client.post("/ui/theme/", {"theme": "dark", "next": "/sessions/"})
    assert response["Location"] == "/sessions/"
    assert b'data-theme="dark"' in client.get("/nowhere/").content


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_theme_form_leads_nowhere_else(target: str) -> None:
    assert Client().post("/ui/theme/", {"theme": "dark", "next": target})["Location"] == "/"


def test_an_unknown_theme_is_not_kept() -> None:
    assert "mehvar_theme" not in Client().post("/ui/theme/", {"theme": "pink"}).cookies


@pytest.mark.parametrize(
    ("language", "words"), [("fa", "صفحه پیدا نشد"), ("vi", "Không tìm thấy trang"), ("en", "Page not found")]
)
def test_a_missing_page_says_what_to_do(language: str, words: str) -> None:
    response = Client(headers={"accept-language": language}).get("/nowhere/")
    assert response.status_code == 404
    tree = html.fromstring(response.content)
    assert words in tree.xpath("string(//h1)")
    assert tree.xpath("//main//a[@href='/']")


@pytest.mark.parametrize("language", LANGUAGES)
def test_failures_have_a_page_that_needs_nothing(language: str) -> None:
    request = RequestFactory().get("/")
    with translation.override(language):
        for view in (lambda: server_error(request), lambda: bad_request(request, ValueError())):
            tree = html.fromstring(view().content)
            assert (tree.get("lang"), tree.get("dir")) == (language, LANGUAGES[language])
            assert tree.xpath("//main//a[@href='/']")
        assert "<main" in render_to_string("403_csrf.html")


def test_the_language_switch_returns_to_the_page() -> None:
    client = Client()
    tree = html.fromstring(client.get("/nowhere/?a=1").content)
    form = tree.xpath("//form[@action='/language/']")[0]
    assert form.xpath(".//input[@name='next']/@value") == ["/nowhere/?a=1"]
    assert form.xpath(".//button/@value") == ["fa", "vi", "en"]
    client.post("/language/", {"language": "fa", "next": "/nowhere/"})
    assert html.fromstring(client.get("/nowhere/").content).get("dir") == "rtl"


def test_a_deed_that_cannot_be_undone_is_confirmed_on_a_page() -> None:
    tree = html.fromstring(Client().get("/destroy/").content)
    assert "It is <gone>." in tree.xpath("string(//main//li)")
    assert tree.xpath("//main//form[@method='post']//button[contains(@class,'button-danger')]")


def test_a_deed_that_can_be_undone_is_answered_with_undo() -> None:
    client = Client()
    client.post("/destroy/")
    tree = html.fromstring(client.get("/destroy/").content)
    assert tree.xpath("//form[@action='/restore/']//button")
    assert "Destroyed <b>it</b>." in tree.xpath("string(//*[contains(@class,'notice-done')])")
    assert not html.fromstring(client.get("/destroy/").content).xpath("//*[contains(@class,'notice-done')]")


def test_search_is_offered_where_the_house_has_it() -> None:
    assert html.fromstring(Client().get("/nowhere/").content).xpath("//form[@role='search']/@action") == [
        "/search/"
    ]
