"""Measure a promulgation that lays 7,000 assignments on 70 bodies, on a database file as an installation has it.

Everything is in it: gates, Akoma Ntoso with its schema check, PDF/A, signature, expansion, requests to acknowledge, notices,
entries on record, commit to disk. The peer writes the same 7,070 rows with Django one by one (``create()``) in one
transaction and does nothing else. The work runs in a process of its own, with a fresh data folder.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from typing import Any

from bench import apart
from bench.figures import Figure

MEASURES, BODIES = 100, 70
GOAL_S = 3.0


def run(*, quick: bool) -> list[Figure]:
    """Return the median of five promulgations (three when quick), in seconds, beside the peer's.

    The first figure is what the person waits for: it holds what other rooms do when they hear of the promulgation. The
    second leaves that out. The third, without a goal, is the making of the deliveries in the background.
    """
    runs = 3 if quick else 5
    taken: dict[str, list[float]] = apart.told("bench.promulgation", runs)
    name = f"promulgation.{MEASURES * BODIES}_assignments"
    return [
        _figure(name, taken["whole"], taken["peer"], runs),
        _figure(f"{name}.directives_alone", taken["own"], taken["peer"], runs),
        _figure(f"{name}.cpu", taken["cpu"], taken["peer_cpu"], runs),
        *(
            Figure(
                name=f"{name}.{words}",
                value=round(statistics.median(taken[key]), 3),
                unit="s",
                runs=runs,
                spread=round(max(taken[key]) - min(taken[key]), 3),
            )
            for key, words in (
                ("making", "deliveries_in_the_background"),
                ("making_cpu", "deliveries_in_the_background.cpu"),
            )
        ),
    ]


def _figure(name: str, own: list[float], peers: list[float], runs: int) -> Figure:
    value, peer = statistics.median(own), statistics.median(peers)
    return Figure(
        name=name,
        value=round(value, 3),
        unit="s",
        peer="Django create() per row",
        peer_value=round(peer, 3),
        ratio=round(peer / value, 2),
        goal=GOAL_S,
        reached=value < GOAL_S,
        runs=runs,
        spread=round(max(own) - min(own), 3),
    )


def _prepared() -> tuple[Any, Any]:
    """Set up a data folder with the small ministry; give it and the officer who promulgates."""
    import django

    django.setup()
    from django.core.management import call_command

    from mehvar.accounts.data import Role
    from tests.factories.organisations import small_ministry

    call_command("migrate", verbosity=0)
    house = small_ministry()
    return house, house.people[Role.PLANNING_OFFICER]


def _measure(runs: int) -> dict[str, list[float]]:
    """Time promulgations and the peer in turns; each directive is a new one."""
    house, officer = _prepared()
    from tests.factories.promulgation import wide_directive

    taken: dict[str, list[float]] = {
        name: [] for name in ("whole", "own", "cpu", "peer", "peer_cpu", "making", "making_cpu")
    }
    for number in range(-1, runs):
        directive = wide_directive(house, measures=MEASURES, bodies=BODIES if number < 0 else 2)
        used = time.process_time()
        whole, elsewhere = _promulgation_s(officer, directive, f"2026/{number + 2:03}")
        promulgated = time.process_time()
        making = _making_s(directive.pk)
        made = time.process_time()
        peer = _peer_s(house)
        facts = {
            "whole": whole, "own": whole - elsewhere, "cpu": promulgated - used, "peer": peer,
            "peer_cpu": time.process_time() - made, "making": making, "making_cpu": made - promulgated,
        }  # fmt: skip
        for name, seconds in facts.items() if number >= 0 else ():
            taken[name].append(seconds)
    return taken


def _promulgation_s(officer: Any, directive: Any, number: str) -> tuple[float, float]:
    """Promulgate; give the seconds it took, and those of them in which other rooms worked."""
    from mehvar.directives.actions import promulgation
    from mehvar.directives.models import Acknowledgement, AssignedBody
    from mehvar.kernel import events

    elsewhere, publish = [0.0], events.publish

    def timed(name: str, **facts: Any) -> None:
        begun = time.perf_counter()
        publish(name, **facts)
        elsewhere[0] += time.perf_counter() - begun

    events.publish = timed
    try:
        started = time.perf_counter()
        promulgation.promulgate_directive(officer, directive.pk, number=number)
        taken = time.perf_counter() - started
    finally:
        events.publish = publish
    assert AssignedBody.objects.filter(directive=directive).count() == MEASURES * BODIES
    assert Acknowledgement.objects.filter(directive=directive).count() == BODIES
    return taken, elsewhere[0]


def _making_s(directive_id: int) -> float:
    """Make the deliveries as a worker does."""
    from mehvar.programmes.actions import making
    from mehvar.programmes.models import Delivery

    started = time.perf_counter()
    making.make_deliveries(directive_id)
    taken = time.perf_counter() - started
    assert Delivery.objects.filter(directive_id=directive_id).count() == MEASURES * BODIES
    return taken


def _peer_s(house: Any) -> float:
    """Write the rows of another directive of the same size one by one."""
    from django.db import transaction

    from mehvar.directives.models import Acknowledgement, AssignedBody
    from mehvar.kernel import clock
    from mehvar.organisations import queries as organisations
    from tests.factories.promulgation import wide_directive

    directive = wide_directive(house, measures=MEASURES, bodies=2)
    measures = list(directive.measures.values_list("pk", flat=True))
    today, now = clock.today(), clock.now()
    bodies = list(organisations.members_of_group("xx", "@provinces", today).values_list("pk", flat=True))
    started = time.perf_counter()
    with transaction.atomic():
        for measure in measures:
            for body in bodies:
                AssignedBody.objects.create(
                    directive=directive,
                    measure_id=measure,
                    organisation_id=body,
                    role="lead",
                    via_group="@provinces",
                )
        for body in bodies:
            Acknowledgement.objects.create(
                directive=directive, organisation_id=body, asked_at=now, due_on=today
            )
    taken = time.perf_counter() - started
    assert len(measures) * len(bodies) == MEASURES * BODIES
    return taken


if __name__ == "__main__":
    print(json.dumps(_measure(int(sys.argv[1]))))
