# ruff: noqa: S310, S603, S607 - addresses and commands are those that the testbed printed
"""The small federation, as whoever starts it meets it: commands that were printed, a page that lives, buttons that act."""

import http.client
import json
import os
import re
import shlex
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

pytest.importorskip("httptools", reason="the gateway needs the extra [gateway]")

PICTURES = os.environ.get("MEHVAR_SCREENSHOTS", "")
BIN = Path(sys.executable).parent


@dataclass
class Federation:
    process: subprocess.Popen[str]
    folder: Path
    address: str
    commands: list[str]

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.address + path, timeout=90) as answer:
            return bytes(answer.read())

    def live(self, after: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.get(f"live.json?after={after}&lang=en"))
        return found

    def press(self, act: str, **fields: str) -> int:
        body = "&".join(f"{name}={value}" for name, value in fields.items()).encode()
        connection = http.client.HTTPConnection(self.address.split("/")[2], timeout=90)
        connection.request("POST", f"/acts/{act}?lang=en", body)
        status = connection.getresponse().status
        connection.close()
        return status

    @property
    def token(self) -> str:
        found = re.search(r'name="token" value="([^"]+)"', self.get("").decode())
        assert found
        return found[1]


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip


def request_of(address: str, headers: dict[str, str]) -> urllib.request.Request:
    return urllib.request.Request(address, headers=headers)


def wait_for(condition: Any, seconds: float = 90.0) -> Any:
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)
    return found


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    folder = tmp_path_factory.mktemp("testbed")
    command = [
        str(BIN / "mehvar"),
        "exchange",
        "testbed",
        "--folder",
        str(folder),
        "--rate",
        "24",
        "--duration",
        "240",
    ]
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout
    said = []
    while "Ctrl+C" not in (line := process.stdout.readline()):
        assert line, (folder / "log" / "gateway.log").read_text()
        said.append(line)
    address = next(line.split()[3] for line in said if line.startswith("Watch"))
    yield Federation(process, folder, address, [line.strip() for line in said if line.startswith("   ")])
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        process.wait(90)
    process.stdout.close()


def test_what_is_printed_can_be_done(federation: Federation) -> None:
    with_certificate, without, signed, refused, receipt, check = federation.commands
    arguments = shlex.split(with_certificate)
    address = arguments[-1]
    trust = ssl.create_default_context(cafile=arguments[arguments.index("--cacert") + 1])
    assert address in without
    client = {"X-Road-Client": "QF/GOV/500/permits"}
    with pytest.raises(urllib.error.HTTPError) as anonymous:
        urllib.request.urlopen(request_of(address, client), context=trust, timeout=90)
    anonymous.value.close()
    assert anonymous.value.headers["X-Road-Error"] == "Server.ClientProxy.AuthenticationFailed"
    trust.load_cert_chain(arguments[arguments.index("--cert") + 1], arguments[arguments.index("--key") + 1])
    with urllib.request.urlopen(request_of(address, client), context=trust, timeout=90) as answer:
        assert json.loads(answer.read())["area_m2"]

    asked = run(signed, federation.folder)
    assert asked.returncode == 0, asked.stderr
    assert json.loads(asked.stdout)["status"] == 200
    denied = json.loads(run(refused, federation.folder).stdout)
    assert denied["error"] == "Server.ServerProxy.AccessDenied"

    verified = run(receipt, federation.folder)
    assert "The receipt holds." in verified.stdout, verified.stderr
    forged = (federation.folder / "receipt.json").read_text().replace('"index": ', '"index": 1')
    (federation.folder / "receipt.json").write_text(forged)
    assert run("mehvar exchange verify receipt.json --key gateway.pem", federation.folder).returncode == 2
    assert "hold" in run(check, federation.folder).stdout


def test_only_the_pages_own_buttons_act(federation: Federation) -> None:
    assert federation.press("kill", token="guessed") == 403
    assert federation.press("format-disk", token=federation.token) == 403
    request = urllib.request.Request(federation.address, headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=90)
    refused.value.close()
    assert refused.value.code == 421


def test_revoking_swapping_and_stopping_show_at_once(federation: Federation) -> None:
    def press_and_see(act: str, **wanted: str) -> None:
        before = federation.live()["last"]
        assert federation.press(act, token=federation.token) == 303
        wait_for(
            lambda: any(wanted.items() <= move.items() for move in federation.live(before)["moves"]),
            seconds=40,
        )

    press_and_see("right", client="loans", provider="civil", fate="answered")
    press_and_see("revoke", client="assessment", fate="refused")
    assert "certificate revoked" in federation.live()["scene"]
    press_and_see("revoke", client="assessment", fate="answered")
    press_and_see("provider", provider="post", fate="failed")
    assert "stopped" in federation.live()["scene"]
    press_and_see("provider", provider="post", fate="answered")


@pytest.mark.browser
def test_the_page_lives_in_three_languages_and_survives_a_killed_process(
    federation: Federation, browser: Browser
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.goto(federation.address + "?lang=en")
    newest = page.locator("#rows tr").first.inner_text()
    page.wait_for_function("was => document.querySelector('#rows tr').innerText !== was", arg=newest)
    page.wait_for_selector(".mote", state="attached")
    page.get_by_role("button", name="Kill a gateway process").click()
    page.wait_for_selector("text=have their evidence, signed and linked", timeout=120_000)
    assert "lost" not in page.locator("#proof").inner_text()
    page.locator("tr.fate-answered a").nth(5).evaluate("link => link.click()")  # rows move on while one aims
    page.wait_for_selector("text=The receipt holds.")
    check_with_axe(page)
    assert page.get_by_role("link", name="Download the receipt").get_attribute("download") == "receipt.json"
    page.set_viewport_size({"width": 390, "height": 800})
    for language, heading in (
        ("fa", "شبکه‌ای کوچک از دستگاه‌ها، در حال کار"),
        ("vi", "Một liên minh nhỏ, đang hoạt động"),
    ):
        page.goto(f"{federation.address}?lang={language}")
        assert page.locator("h1").inner_text() == heading
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        check_with_axe(page)
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/testbed-{language}.png")
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto(federation.address + "?lang=en")
    assert plain.locator("#rows tr").count() > 5
    assert 'http-equiv="refresh"' in federation.get("").decode()
    page.goto(federation.address + "?lang=en")
    page.wait_for_function(
        "!/verified 0/.test(document.querySelector('#events').innerText.replace(/\\s+/g, ' '))"
    )
    assert "forged 0" in " ".join(page.locator("#events").inner_text().split())
    assert faults == []


def check_with_axe(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_an_interrupt_stops_everything_that_was_started(federation: Federation) -> None:
    children = children_of(federation.process.pid)
    assert len(children) >= 6  # three providers, the gateway's supervisor and its two processes
    federation.process.send_signal(signal.SIGINT)
    assert federation.process.wait(90) == 0
    assert [child for child in children if Path(f"/proc/{child}").exists()] == []
    assert "hold" in run(federation.commands[-1], federation.folder).stdout


def children_of(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            child = int(stat.parent.name)
            found += [child, *children_of(child)]
    return found
