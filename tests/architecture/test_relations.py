"""Foreign keys stay in their room or point to a lower line of the house."""

import re
from configparser import ConfigParser
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parents[2]


def rooms_by_line() -> list[tuple[int, str]]:
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter")
    lines = contracts["importlinter:contract:house"]["layers"].strip().splitlines()
    return [(number, room) for number, line in enumerate(lines, 1) for room in re.findall(r"\w+", line)]


def lines_of_the_house() -> list[str]:
    return [room for _, room in rooms_by_line()]


def room_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("mehvar.")]


def room_of(model: type[models.Model]) -> str:
    return model.__module__.split(".")[1]


def upward_relations(found: list[type[models.Model]], lines: list[str]) -> list[str]:
    wrong = []
    for model in found:
        for field in model._meta.get_fields():
            target = field.related_model if field.is_relation and field.concrete else None
            if not isinstance(target, type) or not target.__module__.startswith("mehvar."):
                continue
            if lines.index(room_of(target)) < lines.index(room_of(model)):
                wrong.append(f"{model.__name__}.{field.name} → {target.__name__}")
    return wrong


def test_no_relation_points_upwards() -> None:
    assert upward_relations(room_models(), lines_of_the_house()) == []


def test_the_check_finds_an_upward_relation() -> None:
    lines = list(reversed(lines_of_the_house()))
    assert upward_relations(room_models(), lines)


def test_every_model_lives_in_a_room_of_the_house() -> None:
    assert {room_of(model) for model in room_models()} <= set(lines_of_the_house())


def test_the_architecture_page_shows_the_lines_that_are_enforced() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text()
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", page, flags=re.MULTILINE)
    assert [(int(number), room) for number, room in rows] == rooms_by_line()


def test_the_architecture_page_shows_the_inner_plan_that_is_enforced() -> None:
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter")
    enforced = [
        re.findall(r"\w+", line)
        for line in contracts["importlinter:contract:inner-plan"]["layers"].strip().splitlines()
    ]
    page = (ROOT / "ARCHITECTURE.md").read_text().split("## Inside a room")[1]
    shown = [re.findall(r"`(\w+)`", row) for row in re.findall(r"^\| (`.*?`) \|", page, flags=re.MULTILINE)]
    assert shown == enforced


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "publiccode.yml", "LICENSE"]
)
def test_the_pages_that_everyone_looks_for_exist(page: str) -> None:
    assert (ROOT / page).stat().st_size > 200


DOOR = {"actions", "queries", "rules", "data"}
NOT_CODE = {"migrations", "locale", "templates", "static", "packs", "samples", "typst", "templatetags"}


@pytest.mark.parametrize(
    "room", ["programmes", "directives", "exchange", "organisations", "accounts", "ledger"]
)
def test_the_doors_of_a_room_protect_every_module_behind_them(room: str) -> None:
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter")
    protected = contracts[f"importlinter:contract:door-{room}"]["protected_modules"].split()
    folder = ROOT / "src/mehvar" / room
    inside = {path.stem for path in folder.glob("*.py")} | {
        path.parent.name for path in folder.glob("*/__init__.py")
    }
    expected = inside - DOOR - NOT_CODE - {"__init__"}
    assert {name.removeprefix(f"mehvar.{room}.") for name in protected} == expected
