"""Keep asking: one thread per client, steady, with questions that are answered, refused and failing."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable
from itertools import count

from mehvar.config.testbed.clients import Call, Client, Fate, Question, lien
from mehvar.config.testbed.federation import CIVIL, LAND, POST
from mehvar.config.testbed.registers import Registers, registers

KEPT_CALLS = 400
KEPT_ANSWERS = 200_000


class Journal:
    """Keep the newest calls for the page, and the identifiers of all that were answered."""

    def __init__(self) -> None:
        """Begin empty."""
        self._lock = threading.Lock()
        self._numbers = count(1)
        self.calls: deque[Call] = deque(maxlen=KEPT_CALLS)
        self.answered: deque[tuple[float, str]] = deque(maxlen=KEPT_ANSWERS)
        self.counts: dict[Fate, int] = dict.fromkeys(Fate, 0)

    def next_number(self) -> int:
        """Return the number of the next call."""
        return next(self._numbers)

    def note(self, call: Call) -> None:
        """Take down a call that has ended."""
        with self._lock:
            self.calls.append(call)
            self.counts[call.fate] += 1
            if call.needs_evidence:
                self.answered.append((call.at.timestamp() + call.latency_ms / 1000, call.request_id))

    def since(self, number: int) -> list[Call]:
        """Return the kept calls after ``number``, oldest first."""
        with self._lock:
            return sorted([call for call in self.calls if call.number > number], key=lambda call: call.number)

    def answered_until(self, instant: float) -> list[str]:
        """Return the request identifiers of calls answered up to an instant (seconds since 1970)."""
        with self._lock:
            return [request_id for at, request_id in self.answered if at <= instant]


class Traffic:
    """Ask on behalf of all clients, ``rate`` calls per second together."""

    def __init__(self, clients: list[Client], journal: Journal, rate: float) -> None:
        """Prepare; `start` begins."""
        self.rate = rate
        self._clients, self._journal = clients, journal
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to ask."""
        self._threads = [
            threading.Thread(target=self._keep_asking, args=(client,), name=f"client-{client.party.code}")
            for client in self._clients
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop asking and wait until the last answers are there."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _keep_asking(self, client: Client) -> None:
        draw = random.Random(client.party.code)  # noqa: S311 - a mixture of questions, no secrets
        while not self._stop.wait(draw.uniform(0.5, 1.5) * len(self._clients) / self.rate):
            question = some_question(client.party.code, registers(), draw)
            self._journal.note(client.ask(question, self._journal.next_number()))
        client.close()


def some_question(client: str, held: Registers, draw: random.Random) -> Question:
    """Draw a question that this client would ask."""
    return draw.choice(_QUESTIONS[client])(held, draw)


def _parcel(held: Registers, draw: random.Random) -> Question:
    return Question(LAND, "GET", f"/parcels/{draw.choice([*held.parcels])}")


def _parcels_of(held: Registers, draw: random.Random) -> Question:
    return Question(LAND, "GET", f"/parcels?owner={draw.choice([*held.persons])}")


def _lien(held: Registers, draw: random.Random) -> Question:
    return Question(LAND, "POST", "/liens", lien(draw.choice([*held.parcels])))


def _person(held: Registers, draw: random.Random) -> Question:
    return Question(CIVIL, "GET", f"/persons/{draw.choice([*held.persons])}")


def _address(held: Registers, draw: random.Random) -> Question:
    return Question(POST, "GET", f"/postcodes/{draw.choice([*held.postcodes])}")


def _unknown_address(_held: Registers, draw: random.Random) -> Question:
    return Question(POST, "GET", f"/postcodes/98{draw.randrange(10**8):08d}")


_QUESTIONS: dict[str, tuple[Callable[[Registers, random.Random], Question], ...]] = {
    "assessment": (_parcel, _parcels_of, _parcels_of, _person, _lien),
    "permits": (_parcel, _address, _address, _unknown_address),
    "land": (_person,),
    "loans": (_parcel, _parcel, _address, _person),
}
