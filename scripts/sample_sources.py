"""Read the sample directives' sources: structure, annex rows, deadlines, and the gold that follows from them.

The sources name bodies and deadlines in a structured form; the written cells and the gold are both derived from
them, so the gold owes nothing to the extractor it judges.

Source: issue "the house", point 14.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from mehvar.kernel import calendars, text  # noqa: E402

SAMPLES = ROOT / "src/mehvar/directives/samples"
PREFIX_LENGTH = 80
ROMAN = ("", "I", "II", "III", "IV")
FA_QUARTERS = ("", "سه‌ماهه نخست", "سه‌ماهه دوم", "سه‌ماهه سوم", "سه‌ماهه چهارم")

JSON = dict[str, Any]


# -- deadlines ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Due:
    """Hold a deadline of the source: its notation read as kind, first and last day."""

    notation: str
    kind: str
    start: date | None = None
    end: date | None = None
    duration: str | None = None
    anchor: str | None = None


def _relative(notation: str, calendar: calendars.Calendar, signed: date) -> Due:
    """Count "P6M" or "P45D" from the day of signature; "P10D@request" runs anew from each request."""
    duration, _, anchor = notation.partition("@")
    if anchor:
        return Due(notation, "relative", None, None, duration, anchor)
    count, unit = int(duration[1:-1]), duration[-1]
    end = calendars.add_months(signed, count, calendar) if unit == "M" else signed + timedelta(days=count)
    return Due(notation, "relative", None, end, duration, "signature")


def _period(notation: str, calendar: calendars.Calendar) -> tuple[str, date, date]:
    """Read "2020", "2020-H1", "2020-Q2", "2020-06" or "2020-06-30" as kind and bounds."""
    year, *rest = notation.split("-")
    if not rest:
        return "year", *calendars.year_bounds(int(year), calendar)
    if rest[0][0] in "QH":
        bounds = calendars.quarter_bounds if rest[0][0] == "Q" else calendars.half_bounds
        return ("quarter" if rest[0][0] == "Q" else "half"), *bounds(int(year), int(rest[0][1:]), calendar)
    if len(rest) == 1:
        return "month", *calendars.month_bounds(int(year), int(rest[0]), calendar)
    day = calendars.from_parts(int(year), int(rest[0]), int(rest[1]), calendar=calendar)
    return "day", day, day


def read_due(notation: str, calendar: calendars.Calendar, signed: date) -> Due:
    """Read a deadline's notation (see the samples' README).

    Raises:
        ValueError: The notation is none of those described.
    """
    if notation == "none":
        return Due(notation, "none")
    if notation.startswith("recurring"):
        rhythm = notation.partition(":")[2]
        return Due(
            notation, f"recurring_{rhythm}" if rhythm in {"monthly", "quarterly", "yearly"} else "recurring"
        )
    if notation.startswith("P"):
        return _relative(notation, calendar, signed)
    if "/" in notation:
        first, last = notation.split("/")
        return Due(notation, "range", _period(first, calendar)[1], _period(last, calendar)[2])
    kind, start, end = _period(notation.removeprefix(".."), calendar)
    return Due(notation, kind, None if kind == "day" else start, end)


def _vietnamese_due(notation: str) -> str:
    """Write a deadline as a Vietnamese annex writes it."""
    fixed = {
        "recurring": "Thường xuyên", "recurring:monthly": "Hàng tháng", "recurring:quarterly": "Hàng quý",
        "recurring:biannual": "6 tháng một lần", "recurring:yearly": "Hàng năm",
    }  # fmt: skip
    forms = (
        (r"\.\.(\d+)-(\d+)-(\d+)", lambda m: f"Trước ngày {int(m[3])}/{int(m[2])}/{m[1]}"),
        (r"(\d+)-(\d+)-(\d+)", lambda m: f"{int(m[3])}/{int(m[2])}/{m[1]}"),
        (r"(\d+)/(\d+)", lambda m: f"{m[1]} - {m[2]}"),
        (r"(\d+)-(\d+)/(\d+)-(\d+)", lambda m: f"Tháng {int(m[2])}/{m[1]} - tháng {int(m[4])}/{m[3]}"),
        (r"(\d+)-Q(\d)", lambda m: f"Quý {ROMAN[int(m[2])]}/{m[1]}"),
        (r"(\d+)-H1", lambda m: f"6 tháng đầu năm {m[1]}"),
        (r"(\d+)-H2", lambda m: f"6 tháng cuối năm {m[1]}"),
        (r"(\d+)-(\d+)", lambda m: f"Tháng {int(m[2])}/{m[1]}"),
        (r"(\d+)", lambda m: f"Năm {m[1]}"),
    )
    return fixed.get(notation) or _written(notation, forms)


def _persian_due(notation: str) -> str:
    """Write a deadline as an Iranian annex writes it."""
    jalali = calendars.Calendar.JALALI
    fixed = {
        "recurring:quarterly": "هر سه ماه یک‌بار",
        "recurring:yearly": "سالانه",
        "P5M": "پنج ماه پس از ابلاغ",
    }
    forms = (
        (r"\.\.(\d+)-(\d+)-(\d+)", lambda m: f"حداکثر تا {m[1]}/{m[2]}/{m[3]}"),
        (r"(\d+)-Q(\d)", lambda m: f"{FA_QUARTERS[int(m[2])]} سال {m[1]}"),
        (r"(\d+)-(\d+)", lambda m: f"پایان {calendars.month_name(int(m[2]), jalali, 'fa')} {m[1]}"),
    )
    return text.to_persian_digits(fixed.get(notation) or _written(notation, forms))


def _written(notation: str, forms: Iterable[tuple[str, Any]]) -> str:
    """Write by the first form that fits the whole notation."""
    for pattern, write in forms:
        if match := re.fullmatch(pattern, notation):
            return str(write(match))
    message = f"no way to write the deadline {notation!r}"
    raise ValueError(message)


DUE_WRITERS = {"vi": _vietnamese_due, "fa": _persian_due}


# -- sources -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """Hold one directive's source: its structure, its annex rows and the phrases that mean groups."""

    slug: str
    content: JSON
    tasks: list[dict[str, str]]
    phrases: Mapping[str, str]

    @property
    def language(self) -> str:
        """Give the language's code."""
        return str(self.content["language"])

    @property
    def signed_on(self) -> date:
        """Give the day of signature."""
        return date.fromisoformat(self.content["signed_on"])

    def due(self, notation: str) -> Due:
        """Read a deadline in the directive's own calendar."""
        return read_due(notation, calendars.Calendar(self.content["calendar"]), self.signed_on)


def _rows(path: Path) -> list[dict[str, str]]:
    """Read a CSV file, or nothing where it is absent."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def read_source(slug: str) -> Source:
    """Read a directive's source folder."""
    folder = SAMPLES / "source" / slug
    content = json.loads((folder / "directive.json").read_text(encoding="utf-8"))
    groups = _rows(SAMPLES / "source/groups.csv")
    phrases = {row["codes"]: row["phrase"] for row in groups if row["language"] == content["language"]}
    return Source(slug, content, _rows(folder / "tasks.csv"), phrases)


def split_bodies(cell: str) -> list[str]:
    """Split a source cell at its semicolons."""
    return [item.strip() for item in cell.split(";") if item.strip()]


def codes_of(items: Iterable[str]) -> list[str]:
    """List official names and group codes; one phrase may mean several groups."""
    return [code for item in items for code in (item.split() if item.startswith("@") else [item])]


def write_bodies(items: Sequence[str], source: Source) -> str:
    """Write a cell of bodies: commas between plain names, semicolons where a name has a comma of its own."""
    names = [source.phrases[item] if item.startswith("@") else item for item in items]
    comma, semicolon = ("، ", "؛ ") if source.language == "fa" else (", ", "; ")
    separator = semicolon if any(comma.strip() in name for name in names) else comma
    return separator.join(
        re.sub("^Các ", "các ", name) if place else name for place, name in enumerate(names)
    )


# -- gold -------------------------------------------------------------------------------------------------------


def _gold_due(due: Due, raw: str) -> JSON:
    """Give the deadline's part of a gold task."""
    iso = {"deadline_start": due.start, "deadline": due.end}
    found: JSON = {"deadline_raw": raw, "deadline_kind": due.kind}
    return (
        found
        | {k: v and v.isoformat() for k, v in iso.items()}
        | {"duration": due.duration, "anchor": due.anchor}
    )


def _gold_roles(measure: JSON) -> JSON:
    """List the bodies of a measure in the prose by role; only there may somebody oversee."""
    roles = {"lead": codes_of(measure["lead"]), "coord": codes_of(measure.get("coordinating", ()))}
    return roles | ({"overseeing": measure["overseeing"]} if "overseeing" in measure else {})


def _gold_prose(blocks: Iterable[JSON], source: Source, path: tuple[str, ...] = ()) -> Iterator[JSON]:
    """List the measures that stand in the prose."""
    for block in blocks:
        here = (*path, str(block.get("num", "")))
        if measure := block.get("measure"):
            facts = {"part": "body", "section": ".".join(path), "no": block["num"], "field": measure["field"]}
            due = _gold_due(source.due(measure["due"]), measure["due_raw"])
            words = {"task": block["text"][:PREFIX_LENGTH]}
            yield facts | words | _gold_roles(measure) | due | {"product": measure.get("deliverable", "")}
        yield from _gold_prose(block.get("children", ()), source, here)


def _gold_row(row: Mapping[str, str], source: Source) -> JSON:
    """Give the gold of one row of the annex."""
    sections = {part["code"]: part["section"] for part in source.content["fields"]}
    facts = {
        "part": "annex",
        "section": sections[row["field"]],
        "no": int(row["number"]),
        "field": row["field"],
    }
    roles = {
        "lead": codes_of(split_bodies(row["lead"])),
        "coord": codes_of(split_bodies(row["coordinating"])),
    }
    due = _gold_due(source.due(row["due"]), DUE_WRITERS[source.language](row["due"]))
    return facts | {"task": row["task"][:PREFIX_LENGTH]} | roles | due | {"product": row["deliverable"]}


def gold_of(source: Source) -> JSON:
    """Give the true reading of a directive, in the shape of the shared gold."""
    content = source.content
    prose = list(_gold_prose(content["blocks"], source))
    monitoring = [body for block in _walk(content["blocks"]) for body in block.get("monitoring", ())]
    return {
        "source": f"source/{source.slug}", "doc": content["title"], "lang": content["language"],
        "register": content["register"], "signed_on": content["signed_on"], "monitoring": monitoring,
        "conventions": {
            "@codes": "groups by their code in the register's pack, one phrase may mean several",
            "deadline": "last day; deadline_start first day of a period; relative ones count from their anchor",
            "section, no": "annex: the field's section and the number in it; body: dotted path above, own number",
        },
        "tasks": [*prose, *(_gold_row(row, source) for row in source.tasks)],
    }  # fmt: skip


def _walk(blocks: Iterable[JSON]) -> Iterator[JSON]:
    """Walk all blocks."""
    for block in blocks:
        yield block
        yield from _walk(block.get("children", ()))


# -- demonstration -----------------------------------------------------------------------------------------------


def _demo_facts(part: str, section: str, number: str, facts: Mapping[str, Any]) -> JSON:
    """Give outcome and priority of one measure."""
    special = bool(facts.get("special_project")) or facts.get("priority") == "special_project"
    priority = "high" if special or facts.get("priority") == "high" else "normal"
    where = {"part": part, "section": section, "no": number, "key": f"{section}.{number}"}
    return where | {"outcome": facts["outcome"], "priority": priority, "special_project": special}


def _demo_prose(blocks: Iterable[JSON], path: tuple[str, ...] = ()) -> Iterator[JSON]:
    """List outcome and priority of the measures in the prose."""
    for block in blocks:
        if measure := block.get("measure"):
            yield _demo_facts("body", ".".join(path), block["num"], measure)
        yield from _demo_prose(block.get("children", ()), (*path, str(block.get("num", ""))))


def demo_measures(source: Source) -> list[JSON]:
    """List what the demonstration adds to each measure of a directive (S0.2, S0.8)."""
    sections = {part["code"]: part["section"] for part in source.content["fields"]}
    rows = (_demo_facts("annex", sections[row["field"]], row["number"], row) for row in source.tasks)
    return [*_demo_prose(source.content["blocks"]), *rows]


def demo_of(sources: Iterable[Source]) -> JSON:
    """Join the demonstration's own facts with those that stand in the directives' sources."""
    facts: JSON = json.loads((SAMPLES / "source/demo.json").read_text(encoding="utf-8"))
    return facts | {"measures": {source.slug: demo_measures(source) for source in sources}}
