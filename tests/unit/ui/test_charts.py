import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from mehvar.ui import charts
from mehvar.ui.charts.frame import nice_ticks
from mehvar.ui.data import Bar, FourCells, Point, Series, StackedBar, Tile
from mehvar.ui.reader import for_language

FA, EN = for_language("fa"), for_language("en")
BARS = [Bar("پست", 8), Bar("Telecom", 40), Bar("None", 0)]


def tree(markup: str) -> html.HtmlElement:
    return html.fragment_fromstring(markup)


def percent(words: str) -> float:
    return float(words.rstrip("%"))


def test_bars_are_in_proportion_and_start_at_the_inline_start() -> None:
    rects = tree(charts.bars(BARS, title="t", reader=EN)).xpath("//svg/rect")
    widths = [percent(rect.get("width")) for rect in rects]
    assert widths[1] == pytest.approx(5 * widths[0], rel=0.01)
    assert {rect.get("x") for rect in rects} == {"0%"}


def test_bars_run_from_the_right_in_persian_with_isolated_labels_and_digits() -> None:
    figure = tree(charts.bars(BARS, title="t", reader=FA))
    for rect in figure.xpath("//svg/rect"):
        assert percent(rect.get("x")) + percent(rect.get("width")) == pytest.approx(100, abs=0.02)
    words = figure.xpath("//svg/text/text()")
    assert "\u2067پست\u2069" in words
    assert "\u2067۴۰\u2069" in words


def test_every_chart_has_the_numbers_as_a_table() -> None:
    table = tree(charts.bars(BARS, title="t", reader=EN)).xpath("//details//tbody/tr")
    assert [row.xpath("string(td)") for row in table] == ["8", "40", "0"]


def test_stacked_bars_need_one_value_per_series() -> None:
    series = [Series("a", "done"), Series("b", "missing")]
    figure = tree(charts.stacked([StackedBar("x", (3, 1))], series, title="t", reader=EN))
    widths = [percent(rect.get("width")) for rect in figure.xpath("//figure/svg/rect")]
    assert widths[0] == pytest.approx(3 * widths[1], rel=0.01)
    assert figure.xpath("//figure/svg/rect/@fill") == ["url(#hatch)"]
    with pytest.raises(ValueError, match="argument"):
        charts.stacked([StackedBar("x", (3,))], series, title="t", reader=EN)


def test_a_gap_breaks_the_line() -> None:
    points = [Point("1", 1), Point("2", 2), Point("3", None), Point("4", 3), Point("5", 4)]
    assert len(tree(charts.line(points, title="t", reader=EN)).xpath("//polyline")) == 2


def test_a_line_runs_from_right_to_left_in_persian() -> None:
    def first_and_last(markup: str) -> tuple[float, float]:
        places = tree(markup).xpath("//polyline/@points")[0].split()
        return float(places[0].split(",")[0]), float(places[-1].split(",")[0])

    points = [Point("1", 1), Point("2", 2), Point("3", 5)]
    start, end = first_and_last(charts.line(points, title="t", reader=EN))
    assert start < end
    start, end = first_and_last(charts.line(points, title="t", reader=FA))
    assert start > end


@pytest.mark.parametrize("values", [[], [None], [5.0], [0, 0], [-3, 4], [1e9, 1e9 + 1]])
def test_odd_lines_are_drawn_without_failing(values: list[float | None]) -> None:
    assert "<svg" in charts.line([Point(str(i), v) for i, v in enumerate(values)], title="t", reader=FA)
    assert "<svg" in charts.sparkline(values, label="t", reader=FA)


def test_empty_charts_are_drawn_without_failing() -> None:
    assert "figure" in charts.bars([], title="t", reader=EN)
    assert "figure" in charts.tile_map([], title="t", reader=EN)


def test_east_stays_east_in_persian() -> None:
    tiles = [Tile("W", "West", 0, 0, 1, "done"), Tile("E", "East", 5, 0, 2, "open")]
    english, persian = (
        tree(charts.tile_map(tiles, title="t", reader=r)).xpath("//svg//rect/@x") for r in (EN, FA)
    )
    assert english == persian


def test_a_tile_says_its_name_and_four_cells() -> None:
    with translation.override("en"):
        figure = tree(
            charts.tile_map([Tile("A", "Alpha", 0, 0, cells=FourCells(1, 2, 3, 4, 5))], title="t", reader=EN)
        )
    assert figure.xpath("//g/@aria-label") == [
        "Alpha: Done on time 1, Done late 2, Open in time 3, Open overdue 4, Not reported 5"
    ]
    assert figure.xpath("//tbody/tr/td/text()") == ["1", "2", "3", "4", "5"]


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9))
def test_ticks_hold_the_values_and_are_few(low: float, span: float) -> None:
    ticks = nice_ticks(low, low + span)
    assert ticks[0] <= low + 1e-6 * max(1, abs(low))
    assert ticks[-1] >= low + span - 1e-6 * max(1, abs(low + span))
    assert 1 <= len(ticks) <= 8
