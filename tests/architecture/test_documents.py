"""What people rely on is documented: settings, commands, events, API routes, dependencies."""

import argparse
import dataclasses
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from mehvar.config.cli import build_parser
from mehvar.config.environment import Environment

ROOT = Path(__file__).resolve().parents[2]


def test_every_setting_is_documented_and_nothing_else() -> None:
    fields = {f"MEHVAR_{field.name.upper()}" for field in dataclasses.fields(Environment)}
    documented = set(
        re.findall(r"^\| `(MEHVAR_\w+)`", (ROOT / "docs/settings.md").read_text(), flags=re.MULTILINE)
    )
    assert documented == fields


def verbs(parser: argparse.ArgumentParser, prefix: str = "mehvar") -> Iterator[str]:
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        yield prefix
    for group in groups:
        for name, child in group.choices.items():
            yield from verbs(child, f"{prefix} {name}")


def test_every_command_is_documented_and_nothing_else() -> None:
    page = (ROOT / "docs/commands.md").read_text()
    documented = set(re.findall(r"^\| `(mehvar [^`]+)`", page, flags=re.MULTILINE))
    assert {" ".join(row.split()) for row in documented} == set(verbs(build_parser()))


def test_every_event_is_documented_and_nothing_else() -> None:
    published = set()
    for path in (ROOT / "src").rglob("*.py"):
        text = path.read_text()
        if "events.publish" in text or "events import" in text or "import clock, events" in text:
            published |= set(
                re.findall(
                    r'"((?:ledger|accounts|organisations|directives|exchange|programmes)\.[a-z][a-z-]+)"',
                    text,
                )
            )
    page = (ROOT / "docs/events.md").read_text()
    documented = set(re.findall(r"^\| `([a-z]+\.[a-z-]+)`", page, flags=re.MULTILINE))
    assert documented == published


def test_every_dependency_has_its_line() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"]]
    for group in project["project"]["optional-dependencies"].values():
        wanted += group
    for group in project["dependency-groups"].values():
        wanted += [line for line in group if isinstance(line, str)]
    names = {re.split(r"[\[><=]", line)[0] for line in wanted}
    page = (ROOT / "docs/adr/0002-dependencies.md").read_text()
    documented = set(re.findall(r"^\| `([\w.-]+)`", page, flags=re.MULTILINE))
    assert documented == names


def test_the_table_of_decisions_is_complete() -> None:
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs/adr").glob("[0-9]*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
    for path in (ROOT / "docs/adr").glob("[0-9]*.md"):
        text = path.read_text()
        for heading in ("Status", "## Context", "## Decision", "## Consequences"):
            assert heading in text, f"{path.name} lacks {heading}"
