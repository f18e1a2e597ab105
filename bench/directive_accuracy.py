"""Measure how exactly documents are read: precision and recall per field, flagged share, wrong rows nobody is told of.

Documents: the shared annex with its gold, the sample directives with theirs, and documents of our own wording drawn by
seeds in many layouts and four formats. The peer is the reading without the register (a plain split at commas).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from bench import documents
from bench.figures import Figure
from mehvar.directives.extraction.engine import extract
from mehvar.directives.extraction.model import DueKind, ExtractedMeasure, Extraction, Role
from mehvar.organisations.rules.matching import BodyRegister
from mehvar.organisations.rules.packs import load_pack

ROOT = Path(__file__).resolve().parents[1]
ANNEX = "directives/vn-resolution-03-2025/annex-2-tasks"
SEEDS = 6
FIELDS = ("lead", "coordinating", "due")


@dataclass(slots=True)
class Score:
    """Count what was right and wrong in one document."""

    name: str
    expected: int = 0
    found: int = 0
    extra: int = 0
    flagged: int = 0
    wrong: int = 0
    silent: int = 0
    exact: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELDS, 0))
    true: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELDS, 0))
    given: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELDS, 0))
    wanted: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELDS, 0))
    notes: list[str] = field(default_factory=list)

    def add(self, other: Score) -> None:
        """Sum two scores."""
        for name in ("expected", "found", "extra", "flagged", "wrong", "silent"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in FIELDS:
            for table in ("exact", "true", "given", "wanted"):
                getattr(self, table)[name] += getattr(other, table)[name]
        self.notes += other.notes


def register(pack: str) -> BodyRegister:
    """Build the register of a pack."""
    return BodyRegister.from_pack(load_pack(pack))


def shared() -> Path | None:
    """Give the folder of shared data, where there is one."""
    root = Path(os.environ.get("MEHVAR_SHARED") or ROOT.parent / "shared") / "data"
    return root if root.is_dir() else None


def meanings(names: Iterable[str], bodies: BodyRegister, on: date | None) -> frozenset[str]:
    """Give the codes that names mean; an unregistered name stands for itself."""
    found: set[str] = set()
    for name in names:
        hit = None if name.startswith("@") else bodies.resolve(name, on=on)
        found |= {name} if name.startswith("@") else set(hit.codes) if hit else {name.casefold()}
    return frozenset(found)


def given(measure: ExtractedMeasure, role: Role) -> frozenset[str]:
    """Give the codes of a measure's bodies in a role."""
    return frozenset(body.code or body.name.casefold() for body in measure.bodies if body.role is role)


def due_of(measure: ExtractedMeasure) -> tuple[str, str]:
    """Give a deadline's kind and its day as the gold states it (open-ended: the first day)."""
    due = measure.due
    day = due.start if due.kind is DueKind.OPEN_FROM else due.end
    return due.kind.value, str(day)


def compared(name: str, extraction: Extraction, expected: list[documents.Expected]) -> Score:
    """Compare an extraction with what must be found."""
    score = Score(
        name, expected=len(expected), flagged=sum(bool(measure.flags) for measure in extraction.measures)
    )
    left = list(extraction.measures)
    for task in expected:
        measure = _counterpart(task, left)
        if measure is None:
            score.notes.append(f"{name} {task.section}.{task.number}: not found")
            continue
        left.remove(measure)
        score.found += 1
        _compare(score, task, measure)
    score.extra = len(left)
    score.notes += [
        f"{name}: extra {measure.section}.{measure.number} {measure.text[:50]}" for measure in left
    ]
    return score


def _counterpart(task: documents.Expected, left: list[ExtractedMeasure]) -> ExtractedMeasure | None:
    """Find the measure of a task: same number and the same beginning of the text."""
    begin = " ".join(task.text.split())[:24].casefold()
    for measure in left:
        if measure.number == task.number and " ".join(measure.text.split()).casefold().startswith(begin):
            return measure
    return next(
        (measure for measure in left if (measure.section, measure.number) == (task.section, task.number)),
        None,
    )


def _compare(score: Score, task: documents.Expected, measure: ExtractedMeasure) -> None:
    """Compare one measure with its task."""
    wanted = {
        "lead": task.lead,
        "coordinating": task.coordinating,
        "due": frozenset({(task.due_kind, str(task.due_end))}),
    }
    mine: dict[str, frozenset[Any]] = {
        "lead": given(measure, Role.LEAD),
        "coordinating": given(measure, Role.COORDINATING),
        "due": frozenset({due_of(measure)}),
    }
    wrong = []
    for name in FIELDS:
        score.exact[name] += mine[name] == wanted[name]
        score.true[name] += len(mine[name] & wanted[name])
        score.given[name] += len(mine[name])
        score.wanted[name] += len(wanted[name])
        if mine[name] != wanted[name]:
            wrong.append(f"{name} {sorted(map(str, wanted[name] ^ mine[name]))}")
    if wrong:
        score.wrong += 1
        score.silent += not measure.flags
        state = "flagged" if measure.flags else "SILENT"
        score.notes.append(f"{score.name} {task.section}.{task.number} {state}: {'; '.join(wrong)}")


def annex() -> Score | None:
    """Read the shared annex against its gold."""
    root = shared()
    if root is None:
        return None
    path = root / f"{ANNEX}.md"
    bodies = register("vn")
    extraction = extract(path.read_bytes(), path.name, register=bodies)
    gold = json.loads((root / f"{ANNEX}.gold.json").read_text(encoding="utf-8"))["tasks"]
    expected = [
        documents.Expected(
            task["section"],
            str(task["no"]),
            task["task"],
            meanings(task["lead"], bodies, extraction.signed_on),
            meanings(task["coord"], bodies, extraction.signed_on),
            task["deadline_kind"],
            date.fromisoformat(task["deadline"]) if task["deadline"] else None,
        )
        for task in gold
    ]
    return compared("annex", extraction, expected)


def samples() -> Iterator[Score]:
    """Read the sample directives against their gold."""
    folder = ROOT / "src/mehvar/directives/samples"
    for gold_path in sorted(folder.glob("*.gold.json")):
        gold = json.loads(gold_path.read_text(encoding="utf-8"))
        bodies = register(gold["register"])
        stem = gold_path.name.removesuffix(".gold.json")
        for path in sorted(folder.glob(f"{stem}.*")):
            if path.suffix not in {".docx", ".pdf"}:
                continue
            extraction = extract(path.read_bytes(), path.name, register=bodies)
            yield compared(
                f"sample {path.name}",
                extraction,
                [_sample_task(task, bodies, extraction.signed_on) for task in gold["tasks"]],
            )


def _sample_task(task: dict[str, Any], bodies: BodyRegister, on: date | None) -> documents.Expected:
    """Make an expected task of a sample's gold."""
    return documents.Expected(
        task["section"],
        str(task["no"]),
        task["task"],
        meanings(task["lead"], bodies, on),
        meanings(task["coord"], bodies, on),
        task["deadline_kind"],
        date.fromisoformat(task["deadline"]) if task["deadline"] else None,
    )


def drawn(seeds: int) -> Iterator[Score]:
    """Read documents drawn by seeds, each layout in every format."""
    for layout in (*documents.LAYOUTS, *documents.PROSE):
        total = Score(layout)
        for seed in range(seeds):
            document = documents.written(seed * 31 + 7, layout)
            bodies = register(document.pack)
            for form in documents.FORMATS if seed % 3 == 0 else ("md", "docx"):
                extraction = extract(documents.rendered(document, form), f"drawn.{form}", register=bodies)
                total.add(compared(f"{document.name}.{form}", extraction, document.expected))
        yield total


def figures(score: Score) -> Iterator[Figure]:
    """Give the figures of a score."""
    known = max(score.found, 1)
    yield _figure(f"{score.name}: tasks found", score.found / max(score.expected, 1), 1.0)
    for name, goal in (("lead", 0.98), ("coordinating", 0.98), ("due", 0.99)):
        yield _figure(f"{score.name}: {name} exact", score.exact[name] / known, goal)
        yield _figure(f"{score.name}: {name} precision", score.true[name] / max(score.given[name], 1), None)
        yield _figure(f"{score.name}: {name} recall", score.true[name] / max(score.wanted[name], 1), None)
    yield _figure(f"{score.name}: rows flagged", score.flagged / known, 0.20, higher=False)
    yield _figure(f"{score.name}: wrong and not flagged", float(score.silent), 0.0, unit="rows", higher=False)
    yield _figure(f"{score.name}: extra", float(score.extra), 0.0, unit="rows", higher=False)


def _figure(
    name: str, value: float, goal: float | None, *, unit: str = "share", higher: bool = True
) -> Figure:
    """Make one figure; it reaches its goal from above or from below."""
    reached = None if goal is None else value >= goal if higher else value <= goal
    return Figure(name=name, value=round(value, 4), unit=unit, goal=goal, reached=reached)


def scores(*, quick: bool = False) -> Iterator[Score]:
    """Read everything."""
    found = annex()
    if found is not None:
        yield found
    yield from samples()
    yield from drawn(1 if quick else SEEDS)


def run(*, quick: bool) -> list[Figure]:
    """Return precision and recall per field, shares of flagged rows, and wrong rows without a flag."""
    return [figure for score in scores(quick=quick) for figure in figures(score)]
