"""Take the README's pictures from a demonstration: `make docs-pictures` (needs the system's Chromium)."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "pictures"
DESKTOP, PHONE, HEIGHT = 1280, 390, 800


@dataclass(frozen=True)
class Picture:
    """One picture: file name, who is signed in, language, width, and the address on the demonstration."""

    name: str
    who: str
    language: str
    width: int
    path: str


def mehvar(*arguments: str) -> list[str]:
    """Return the command that runs the command line of this checkout."""
    return [sys.executable, "-m", "mehvar.config.cli", *arguments]


@contextmanager
def demonstration() -> Iterator[tuple[str, str]]:
    """Walk a demonstration in a temporary folder and serve it; give its address and password."""
    with tempfile.TemporaryDirectory() as home:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        address = f"http://localhost:{port}"
        os.environ.update({"MEHVAR_HOME": home, "MEHVAR_BASE_URL": address})
        subprocess.run(mehvar("demo"), check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        server = subprocess.Popen(mehvar("serve", "--port", str(port), "--no-worker"))  # noqa: S603
        try:
            wait_for(port)
            yield address, (Path(home) / "demonstration_password").read_text().strip()
        finally:
            server.terminate()
            server.wait(timeout=30)


def wait_for(port: int) -> None:
    """Wait until the server answers, at most a minute."""
    for _ in range(120):
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.5)
    raise TimeoutError("the server did not start")


def pictures() -> list[Picture]:
    """List the pictures; addresses come from the demonstration's own data."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mehvar.config.settings")
    import django

    django.setup()
    from mehvar.directives.models import Directive

    by_state = {row.state: row for row in Directive.objects.select_related("promulgation", "source_document")}
    english = Directive.objects.get(language="en")
    promulgated, waiting = by_state["promulgated"], by_state["awaiting_approval"]
    vietnamese = by_state["consultation"]
    return [
        Picture("home-fa", "minister", "fa", DESKTOP, "/"),
        Picture(
            "review-en",
            "planning",
            "en",
            DESKTOP,
            f"/directives/imports/{english.source_document.public_id}/review/",
        ),
        Picture("directive-vi", "planning.vn", "vi", DESKTOP, f"/directives/{vietnamese.public_id}/"),
        Picture(
            "consultation-vi-phone",
            "deputy.vn",
            "vi",
            PHONE,
            f"/directives/{vietnamese.public_id}/consultation/",
        ),
        Picture("approval-fa", "minister", "fa", DESKTOP, f"/directives/{waiting.public_id}/approval/"),
        Picture("coverage-fa", "planning", "fa", DESKTOP, f"/directives/{promulgated.public_id}/coverage/"),
        Picture("inbox-fa-phone", "hormozgan", "fa", PHONE, "/directives/inbox/"),
        Picture("public-fa", "", "fa", DESKTOP, f"/d/{promulgated.promulgation.short_code}/"),
        Picture("verify-en-phone", "", "en", PHONE, f"/d/{promulgated.promulgation.short_code}/verify/"),
    ]


def main() -> int:
    """Take every picture and return 0."""
    browser_path = shutil.which("chromium") or shutil.which("chromium-browser")
    TARGET.mkdir(parents=True, exist_ok=True)
    with demonstration() as (address, password):
        wanted = pictures()
        take(wanted, address, password, browser_path=browser_path)
    return 0


def take(wanted: list[Picture], address: str, password: str, *, browser_path: str | None) -> None:
    """Take the pictures with a headless browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"]
        )
        for picture in wanted:
            context = browser.new_context(viewport={"width": picture.width, "height": HEIGHT})
            context.add_cookies([{"name": "django_language", "value": picture.language, "url": address}])
            page = context.new_page()
            if picture.who:
                page.goto(f"{address}/accounts/login/")
                page.fill("input[name=login]", f"{picture.who}@demo.example")
                page.fill("input[name=password]", password)
                page.click("main form button[type=submit]")
                page.wait_for_load_state()
            page.goto(address + picture.path)
            page.wait_for_load_state()
            page.screenshot(path=str(TARGET / f"{picture.name}.png"))
            context.close()
            print(f"{picture.name}.png")
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
