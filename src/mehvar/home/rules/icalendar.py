"""Write a calendar that any calendar program reads (RFC 5545): whole days, folded lines, no byte of a letter torn apart."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from mehvar.home.data import Deadline

LONGEST_LINE = 75
"""Bytes of a line without its end (RFC 5545 §3.1)."""
LINE_END = "\r\n"


def calendar_of(
    deadlines: Iterable[Deadline], *, name: str, host: str, now: datetime, said: dict[date, str] | None = None
) -> str:
    """Return a calendar with one whole-day event a deadline; ``said`` gives days in words for the descriptions.

    An event keeps its identity (``UID``) when its date moves, so that programs move it instead of showing it twice.
    Source: RFC 5545, RFC 7986 (``NAME``, ``REFRESH-INTERVAL``).
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Mehvar//Deadlines//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{escaped(name)}",
        f"X-WR-CALNAME:{escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ]
    for deadline in deadlines:
        lines += _event(deadline, host, now, (said or {}).get(deadline.day, ""))
    lines.append("END:VCALENDAR")
    return "".join(folded(line) + LINE_END for line in lines)


def _event(deadline: Deadline, host: str, now: datetime, said: str) -> Iterator[str]:
    words = "\n".join(part for part in (deadline.title, said, deadline.url) if part)
    identity = hashlib.sha256(deadline.key.encode()).hexdigest()[:32]
    yield "BEGIN:VEVENT"
    yield f"UID:{identity}@{host}"
    yield f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{deadline.day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{deadline.day + timedelta(1):%Y%m%d}"
    yield f"SUMMARY:{escaped(f'{deadline.act}: {deadline.title}')}"
    yield f"DESCRIPTION:{escaped(words)}"
    yield f"URL:{deadline.url}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def escaped(text: str) -> str:
    """Return a text as a value: backslash, semicolon, comma and line ends escaped, other control signs dropped (§3.3.11)."""
    tidy = text.replace("\r\n", "\n").replace("\r", "\n")
    tidy = tidy.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    return "".join(letter for letter in tidy if letter >= " " and letter != "\x7f")


def folded(line: str) -> str:
    """Return a line in pieces of at most 75 bytes, the later ones after a space; letters stay whole (§3.1)."""
    cuts, used = [0], 0
    for place, letter in enumerate(line):
        size = len(letter.encode())
        if used + size > LONGEST_LINE - (len(cuts) > 1):
            cuts.append(place)
            used = 0
        used += size
    return f"{LINE_END} ".join(line[start:end] for start, end in pairwise([*cuts, len(line)]))
