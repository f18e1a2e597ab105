"""Every tag: what it shows, that it escapes, and that it speaks the language."""

import datetime as dt
import re
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation
from lxml import html

from mehvar.kernel.errors import Conflict
from mehvar.ui.data import (
    AxisStep,
    Bar,
    FourCells,
    Point,
    Series,
    StackedBar,
    SummaryRow,
    TaskItem,
    Tile,
    TimelineEvent,
)

pytestmark = pytest.mark.urls("tests.functional.ui.urls")
EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
TRAP = "javascript:alert(1)"
NOW = dt.datetime(2020, 5, 10, 9, 30, tzinfo=dt.UTC)


class EvilForm(forms.Form):
    name = forms.CharField(label=EVIL, help_text="hint")
    kind = forms.ChoiceField(label=EVIL, choices=[("a", EVIL)], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label=EVIL)
    secret = forms.CharField(widget=forms.HiddenInput, initial=EVIL)


def render(source: str, language: str = "en", **context: Any) -> str:
    request = RequestFactory().get("/list/", {"q": EVIL})
    with translation.override(language):
        return Template("{% load mehvar %}" + source).render(Context({"request": request, **context}))


def tree(source: str, language: str = "en", **context: Any) -> html.HtmlElement:
    return html.fragment_fromstring(render(source, language, **context), create_parent="div")


EVIL_FORM = EvilForm({"name": "", "kind": EVIL})
EVIL_TAGS = {
    "badge": ("{% badge x x %}", {}),
    "icon": ("{% icon x %}{% icon 'done' label=x %}", {}),
    "seal": ("{% seal t x %}{% seal x x %}", {}),
    "axis": ("{% axis o %}", {"o": [AxisStep(EVIL, TRAP, "done", EVIL), AxisStep(EVIL, EVIL, "current")]}),
    "timeline": ("{% timeline o %}", {"o": [TimelineEvent(EVIL, NOW, EVIL, EVIL, TRAP, "done")]}),
    "empty": ("{% empty_state x x t x %}", {}),
    "summary": ("{% summary_list o %}", {"o": [SummaryRow(EVIL, EVIL, TRAP, EVIL)]}),
    "tasks": ("{% task_list o %}", {"o": [TaskItem(EVIL, TRAP, "open", EVIL, EVIL)]}),
    "diff": ("{% word_diff x y %}", {"y": EVIL + " more"}),
    "bidi": ("{% bidi x %}", {}),
    "progress": ("{% progress 1 2 label=x %}", {}),
    "breadcrumbs": ("{% breadcrumbs o %}", {"o": [(EVIL, TRAP), (EVIL, "")]}),
    "pagination": ("{% pagination o %}", {"o": Paginator(range(90), 10).page(2)}),
    "errors": ("{% error_summary o %}", {"o": EVIL_FORM}),
    "fields": ("{% form_fields o %}", {"o": EVIL_FORM}),
    "bars": ("{% chart_bars o x x %}", {"o": [Bar(EVIL, 3, "done", TRAP)]}),
    "stacked": (
        "{% chart_stacked o s x %}",
        {"o": [StackedBar(EVIL, (1, 2))], "s": [Series(EVIL), Series(EVIL, "done")]},
    ),
    "line": ("{% chart_line o x x %}", {"o": [Point(EVIL, 1), Point(EVIL, 2)]}),
    "spark": ("{% sparkline o x %}", {"o": [1, 2]}),
    "tiles": (
        "{% tile_map o x %}",
        {"o": [Tile(EVIL, EVIL, 0, 0, 1, "done", TRAP), Tile(EVIL, EVIL, 1, 0, cells=FourCells(1))]},
    ),
}


@pytest.mark.parametrize("name", EVIL_TAGS)
def test_no_tag_lets_markup_or_script_through(name: str) -> None:
    source, context = EVIL_TAGS[name]
    shown = tree(source, x=EVIL, t=TRAP, **context)
    assert not shown.xpath("//script | //img")
    assert not [a for a in shown.xpath("//@*") if a.attrname.startswith("on") or a.attrname == "style"]
    assert not [url for url in shown.xpath("//@href | //@action") if url.lower().startswith("javascript")]


@pytest.mark.parametrize(
    "url",
    ["javascript:x", " JaVaScRiPt:x", "java\nscript:x", "\x01javascript:x", "data:text/html,x", "vbscript:x"],
)
def test_links_that_could_run_code_become_plain_words(url: str) -> None:
    assert not tree("{% seal u 'Record' %}", u=url).xpath("//a")


@pytest.mark.parametrize(
    "url", ["/a/?b=c:d", "https://example.org/", "#place", "?q=1", "mailto:a@example.org"]
)
def test_ordinary_links_stay(url: str) -> None:
    assert tree("{% seal u 'Record' %}", u=url).xpath("//a/@href") == [url]


def test_a_badge_is_shape_and_word_not_colour_alone() -> None:
    badge = tree("{% badge 'overdue' 'Open overdue' %}")
    assert badge.xpath("string(.)") == "Open overdue"
    assert badge.xpath("count(.//svg)") == 1


def test_each_state_has_an_icon_of_its_own() -> None:
    from mehvar.ui.components import BADGE_STATES, badge

    drawings = {re.sub(r"badge-\w+", "", str(badge(state, "x"))) for state in BADGE_STATES}
    assert len(drawings) == len(BADGE_STATES)


@pytest.mark.parametrize(("language", "number"), [("fa", "۱۴٬۰۶۸"), ("vi", "14.068"), ("en", "14,068")])
def test_four_cells_keep_their_order_and_say_the_total(language: str, number: str) -> None:
    block = tree("{% fourcells 14068 1983 5640 223 12 size='l' %}", language)
    states = [re.findall(r"cell-(\w+)", css)[0] for css in block.xpath("//dl/div/@class")]
    assert states == ["done", "late", "open", "overdue", "missing", "total"]
    assert block.xpath("string(//div[contains(@class,'cell-done')]/dd)") == number
    assert len(block.xpath("//div[contains(@class,'cell-total')]/dd")) == 1


def test_four_cells_that_are_all_reported_show_no_hatching() -> None:
    assert not tree("{% fourcells 1 2 3 4 %}").xpath("//*[contains(@class,'cell-missing')]")


def test_small_cells_have_areas_by_share_and_words() -> None:
    svg = tree("{% fourcells 3 1 4 0 missing=8 size='s' %}").xpath("//svg")[0]
    areas = {
        (r.get("class") or r.get("fill")): float(r.get("width")) * float(r.get("height"))
        for r in svg.xpath(".//rect")
    }
    assert areas == {"f-done": 48, "f-late": 16, "f-open": 64, "url(#hatch)": 128}
    assert "16 in total" in svg.get("aria-label")
    assert "Not reported: 8" in svg.get("aria-label")


def test_what_was_not_reported_is_hatched_never_green() -> None:
    assert tree("{% fourcells 0 0 0 0 size='s' %}").xpath("//rect/@fill") == ["url(#hatch)"]


def test_the_present_place_of_the_axis_is_no_link() -> None:
    steps = [AxisStep("Clause", "/c/", "done"), AxisStep("Plan", "/p/", "current"), {"label": "Report"}]
    ribbon = tree("{% axis s %}", s=steps)
    assert ribbon.xpath("//a/@href") == ["/c/"]
    assert "Plan" in ribbon.xpath("string(//*[@aria-current='step'])")


def test_records_may_be_dicts_but_not_with_unknown_keys() -> None:
    assert "Done" in render("{% task_list o %}", o=[{"label": "x", "status": "Done", "state": "done"}])
    with pytest.raises(TypeError):
        render("{% task_list o %}", o=[{"label": "x", "colour": "red"}])


def test_error_summary_names_and_links_the_fields() -> None:
    summary = tree("{% error_summary f %}", f=EvilForm({"agreed": "on"}))
    targets = summary.xpath("//a/@href")
    assert targets == ["#id_name", "#id_kind_0"]
    fields = tree("{% form_fields f %}", f=EvilForm({"agreed": "on"}))
    assert all(fields.xpath(f"//*[@id='{target[1:]}']") for target in targets)
    assert summary.xpath("//*[@role='alert']")


def test_error_summary_is_empty_without_errors() -> None:
    assert render("{% error_summary f %}", f=EvilForm()).strip() == ""


def test_a_field_says_hint_and_error_to_those_who_listen() -> None:
    control = tree("{% field f %}", f=EVIL_FORM["name"])
    field = control.xpath("//input[@id='id_name']")[0]
    assert field.get("aria-describedby") == "id_name_hint id_name_error"
    assert field.get("aria-invalid") == "true"
    assert control.xpath("//*[@id='id_name_hint']")
    assert control.xpath("//*[@id='id_name_error']")
    assert control.xpath("//label/@for") == ["id_name"]


def test_a_group_of_choices_is_a_fieldset_with_legend() -> None:
    assert tree("{% field f %}", f=EVIL_FORM["kind"]).xpath("//fieldset/legend")


def test_word_difference_marks_words() -> None:
    shown = tree("{% word_diff a b %}", a="within two months", b="within one month")
    assert shown.xpath("//del//text()") == ["two months"]
    assert shown.xpath("//ins//text()") == ["one month"]


def test_dates_carry_the_machine_date() -> None:
    shown = tree("{% localdate d 'long' %}", "fa", d=NOW.date())
    assert shown.xpath("string(//time)") == "۲۱ اردیبهشت ۱۳۹۹"
    assert shown.xpath("//time/@datetime") == ["2020-05-10"]
    assert render("{% localdate d %}{% localdatetime d %}", d=None) == "––"


def test_pagination_keeps_the_query_and_names_the_page() -> None:
    bar = tree("{% pagination p %}", "fa", p=Paginator(range(4210), 50).page(7))
    assert bar.xpath("string(//*[@aria-current='page'])") == "۷"
    assert all("q=" in url for url in bar.xpath("//a/@href"))
    assert "۳۰۱ تا ۳۵۰ از ۴٬۲۱۰" in bar.xpath("string(.)")


def test_our_errors_are_explained_with_their_places_filled() -> None:
    assert render("{{ e|explained }}", e=Conflict("Version {n} is gone.", n=3)) == "Version 3 is gone."


def test_an_unknown_icon_is_a_neutral_dot() -> None:
    assert tree("{% icon 'nonsense' %}").xpath("count(//svg)") == 1
