"""Run the testbed from the command line: start, say what to try, wait, stop; or prove once that everything works."""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TypeVar

from mehvar.config.testbed.clients import Call, Fate
from mehvar.config.testbed.federation import CITY, TAX
from mehvar.config.testbed.guide import trials, write_script
from mehvar.config.testbed.news import News
from mehvar.config.testbed.page import PageServer
from mehvar.config.testbed.registers import registers
from mehvar.config.testbed.scene import Scene
from mehvar.config.testbed.traffic import some_question
from mehvar.exchange.data.errors import ErrorType
from mehvar.kernel.errors import MehvarError

PATIENCE_S = 15.0
Found = TypeVar("Found")


def run(options: argparse.Namespace) -> int:
    """Run until interrupted, or for ``--duration``; with ``--once`` check everything and return 0 when it held."""
    folder = options.folder or Path(tempfile.mkdtemp(prefix="mehvar-testbed-"))
    if (folder / "gateway.key").exists():
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=folder))
    stop = _until_told_to_stop()
    began = time.monotonic()
    scene = Scene(folder.resolve(), workers=options.workers, rate=options.rate)
    news = News()
    page = PageServer(scene, options.port, options.language, news=news)
    try:
        scene.start()
        write_script(scene.folder)
        first = _first_call(scene)
        scene.traffic.start()
        news.start()
        page.start()
        _say(f"The federation answers after {time.monotonic() - began:.1f} s. Files: {scene.folder}\n")
        if options.once:
            return 0 if _check_once(scene, first, news) else 1
        _show_guide(scene, page, first)
        stop.wait(options.duration or None)
    finally:
        if page.is_serving:
            page.stop()
        news.stop()
        scene.stop()
        _say("Stopped. The evidence stays in the folder and can still be verified.")
    return 0


def _until_told_to_stop() -> threading.Event:
    stop = threading.Event()

    def told(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, told)
    signal.signal(signal.SIGTERM, told)
    return stop


def _first_call(scene: Scene) -> Call:
    """Ask until a first answer comes; a provider may need a moment longer than the gateway."""
    draw = random.Random(1)  # noqa: S311 - any question will do
    until = time.monotonic() + PATIENCE_S
    while True:
        question = some_question(TAX.code, registers(), draw)
        call = scene.clients[TAX.code].ask(question, scene.journal.next_number())
        scene.journal.note(call)
        if call.fate is Fate.ANSWERED or time.monotonic() > until:
            return call
        time.sleep(0.1)


def _show_guide(scene: Scene, page: PageServer, first: Call) -> None:
    _say(f"Watch it live:  {page.address}   (?lang=fa, ?lang=vi)\n")
    for number, trial in enumerate(trials(scene, first.request_id), start=1):
        _say(f"{number}. {trial.words}\n   {trial.command}\n")
    _say("Ctrl+C stops everything that was started here.")


def _check_once(scene: Scene, first: Call, news: News) -> bool:
    """Go through what the page shows, and print what held."""
    checks: list[tuple[str, Callable[[], bool]]] = [
        ("a call by mutual TLS is answered", lambda: first.fate is Fate.ANSWERED),
        ("its receipt verifies with the public key alone", lambda: _verifies(scene, first)),
        ("a signed request is answered", lambda: _seen(scene, lambda call: call.client == "loans" and call.fate is Fate.ANSWERED)),
        ("a call without a right is refused, on record", lambda: _refused_on_record(scene)),
        ("a revoked certificate is refused", lambda: _revoked(scene)),
        ("a told event arrives, signed", lambda: _wait(lambda: news.counts.signed or None) is not None),
        ("killing a gateway process loses no evidence", lambda: _survives(scene)),
    ]  # fmt: skip
    held = True
    for words, check in checks:
        is_so = check()
        held = held and is_so
        _say(f"{'ok  ' if is_so else 'FAIL'}  {words}")
    return held


def _verifies(scene: Scene, call: Call) -> bool:
    try:
        return bool(scene.receipt(call.request_id)[1].leaf["request_id"] == call.request_id)
    except MehvarError:
        return False


def _refused_on_record(scene: Scene) -> bool:
    denied = _wait(
        lambda: next((call for call in scene.journal.since(0) if call.error == ErrorType.ACCESS_DENIED), None)
    )
    return denied is not None and _wait(lambda: _verifies(scene, denied) or None) is True


def _revoked(scene: Scene) -> bool:
    scene.revoke(CITY)
    return _seen(
        scene, lambda call: call.client == CITY.code and call.error == ErrorType.AUTHENTICATION_FAILED
    )


def _survives(scene: Scene) -> bool:
    if not scene.kill_worker():
        return False
    ordeal = _wait(lambda: scene.ordeal if scene.ordeal and scene.ordeal.missing is not None else None)
    return ordeal is not None and ordeal.missing == 0


def _seen(scene: Scene, is_wanted: Callable[[Call], bool]) -> bool:
    return _wait(lambda: next((call for call in scene.journal.since(0) if is_wanted(call)), None)) is not None


def _wait(look: Callable[[], Found | None]) -> Found | None:
    until = time.monotonic() + PATIENCE_S
    while (found := look()) is None and time.monotonic() < until:
        time.sleep(0.05)
    return found


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()
