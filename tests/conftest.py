"""Make sloppiness fail: no network, an injected clock where asked, and shared data by one name."""

import os
import socket
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

# A landing must not hang on the draw of the day; developers' own runs stay random and find new cases.
hypothesis_settings.register_profile("landing", derandomize=True)
if os.environ.get("CI"):
    hypothesis_settings.load_profile("landing")

# With MEHVAR_REQUIRE_ALL=1 every other skip is a failure: a program that should be here is not.
RIGHTLY_SKIPPED = (
    "the shared data folder is absent",
    "set MEHVAR_TEST_POSTGRES",  # runs in the second half, on PostgreSQL
    "one writer at a time",
    "INSERT OR REPLACE is SQLite's own",
    "SQLite has no",
)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    reason = str(report.longrepr)
    wrongly = (
        report.skipped
        and not hasattr(report, "wasxfail")
        and not any(word in reason for word in RIGHTLY_SKIPPED)
    )
    if wrongly and os.environ.get("MEHVAR_REQUIRE_ALL") == "1":
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped where nothing may be: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped and os.environ.get("MEHVAR_REQUIRE_ALL") == "1":
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped where nothing may be: {report.longrepr}"
    return report


LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and address[0] not in LOOPBACK:
            pytest.fail(f"a test tried to reach the network: {address}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    root = Path(os.environ.get("MEHVAR_SHARED") or Path(__file__).resolve().parents[2] / "shared")
    if not (root / "data").is_dir():
        pytest.skip("the shared data folder is absent (set MEHVAR_SHARED)")
    return root / "data"


@pytest.fixture(autouse=True, scope="session")
def flush_despite_ledger_guards() -> Iterator[None]:
    """Let Django empty the test database between transactional tests, though the ledger refuses to forget."""
    from django.db.backends.base.operations import BaseDatabaseOperations

    flush = BaseDatabaseOperations.execute_sql_flush

    def unguarded(self: BaseDatabaseOperations, sql_list: Sequence[str]) -> None:
        from mehvar.ledger.models import guards

        with guards.lifted(self.connection):
            flush(self, sql_list)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", unguarded)
        yield
