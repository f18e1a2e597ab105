"""Take the README's pictures from a demonstration: `make docs-pictures` (needs the system's Chromium).

Names of pictures as arguments take only those.
"""

import io
import os
import shutil
import signal
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
DESKTOP, PHONE, WALL = 1280, 390, 1600
HEIGHTS = {DESKTOP: 800, PHONE: 800, WALL: 900}
COLOURS = (256, 128, 64, 32)
MOST_BYTES = 150_000
"""No picture is larger, so that a clone stays small."""


@dataclass(frozen=True)
class Picture:
    """One picture: file name, who is signed in, language, width, the address on the demonstration, seconds to wait there."""

    name: str
    who: str
    language: str
    width: int
    path: str
    pause_s: float = 0.0


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


@contextmanager
def testbed() -> Iterator[str]:
    """Run the small federation for as long as it is needed; give the address of its page."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = mehvar("exchange", "testbed", "--port", str(port), "--duration", "120")
    federation = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        federation.send_signal(signal.SIGINT)
        federation.wait(timeout=30)


def wait_for(port: int) -> None:
    """Wait until the server answers, at most a minute."""
    for _ in range(120):
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.5)
    raise TimeoutError("the server did not start")


def pictures() -> list[Picture]:
    """List the pictures in the order of the main job; addresses come from the demonstration's own data."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mehvar.config.settings")
    import django

    django.setup()
    return [*of_directives(), *of_programmes(), *of_exchange()]


def of_directives() -> list[Picture]:
    """List the pictures from a document to the public page."""
    from mehvar.directives.models import Directive

    by_state = {row.state: row for row in Directive.objects.select_related("promulgation", "source_document")}
    english = Directive.objects.get(language="en")
    promulgated, waiting = by_state["promulgated"], by_state["awaiting_approval"]
    vietnamese = by_state["consultation"]
    review = f"/directives/imports/{english.source_document.public_id}/review/"
    consultation = f"/directives/{vietnamese.public_id}/consultation/"
    public = f"/d/{promulgated.promulgation.short_code}/"
    return [
        Picture("home-fa", "minister", "fa", DESKTOP, "/"),
        Picture("review-en", "planning", "en", DESKTOP, review),
        Picture("directive-vi", "planning.vn", "vi", DESKTOP, f"/directives/{vietnamese.public_id}/"),
        Picture("consultation-vi-phone", "deputy.vn", "vi", PHONE, consultation),
        Picture("approval-fa", "minister", "fa", DESKTOP, f"/directives/{waiting.public_id}/approval/"),
        Picture("public-fa", "", "fa", DESKTOP, public),
        Picture("verify-en-phone", "", "en", PHONE, f"{public}verify/"),
    ]


def of_programmes() -> list[Picture]:
    """List the pictures from the call for plans to the performance report."""
    from django.urls import reverse

    from mehvar.programmes.models import Obstacle, PerformanceReport, PlanCall, ReportingRound, Stocktake

    def page(name: str, *args: object) -> str:
        return reverse(f"programmes:{name}", args=args)

    call = PlanCall.objects.get()
    plan = call.plans.get(organisation__code="ir.p.hormozgan.ict")
    asked = ReportingRound.objects.order_by("-opens_on")[0]
    climbed = Obstacle.objects.filter(level="council").order_by("raised_at")[0]
    held = Stocktake.objects.get(state="ended")
    report = PerformanceReport.objects.get()
    return [
        Picture("call-fa", "planning", "fa", DESKTOP, page("call", call.public_id)),
        Picture("plan-fa", "hormozgan", "fa", DESKTOP, page("plan_grid", plan.public_id)),
        Picture(
            "progress-fa-phone",
            "yazd",
            "fa",
            PHONE,
            page("report_entry", asked.public_id, "ir.p.yazd.ict"),
        ),
        Picture("obstacle-en-phone", "minister", "en", PHONE, page("obstacle", climbed.public_id)),
        Picture(
            "stocktake-fa", "minister", "fa", WALL, page("stocktake", held.public_id) + "?step=provinces"
        ),
        Picture("flagship-vi", "", "vi", WALL, page("flagships_present") + "?slide=2"),
        Picture("performance-en", "minister", "en", DESKTOP, page("performance_report", report.public_id)),
    ]


def of_exchange() -> list[Picture]:
    """List the pictures of the exchange that the demonstration serves."""
    from django.urls import reverse

    from mehvar.exchange.models import ExchangeService

    asked = ExchangeService.objects.get(code="person")
    path = reverse("exchange:catalogue_service", args=[asked.public_id])
    return [Picture("catalogue-fa", "post.engineer", "fa", DESKTOP, path)]


FEDERATION = Picture("testbed-en", "", "en", DESKTOP, "/?lang=en", pause_s=12)
"""The small federation; it runs beside the demonstration."""


def main() -> int:
    """Take the pictures that are named, or every one, and return 0."""
    names = sys.argv[1:]
    browser_path = shutil.which("chromium") or shutil.which("chromium-browser")
    TARGET.mkdir(parents=True, exist_ok=True)
    with demonstration() as (address, password):
        wanted = [one for one in pictures() if one.name in names or not names]
        take(wanted, address, password, browser_path=browser_path)
    if FEDERATION.name in names or not names:
        with testbed() as address:
            take([FEDERATION], address, "", browser_path=browser_path)
    return 0


def shrink(made: bytes, target: Path) -> int:
    """Write a picture with as many colours as its size allows, and return its bytes."""
    from PIL import Image

    for colours in COLOURS:
        kept = io.BytesIO()
        whole = Image.open(io.BytesIO(made)).convert("RGB")
        whole.quantize(colours, dither=Image.Dither.NONE).save(kept, "PNG", optimize=True)
        if kept.tell() <= MOST_BYTES:
            break
    target.write_bytes(kept.getvalue())
    return kept.tell()


def take(wanted: list[Picture], address: str, password: str, *, browser_path: str | None) -> None:
    """Take the pictures with a headless browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"]
        )
        for picture in wanted:
            context = browser.new_context(viewport={"width": picture.width, "height": HEIGHTS[picture.width]})
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
            page.wait_for_timeout(picture.pause_s * 1_000)
            made = page.screenshot()
            context.close()
            print(f"{picture.name}.png", shrink(made, TARGET / f"{picture.name}.png"))
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
