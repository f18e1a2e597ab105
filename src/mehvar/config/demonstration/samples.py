"""Read the sample directives and the facts that belong to them."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from mehvar.kernel import text

FOLDER = resources.files("mehvar.directives") / "samples"
PREFIX = 60


def document(name: str) -> bytes:
    """Return a sample document's bytes."""
    return (FOLDER / name).read_bytes()


@cache
def facts() -> Mapping[str, Any]:
    """Return what the demonstration knows beside the documents: outcomes, opinions, agenda, duties, goals."""
    found: Mapping[str, Any] = json.loads((FOLDER / "demo.json").read_text(encoding="utf-8"))
    return found


@cache
def beginnings(name: str) -> Mapping[str, str]:
    """Map a measure's key in the facts ("1.2.ب") to the folded beginning of its text."""
    gold = json.loads((FOLDER / f"{name}.gold.json").read_text(encoding="utf-8"))
    return {key_of(row): text.fold_for_search(row["task"])[:PREFIX] for row in gold["tasks"]}


def key_of(row: Mapping[str, Any]) -> str:
    """Name a measure as the facts do: section and number."""
    return f"{row['section']}.{row['no']}"


def ids_by_key(name: str, measures: Mapping[str, str]) -> dict[str, str]:
    """Map the keys of the facts to public ids; ``measures`` maps public id to text.

    A measure is recognised by the beginning of its text, each one once, in the document's order.
    """
    folded = {public_id: text.fold_for_search(words)[:PREFIX] for public_id, words in measures.items()}
    found: dict[str, str] = {}
    for key, beginning in beginnings(name).items():
        match = next(
            (one for one, words in folded.items() if words.startswith(beginning[: len(words)])), None
        )
        if match is not None:
            found[key] = match
            del folded[match]
    return found
