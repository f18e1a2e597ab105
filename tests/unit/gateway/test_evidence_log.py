"""The log writes in groups, survives a full disk, and is recovered to its last whole group."""

import asyncio
import errno
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from mehvar.exchange.data.evidence import EvidenceDamaged
from mehvar.exchange.rules import segments
from mehvar.gateway.evidence import archive, checking, files, log
from mehvar.gateway.evidence import writer as writers

LEAF = b'{"request_id":"%d"}'


def writer(folder: Path, *, segment_bytes: int = 1 << 20) -> writers.SegmentWriter:
    folder.mkdir(exist_ok=True)
    path = folder.parent / "key.pem"
    key = files.load_signing_key(path) if path.exists() else files.create_signing_key(path)
    files.keep_public_key(folder, key.public_key())
    return writers.SegmentWriter(
        folder, "c-0", key, files.recover_chain(folder, "c-0"), segment_bytes=segment_bytes
    )


def write(folder: Path, count: int, *, close: bool = True, segment_bytes: int = 1 << 20) -> None:
    own = writer(folder, segment_bytes=segment_bytes)
    for number in range(count):
        own.write([(LEAF % number, b"", None)])
    if close:
        own.close()


def test_segments_follow_one_another_across_restarts(tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    write(folder, 3)
    write(folder, 2, close=False)
    write(folder, 40, segment_bytes=4_000)
    report = checking.check_folder(folder)
    assert (report.batches, report.entries) == (45, 45)
    assert len(files.segment_paths(folder)) > 5
    covered = sum(checkpoint.last - checkpoint.first + 1 for checkpoint in checkpoints(folder))
    assert covered == 45


def checkpoints(folder: Path) -> list[Any]:
    return [segments.parse_checkpoint(path.read_bytes()) for path in (folder / "stamps").glob("*.checkpoint")]


@pytest.mark.parametrize("cut", [1, 5, 9, 100, 300, 400])
def test_a_torn_tail_is_cut_and_the_chain_goes_on(tmp_path: Path, cut: int) -> None:
    folder = tmp_path / "evidence"
    write(folder, 3, close=False)
    path = files.segment_paths(folder)[-1]
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    write(folder, 2)
    assert checking.check_folder(folder).batches == 4
    assert [*folder.glob("*.torn")]
    assert path.read_bytes() == whole[: len(path.read_bytes())]


@pytest.mark.parametrize("tail", [b"\0" * 4096, b"\0\0\1\0\2garbage", b"\xf1\xb1="])
def test_what_a_crash_left_behind_the_last_group_is_cut(tmp_path: Path, tail: bytes) -> None:
    folder = tmp_path / "evidence"
    write(folder, 3, close=False)
    with files.segment_paths(folder)[-1].open("ab") as file:
        file.write(tail)
    write(folder, 1)
    assert checking.check_folder(folder).batches == 4


def test_a_segment_torn_in_its_first_frame_is_put_aside(tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    write(folder, 2, close=False)
    files.segment_path(folder, "c-0", 2).write_bytes(segments.MAGIC + b"\0\0\1\0\1half a header")
    write(folder, 1)
    assert checking.check_folder(folder).batches == 3


def test_damage_inside_stops_the_gateway_instead_of_being_cut(tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    write(folder, 4, close=False)
    path = files.segment_paths(folder)[-1]
    raw = bytearray(path.read_bytes())
    raw[700] ^= 1
    path.write_bytes(raw)
    with pytest.raises(EvidenceDamaged):
        files.recover_chain(folder, "c-0")
    with pytest.raises(EvidenceDamaged):
        checking.check_folder(folder)


def test_a_missing_segment_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    write(folder, 30, segment_bytes=4_000)
    files.segment_paths(folder)[1].unlink()
    with pytest.raises(EvidenceDamaged, match="follow"):
        checking.check_folder(folder)


def test_archived_segments_stay_linked_after_retention_dropped_some(tmp_path: Path) -> None:
    from datetime import UTC, datetime, timedelta

    folder = tmp_path / "evidence"
    write(folder, 30, segment_bytes=4_000)
    count = len(files.segment_paths(folder))
    assert len(archive.archive_closed(folder)) == count
    assert archive.verify_archive(folder) == 30
    next((folder / "archive").glob("*-00000002.mev.gz")).unlink()
    assert 0 < archive.verify_archive(folder) < 30
    archive.drop_archived(folder, before=datetime.now(UTC) + timedelta(days=1))
    assert archive.verify_archive(folder) == 0
    (folder / "archive" / "c-0-00000003.json").unlink()
    with pytest.raises(EvidenceDamaged, match="manifest"):
        archive.verify_archive(folder)


async def logged(own: log.EvidenceLog, count: int, *, wait_s: float = 5) -> list[bool]:
    results: list[bool] = []
    for number in range(count):
        own.append(LEAF % number, b"", results.append)
    until = asyncio.get_running_loop().time() + wait_s
    while len(results) < count and asyncio.get_running_loop().time() < until:  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    return results


def test_what_waits_together_is_written_together(tmp_path: Path) -> None:
    async def run() -> None:
        own = log.EvidenceLog(writer(tmp_path / "evidence"), checkpoint_s=60)
        assert await logged(own, 500) == [True] * 500
        assert own.batches <= 3
        own.append(b"{}", b"", None, window_s=0.02)
        await own.close()

    asyncio.run(run())
    assert checking.check_folder(tmp_path / "evidence").entries == 501


@pytest.mark.parametrize(
    ("written", "number"), [(50, errno.ENOSPC), (None, errno.EIO), (None, errno.ENOSPC), (0, errno.ENOSPC)]
)
def test_a_full_disk_is_told_to_who_waits_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int | None, number: int
) -> None:
    real = os.write

    def failing(descriptor: int, data: bytes) -> int:
        real(descriptor, data[:written])  # a part of it reaches the file, or all of it but not the disk
        raise OSError(number, os.strerror(number))

    async def run() -> None:
        own = log.EvidenceLog(writer(tmp_path / "evidence"), checkpoint_s=60)
        assert await logged(own, 3) == [True] * 3
        monkeypatch.setattr(writers.os, "write", failing)
        assert await logged(own, 4) == [False] * 4
        assert not own.is_accepting
        monkeypatch.setattr(writers.os, "write", real)
        until = asyncio.get_running_loop().time() + 5
        while not own.is_accepting and asyncio.get_running_loop().time() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        assert await logged(own, 2) == [True] * 2
        await own.close()

    asyncio.run(run())
    assert checking.check_folder(tmp_path / "evidence").entries == 9  # those that waited were written later


def test_a_clock_that_jumps_back_never_takes_the_chain_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = writer(tmp_path / "evidence")
    for at in (5_000_000_000, 9_000_000_000, 1_000_000_000, 9_500_000_000):
        monkeypatch.setattr(writers.time, "time_ns", lambda at=at: at)
        own.write([(LEAF % at, b"", None)])
    own.close()
    path = files.segment_paths(tmp_path / "evidence")[0]
    with files.mapped(path) as data:
        instants = [
            batch.head.at
            for batch in segments.read_batches(data, files.public_key_of(tmp_path / "evidence", data))
        ]
    assert instants == [5_000_000, 9_000_000, 9_000_000, 9_500_000]


# ---------------------------------------------------------------------- groups


async def written(own: log.EvidenceLog, count: int) -> None:
    async with asyncio.timeout(5):
        while own.entries < count:  # noqa: ASYNC110
            await asyncio.sleep(0.001)


def append(own: log.EvidenceLog, count: int) -> None:
    for number in range(count):
        own.append(LEAF % number, b"", lambda _is_written: None)


def in_a_log(
    folder: Path, story: Callable[[log.EvidenceLog], Awaitable[None]], *, checkpoint_s: float = 60
) -> None:
    async def run() -> None:
        own = log.EvidenceLog(writer(folder / "evidence"), checkpoint_s=checkpoint_s)
        await story(own)
        await own.close()

    asyncio.run(run())


def test_a_crowd_is_awaited_and_a_single_call_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        log, "LOOK_S", 5.0
    )  # whoever waits for the rest of a crowd, waits longer than this test

    async def story(own: log.EvidenceLog) -> None:
        own.under_way = 8
        append(own, 8)
        await written(own, 8)
        append(own, 3)  # five of the eight are still with their providers
        await asyncio.sleep(0.02)
        assert (own.entries, own.batches) == (8, 1)
        append(own, 5)
        await written(own, 16)
        assert own.batches == 2
        for done in range(17, 22):  # the crowd goes home, calls come one by one
            own.under_way = 1
            own._last_group //= 2
            append(own, 1)
            if own._last_group < log.CROWD:
                await written(own, done)

    in_a_log(tmp_path, story)


def test_a_crowd_that_does_not_come_is_not_awaited_for_long(tmp_path: Path) -> None:
    async def story(own: log.EvidenceLog) -> None:
        own.under_way = 50  # hanging at their providers
        for done in range(20, 120, 20):
            append(own, 20)
            await written(own, done)
        assert own.batches <= 10

    in_a_log(tmp_path, story)


def test_what_may_wait_is_written_within_its_window_and_not_sooner(tmp_path: Path) -> None:
    async def story(own: log.EvidenceLog) -> None:
        loop, began = asyncio.get_running_loop(), asyncio.get_running_loop().time()
        for number in range(300):
            own.append(LEAF % number, b"", None, window_s=0.2)
            await asyncio.sleep(0)
        assert own.entries == 0
        own.append(b"{}", b"", None, window_s=0.02)  # in a greater hurry
        await written(own, 301)
        assert loop.time() - began < 0.2
        assert own.batches == 1

    in_a_log(tmp_path, story)


def test_checkpoints_stand_between_groups(tmp_path: Path) -> None:
    async def story(own: log.EvidenceLog) -> None:
        for number in range(1, 13):
            append(own, 3)
            await written(own, 3 * number)
            await asyncio.sleep(0.003)

    in_a_log(tmp_path, story, checkpoint_s=0.005)
    report = checking.check_folder(tmp_path / "evidence")
    assert (report.entries, report.batches) == (36, 12)
    made = sorted(checkpoints(tmp_path / "evidence"), key=lambda checkpoint: checkpoint.first)
    assert len(made) > 2
    assert [checkpoint.first for checkpoint in made[1:]] == [checkpoint.last + 1 for checkpoint in made[:-1]]
