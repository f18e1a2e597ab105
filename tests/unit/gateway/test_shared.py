"""Quotas and the memory of signed requests hold for all processes together."""

import multiprocessing
from pathlib import Path

import pytest

from mehvar.exchange.rules import quotas
from mehvar.gateway import shared
from mehvar.gateway.breakers import FAILURES_TO_OPEN, PAUSE_S, Breaker


def race(path: str, calls: int, result: "multiprocessing.Queue[int]") -> None:
    memory = shared.SharedMemory(Path(path))
    result.put(
        sum(memory.take_quota("client service", calls_per_s=0.001, burst=100) == 0.0 for _ in range(calls))
    )


def replay(path: str, names: int, result: "multiprocessing.Queue[int]") -> None:
    memory = shared.SharedMemory(Path(path))
    result.put(sum(memory.remember_once(f"n{number}".encode(), for_s=60) for number in range(names)))


@pytest.mark.parametrize(("work", "amount", "expected"), [(race, 2_000, 100), (replay, 1_000, 1_000)])
def test_processes_racing_for_a_quota_or_a_nonce_get_it_exactly_once(
    tmp_path: Path, work: object, amount: int, expected: int
) -> None:
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[int] = context.Queue()
    children = [
        context.Process(target=work, args=(str(tmp_path / "shared"), amount, results)) for _ in range(3)
    ]  # type: ignore[arg-type]
    for child in children:
        child.start()
    counts = [results.get(timeout=120) for _ in children]
    for child in children:
        child.join()
    results.close()
    assert sum(counts) == expected


def test_a_quota_fills_again_with_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = shared.SharedMemory(tmp_path / "shared")
    now = [1_000.0]
    monkeypatch.setattr(shared.time, "monotonic", lambda: now[0])
    assert [memory.take_quota("q", calls_per_s=2, burst=2) for _ in range(3)] == [0.0, 0.0, 0.5]
    now[0] += 0.5
    assert memory.take_quota("q", calls_per_s=2, burst=2) == 0.0
    now[0] -= 100  # whatever the clock does, it never refills twice
    assert memory.take_quota("q", calls_per_s=2, burst=2) > 0
    memory.close()


@pytest.mark.parametrize("gateways", range(1, 12))
def test_the_parts_of_a_quota_never_exceed_it(gateways: int) -> None:
    calls_per_s, burst = quotas.part(10.0, 50, gateways=gateways)
    assert calls_per_s * gateways == pytest.approx(10.0)
    assert 50 - gateways < burst * gateways <= 50
    assert quotas.part(10.0, 1, gateways=gateways)[1] == 1


def test_a_full_memory_refuses_instead_of_forgetting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "REPLAY_GROUPS", 1)
    memory = shared.SharedMemory(tmp_path / "shared")
    assert all(memory.remember_once(bytes([number]), for_s=60) for number in range(shared.REPLAY_WAYS))
    with pytest.raises(shared.MemoryFull):
        memory.remember_once(b"one more", for_s=60)
    assert not memory.remember_once(b"\x00", for_s=60)
    memory.close()


def test_a_breaker_opens_tries_once_and_closes() -> None:
    breaker = Breaker()
    for _ in range(FAILURES_TO_OPEN):
        assert breaker.admits(0)
        breaker.failed(0)
    assert not breaker.admits(PAUSE_S - 0.1)
    assert breaker.admits(PAUSE_S)
    assert not breaker.admits(PAUSE_S)  # one tries, the others wait
    breaker.failed(PAUSE_S)
    assert not breaker.admits(PAUSE_S + 1)
    assert breaker.admits(2 * PAUSE_S)
    breaker.succeeded()
    assert breaker.admits(2 * PAUSE_S)
    assert not breaker.is_open
