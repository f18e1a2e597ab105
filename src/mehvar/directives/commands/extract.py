"""Print the measures of a directive document without touching a database or importing Django.

Source: issue "the house", point 8.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mehvar.kernel import errors

if TYPE_CHECKING:
    from mehvar.directives.extraction.model import ExtractedMeasure, Extraction

_TEXT_WIDTH = 48


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the verb's arguments."""
    parser.add_argument("file", metavar="FILE", type=Path, help="the document to read")
    parser.add_argument(
        "--register", default="vn", metavar="PACK", help="the register of bodies: vn (default) or ir"
    )
    parser.add_argument(
        "--on", type=date.fromisoformat, metavar="DATE", help="read names as of this day (YYYY-MM-DD)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(args: argparse.Namespace) -> int:
    """Read the document and print what was found; 2 for input that cannot be used.

    Source: issue "the house", point 8 (one clear message, exit code 2).
    """
    try:
        extraction = _extract(args)
    except errors.MehvarError as error:
        sys.stderr.write(f"mehvar: {error}\n")
        return 2
    if not extraction.measures:
        sys.stderr.write("mehvar: no task was found in the document.\n")
        return 2
    if args.json:
        sys.stdout.write(json.dumps(as_json(extraction), ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write(as_table(extraction))
    return 0


def _extract(args: argparse.Namespace) -> Extraction:
    """Read the file through the register's pack."""
    from mehvar.directives.extraction.engine import extract
    from mehvar.organisations.rules.matching import BodyRegister
    from mehvar.organisations.rules.packs import load_pack

    data = _bytes_of(args.file)
    register = BodyRegister.from_pack(load_pack(args.register))
    return extract(data, args.file.name, register=register, on=args.on)


def _bytes_of(path: Path) -> bytes:
    """Read the file's bytes, at most as many as allowed.

    Raises:
        InputError: The file cannot be read.
    """
    from mehvar.directives.extraction.limits import DEFAULT

    try:
        with path.open("rb") as file:
            return file.read(DEFAULT.file_bytes + 1)
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise errors.InputError(
            "{path}: {reason}", code="unreadable-file", path=path, reason=reason
        ) from None


def as_json(extraction: Extraction) -> dict[str, Any]:
    """Give the extraction as the issue describes it, with extra keys."""
    from mehvar.directives.extraction.flags import rendered

    return {
        "provisions": len(extraction.provisions),
        "language": extraction.language,
        "title": extraction.title,
        "number": extraction.number,
        "issuer": extraction.issuer,
        "signed_on": _iso(extraction.signed_on),
        "measures": [_measure(measure) for measure in extraction.measures],
        "flags": [{"code": flag.code, "message": rendered(flag)} for flag in extraction.flags],
        "warnings": list(extraction.warnings),
    }


def _measure(measure: ExtractedMeasure) -> dict[str, Any]:
    """Give one measure."""
    from mehvar.directives.extraction.model import Role

    due = measure.due
    return {
        "section": measure.section,
        "number": measure.number,
        "text": measure.text,
        **{role.value: measure.names(role) for role in Role},
        "deliverable": measure.deliverable,
        "field": measure.field,
        "due": {
            "raw": due.raw,
            "kind": due.kind.value,
            "start": _iso(due.start),
            "end": _iso(due.end),
            "duration": due.duration,
            "anchor": due.anchor,
            "recurrence": due.recurrence,
            "calendar": due.calendar,
        },
        "confidence": measure.least_confidence,
        "confidence_by_field": dict(measure.confidence),
        "flags": list(dict.fromkeys(flag.code for flag in measure.flags)),
    }


def _iso(day: date | None) -> str | None:
    """Give a date in ISO form."""
    return day.isoformat() if day else None


def as_table(extraction: Extraction) -> str:
    """Give a table for people."""
    from mehvar.directives.extraction.flags import rendered
    from mehvar.directives.extraction.model import Role

    lines = [extraction.title, ""]
    for measure in extraction.measures:
        number = ".".join(filter(None, (measure.section, measure.number)))
        text = measure.text if len(measure.text) <= _TEXT_WIDTH else measure.text[: _TEXT_WIDTH - 1] + "…"
        lead = ", ".join(measure.names(Role.LEAD)) or "—"
        lines.append(f"{number:<10} {text:<{_TEXT_WIDTH}}  {measure.due.raw or '—':<14}  {lead}")
        lines += [f"{'':<10}   ! {rendered(flag)}" for flag in measure.flags]
    flagged = sum(bool(measure.flags) for measure in extraction.measures)
    lines += [
        "",
        f"{len(extraction.measures)} measures, {flagged} to look at, {len(extraction.provisions)} provisions.",
    ]
    return "\n".join(lines) + "\n"
