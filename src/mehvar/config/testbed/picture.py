"""Prepare what the page shows: the picture of who asks whom, rows of calls, the state of the evidence."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from mehvar.config.testbed.clients import Call, Fate
from mehvar.config.testbed.federation import CLIENTS, POST, PROVIDERS, PURPOSES, TAX, Party
from mehvar.config.testbed.guide import trials
from mehvar.config.testbed.news import Counts
from mehvar.config.testbed.scene import Ordeal, Scene
from mehvar.kernel.calendars import Calendar
from mehvar.ui.reader import Reader

RECENT_S = 10.0
SHOWN_CALLS = 30
_BADGES = {Fate.ANSWERED: "done", Fate.REFUSED: "overdue", Fate.FAILED: "attention", Fate.BROKEN: "missing"}


@dataclass(frozen=True, slots=True)
class Node:
    """Draw one party: where its line begins (0…100) and how thick it is; ``trouble`` in words, or empty."""

    code: str
    name: str
    id: str
    place: float
    width: float
    count: str
    trouble: str


class Picture:
    """Read a scene for one reader."""

    def __init__(self, scene: Scene, language: str, news: Counts) -> None:
        """Say numbers in the reader's digits."""
        self._scene, self._news = scene, news
        calendar = Calendar.JALALI if language == "fa" else Calendar.GREGORIAN
        self.reader = Reader(language, calendar)

    def page(self, token: str, notice: str) -> dict[str, Any]:
        """Return the variables of the whole page."""
        calls = self._scene.journal.since(0)
        answered = [call.request_id for call in calls if call.needs_evidence]
        return {
            **self.state(),
            **self.frame(),
            **self.events(),
            "rows": self.rows(calls),
            "last": calls[-1].number if calls else 0,
            "token": token,
            "notice": notice,
            "trials": trials(self._scene, answered[-1] if answered else "REQUEST_ID"),
        }

    def frame(self) -> dict[str, Any]:
        """Return what every page of the testbed needs."""
        languages = (("fa", "فارسی"), ("vi", "Tiếng Việt"), ("en", "English"))
        return {
            "language": self.reader.language,
            "direction": self.reader.direction,
            "theme": "auto",
            "languages": languages,
        }

    def events(self) -> dict[str, Any]:
        """Return what the page says about events."""
        number, news = self.reader.number, self._news
        return {
            "event_counts": [
                ("info", _("told"), number(news.told)),
                ("done", _("received, signature verified"), number(news.signed)),
                ("attention", _("refused by a busy inbox, sent again"), number(news.busy)),
                ("open", _("on their way"), number(news.waiting)),
                (
                    "overdue" if news.forged + news.dead else "done",
                    _("lost or forged"),
                    number(news.forged + news.dead),
                ),
            ]
        }

    def state(self) -> dict[str, Any]:
        """Return what changes with every look."""
        scene = self._scene
        recent = [call for call in scene.journal.since(0) if call.at.timestamp() > time.time() - RECENT_S]
        asking = Counter([call.client for call in recent])
        asked = Counter([call.question.provider.code for call in recent])
        health = scene.gateway.health()
        missing = len(scene.follower.missing(scene.journal.answered_until(time.time() - 1)))
        number = self.reader.number
        return {
            "clients": self._nodes(
                CLIENTS, asking, {code: _("certificate revoked") for code in scene.standing.revoked}
            ),
            "providers": self._nodes(PROVIDERS, asked, self._stopped()),
            "pairs": self._pairs(recent),
            "processes": number(int(str(health.get("workers_alive", 0)))),
            "all_processes": number(scene.gateway.workers),
            "is_whole": health.get("workers_alive") == scene.gateway.workers,
            "snapshot": number(scene.standing.version),
            "chains": [
                self._chain(chain) for chain in sorted(scene.follower.chains.values(), key=lambda it: it.name)
            ],
            "answered": number(len(scene.journal.answered)),
            "missing": missing,
            "missing_words": number(missing),
            "counts": [
                (_BADGES[fate], fate_words(fate), number(scene.journal.counts[fate])) for fate in Fate
            ],
            "ordeal": scene.ordeal and self._ordeal(scene.ordeal),
            "rate": number(scene.traffic.rate),
            "is_revoked": TAX.code in scene.standing.revoked,
            "is_granted": scene.standing.bank_may_ask_persons,
            "is_stopped": not scene.programs[POST.code].is_running,
            "window": number(RECENT_S),
        }

    def rows(self, calls: list[Call]) -> list[dict[str, Any]]:
        """Return the newest calls as rows, newest first."""
        return [self._row(call) for call in reversed(calls[-SHOWN_CALLS:])]

    def clock(self, instant: Any) -> str:
        """Return the time of day."""
        return self.reader.digits(timezone.localtime(instant).strftime("%H:%M:%S"))

    def proof(self, text: str) -> str:
        """Say how a client proved itself (``signature:KEY``, ``mutual-tls:HASH``)."""
        kind, _colon, name = text.partition(":")
        said = {"signature": _("signed request"), "mutual-tls": _("mutual TLS")}.get(kind)
        return f"{said} · \u2066{name[:40]}\u2069" if said else text[:48]

    def moment(self, instant: datetime) -> str:
        """Return day and time to the millisecond."""
        local = timezone.localtime(instant)
        clock = self.reader.digits(f"{local:%H:%M:%S}.{local.microsecond // 1_000:03d}")
        return _("%(date)s, %(time)s") % {"date": self.reader.date(local), "time": clock}

    def _row(self, call: Call) -> dict[str, Any]:
        names = {party.code: party.name for party in (*CLIENTS, *PROVIDERS)}
        return {
            "number": call.number,
            "time": self.clock(call.at),
            "client": _(names[call.client]),
            "client_code": call.client,
            "provider": _(call.question.provider.name),
            "provider_code": call.question.provider.code,
            "asked": f"{call.question.method} {call.question.path}",
            "purpose": _(PURPOSES[call.purpose]),
            "fate": call.fate.value,
            "badge": _BADGES[call.fate],
            "words": fate_words(call.fate),
            "status": self.reader.digits(call.status) if call.status else "",
            "error": call.error.rpartition("Proxy.")[2],
            "latency": self.reader.number(call.latency_ms, decimals=1),
            "receipt": call.request_id if call.request_id and "Authentication" not in call.error else "",
        }

    def _nodes(
        self, parties: tuple[Party, ...], counts: Counter[str], troubles: dict[str, str]
    ) -> list[Node]:
        step = 100 / len(parties)
        return [
            Node(
                party.code, _(party.name), party.id, round(step * (place + 0.5), 2),
                round(min(8.0, 0.75 + counts[party.code] / 4), 2), self.reader.number(counts[party.code]),
                troubles.get(party.code, ""),
            )
            for place, party in enumerate(parties)
        ]  # fmt: skip

    def _stopped(self) -> dict[str, str]:
        programs = self._scene.programs
        return {code: _("stopped") for code, program in programs.items() if not program.is_running}

    def _pairs(self, recent: list[Call]) -> list[tuple[str, str, str]]:
        names = {party.code: party.name for party in (*CLIENTS, *PROVIDERS)}
        counted = Counter([(call.client, call.question.provider.code) for call in recent])
        return [
            (_(names[one]), _(names[two]), self.reader.number(count))
            for (one, two), count in sorted(counted.items())
        ]

    def _chain(self, chain: Any) -> dict[str, Any]:
        number = self.reader.number
        return {
            "name": chain.name,
            "segment": number(chain.segment),
            "batches": number(chain.batches),
            "entries": number(chain.entries),
            "last": chain.last[:12],
            "fault": chain.fault,
        }

    def _ordeal(self, ordeal: Ordeal) -> dict[str, Any]:
        return {
            "process": self.reader.digits(ordeal.process_id),
            "time": self.clock(ordeal.at),
            "answered": self.reader.number(ordeal.answered),
            "missing": ordeal.missing,
            "missing_words": self.reader.number(ordeal.missing or 0),
        }


def fate_words(fate: Fate) -> str:
    """Return what became of a call in a word."""
    return {
        Fate.ANSWERED: _("answered"),
        Fate.REFUSED: _("refused"),
        Fate.FAILED: _("failed"),
        Fate.BROKEN: _("broken off"),
    }[fate]
