"""The rules of the style sheets: logical properties, contrast, weight, no inline style."""

import gzip
import re
from pathlib import Path

import pytest

import mehvar.ui

ROOM = Path(mehvar.ui.__file__).parent
SHEETS = sorted((ROOM / "static/ui/css").glob("*.css"))
TEMPLATES = sorted((ROOM / "templates").rglob("*.html"))
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border)-(?:left|right|top|bottom)|left|right|top|bottom|float|"
    r"border-(?:top|bottom)-(?:left|right)-radius|width|height|(?:min|max)-(?:width|height))\s*:|"
    r"text-align\s*:\s*(?:left|right)|letter-spacing\s*:\s*(?!inherit)"
)
FOUR_VALUES = re.compile(
    r"(?<![\w-])(?:margin|padding|inset|border-width)\s*:\s*((?:[^;{}\s]+\s+){3}[^;{}\s]+)\s*[;}]"
)
LIMIT_BYTES = 30 * 1024


def declarations(sheet: Path) -> str:
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
    return re.sub(r"@media[^{]*", "", text)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_only_logical_properties(sheet: Path) -> None:
    assert PHYSICAL.findall(declarations(sheet)) == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_shorthands_treat_both_inline_sides_alike(sheet: Path) -> None:
    uneven = [
        values
        for values in FOUR_VALUES.findall(declarations(sheet))
        if values.split()[1] != values.split()[3]
    ]
    assert uneven == []


def test_all_sheets_together_are_light() -> None:
    assert len(gzip.compress(b"".join(sheet.read_bytes() for sheet in SHEETS), 9)) <= LIMIT_BYTES


def test_every_sheet_is_linked() -> None:
    links = (ROOM / "templates/ui/parts/styles.html").read_text()
    assert [sheet.name for sheet in SHEETS if f"css/{sheet.name}" not in links] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_have_no_inline_style_or_script(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?![^>]*\bsrc=)", text)


def themes() -> dict[str, dict[str, str]]:
    text = (ROOM / "static/ui/css/tokens.css").read_text()
    blocks = [
        dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", block))
        for block in re.findall(r"\{([^{}]*)\}", text)
    ]
    colours = [block for block in blocks if "paper" in block]
    assert len(colours) == 3
    assert colours[1] == colours[2], "the automatic and the chosen dark theme differ"
    return {"light": colours[0], "dark": colours[1]}


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


GROUNDS = ("paper", "surface", "sunken")
TEXT_PAIRS = (
    *(
        (text, ground)
        for text in ("ink", "quiet", "action", "action-strong")
        for ground in (*GROUNDS, "action-soft")
    ),
    *(
        (f"{state}-text", ground)
        for state in ("done", "late", "open", "overdue", "attention", "missing")
        for ground in (f"{state}-soft", *GROUNDS)
    ),
    *((f"on-{state}", state) for state in ("done", "late", "open", "overdue", "action")),
    ("on-action", "action-strong"),
    ("on-focus", "focus"),
    *(("ink", f"{state}-soft") for state in ("done", "late", "open", "overdue", "attention", "missing")),
    ("on-attention", "attention"),
)
SHAPE_PAIRS = (
    *(
        (state, ground)
        for state in ("done", "late", "open", "overdue", "attention", "action", "edge")
        for ground in ("paper", "surface")
    ),
)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_words_can_be_read(theme: str, text: str, ground: str) -> None:
    tokens = themes()[theme]
    assert contrast(tokens[text], tokens[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPE_PAIRS)
def test_shapes_can_be_seen(theme: str, shape: str, ground: str) -> None:
    tokens = themes()[theme]
    assert contrast(tokens[shape], tokens[ground]) >= 3


def test_the_colours_of_the_look_are_kept() -> None:
    light = themes()["light"]
    look = {
        "ink": "#16242c",
        "paper": "#fbfaf6",
        "action": "#0a6b73",
        "done": "#2c7a4b",
        "late": "#8a8f2a",
        "open": "#2f6fae",
        "overdue": "#a5213d",
        "attention": "#b8740a",
        "missing": "#7b858c",
    }
    assert {name: light[name] for name in look} == look


def test_fonts_are_packaged_with_their_licences() -> None:
    css = (ROOM / "static/ui/css/fonts.css").read_text()
    files = re.findall(r'url\("\.\./fonts/([^"]+)"\)', css)
    assert files
    assert all((ROOM / "static/ui/fonts" / name).stat().st_size > 5000 for name in files)
    for folder in (ROOM / "static/ui/fonts", ROOM / "fonts"):
        assert list(folder.glob("OFL-*.txt"))
        assert (folder / "README.md").is_file()
    total = sum(
        path.stat().st_size for folder in ("static/ui/fonts", "fonts") for path in (ROOM / folder).iterdir()
    )
    assert total < 4 * 1024 * 1024
