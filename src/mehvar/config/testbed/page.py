"""Serve the testbed's page on loopback: the picture, the buttons, receipts. Works without JavaScript by refreshing."""

from __future__ import annotations

import hmac
import json
import mimetypes
import re
import secrets
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from mehvar.config.testbed.federation import POST, TAX
from mehvar.config.testbed.news import News
from mehvar.config.testbed.picture import Picture
from mehvar.config.testbed.scene import Scene
from mehvar.kernel.errors import MehvarError
from mehvar.ui import components

HOST = "127.0.0.1"
LANGUAGES = ("fa", "vi", "en")
MAX_FORM_BYTES = 4_096
LONGEST_NUMBER = 16
_REQUEST_ID = re.compile(r"[0-9a-zA-Z-]{8,64}")
_POLICY = (
    "default-src 'self'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; form-action 'self'"
)
Reply = tuple[int, str, bytes]


class PageServer:
    """Serve one scene. Only this machine's own browser may press its buttons."""

    def __init__(self, scene: Scene, port: int, language: str = "en", *, news: News) -> None:
        """Listen on ``port``, 0 for any that is free."""
        self.scene, self.language, self.news = scene, language, news
        self.token = secrets.token_urlsafe(24)
        self.acts: Mapping[str, Callable[[], object]] = {
            "revoke": lambda: scene.revoke(TAX),
            "right": scene.switch_right,
            "provider": lambda: scene.switch_provider(POST),
            "load": scene.double_load,
            "kill": scene.kill_worker,
        }
        handler = type("BoundHandler", (Handler,), {"page": self})
        self._server = ThreadingHTTPServer((HOST, port), handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, name="page"
        )

    @property
    def is_serving(self) -> bool:
        """Tell whether it was started."""
        return self._thread.is_alive()

    @property
    def address(self) -> str:
        """Return where the page is."""
        return f"http://{HOST}:{self.port}/"

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def get(self, path: str, query: Mapping[str, list[str]], language: str) -> Reply:
        """Answer a question of the browser."""
        picture = Picture(self.scene, language, self.news.counts)
        if path == "/":
            return _html("config/testbed.html", picture.page(self.token, query.get("did", [""])[0]))
        if path == "/live.json":
            return self._live(picture, query)
        if path == "/gateway.pem":
            return 200, "application/x-pem-file", self.scene.public_key
        if path.startswith("/static/"):
            return _static(path.removeprefix("/static/"))
        if path.startswith("/receipts/"):
            return self._receipt(picture, path.removeprefix("/receipts/"))
        return 404, "text/plain; charset=utf-8", b"Not here.\n"

    def post(self, path: str, form: Mapping[str, list[str]]) -> bool:
        """Do what a button says; False when it may not be pressed."""
        act = self.acts.get(path.removeprefix("/acts/"))
        if act is None or not hmac.compare_digest(form.get("token", [""])[0].encode(), self.token.encode()):
            return False
        act()
        return True

    def is_own(self, host: str | None, origin: str | None) -> bool:
        """Tell whether a request was meant for this page and came from it: no other site may press buttons."""
        names = {f"{HOST}:{self.port}", f"localhost:{self.port}"}
        return host in names and origin in {None, *[f"http://{name}" for name in names]}

    def _live(self, picture: Picture, query: Mapping[str, list[str]]) -> Reply:
        after = query.get("after", ["0"])[0]
        known = int(after) if after.isdecimal() and len(after) < LONGEST_NUMBER else 0
        calls = self.scene.journal.since(known)
        moves = [
            {"client": call.client, "provider": call.question.provider.code, "fate": call.fate.value}
            for call in calls
        ]
        found = {
            "last": calls[-1].number if calls else known,
            "moves": moves,
            "rows": render_to_string(
                "config/testbed/rows.html", {"rows": picture.rows(calls), **picture.frame()}
            ),
            "scene": render_to_string("config/testbed/scene.html", {**picture.state(), **picture.frame()}),
            "events": render_to_string("config/testbed/events.html", {**picture.events(), **picture.frame()}),
            "proof": render_to_string("config/testbed/proof.html", {**picture.state(), **picture.frame()}),
        }
        return 200, "application/json", json.dumps(found).encode()

    def _receipt(self, picture: Picture, name: str) -> Reply:
        request_id = name.removesuffix(".json")
        if not _REQUEST_ID.fullmatch(request_id):
            return 404, "text/plain; charset=utf-8", b"Not here.\n"
        shown = {**picture.frame(), "request_id": request_id, "fault": "", "folder": str(self.scene.folder)}
        try:
            data, proven = self.scene.receipt(request_id)
        except MehvarError as error:
            return _html(
                "config/testbed/receipt.html",
                {**shown, "fault": str(components.explained(error)), "facts": []},
            )
        if name.endswith(".json"):
            return 200, "application/json", data
        leaf = proven.leaf
        facts = [
            (_("Who asked"), leaf["client"]),
            (_("Of whom"), leaf["service"]),
            (_("Right used"), leaf["endpoint"] or "–"),
            (_("Purpose"), _(leaf["purpose"]) if leaf["purpose"] else "–"),
            (_("Agreement"), leaf["agreement"] or "–"),
            (_("Proved itself by"), picture.proof(leaf["authentication"])),
            (_("Outcome"), picture.reader.digits((leaf["answer"] or {}).get("status") or leaf["error"])),
            (_("Signed at"), picture.moment(proven.at)),
            (_("Chain and batch"), f"{proven.chain} · {picture.reader.digits(proven.batch)}"),
        ]
        return _html("config/testbed/receipt.html", {**shown, "facts": facts})


class Handler(BaseHTTPRequestHandler):
    """Speak HTTP for one `PageServer`."""

    protocol_version = "HTTP/1.1"
    server_version = "testbed"
    page: PageServer

    def do_GET(self) -> None:
        """Answer a question of the browser."""
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        if not self.page.is_own(self.headers.get("Host"), None):
            self._reply(421, "text/plain", b"This page answers on loopback only.\n")
            return
        language = self._language(query)
        with translation.override(language):
            self._reply(*self.page.get(url.path, query, language))

    def do_POST(self) -> None:
        """Do what a button says, then show the page again."""
        url = urlsplit(self.path)
        stated = self.headers.get("Content-Length") or "0"
        length = int(stated) if stated.isdecimal() and len(stated) < LONGEST_NUMBER else MAX_FORM_BYTES + 1
        read = self.rfile.read(length if length <= MAX_FORM_BYTES else 0)
        form = parse_qs(read.decode("utf-8", "replace"))
        is_own = self.page.is_own(self.headers.get("Host"), self.headers.get("Origin"))
        if length > MAX_FORM_BYTES or not is_own or not self.page.post(url.path, form):
            self._reply(403, "text/plain", b"Only the page's own buttons do that.\n")
            return
        self.send_response(303)
        act = url.path.removeprefix("/acts/")
        self.send_header("Location", f"/?lang={self._language(parse_qs(url.query))}&did={act}#acts")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def _language(self, query: Mapping[str, list[str]]) -> str:
        wanted = query.get("lang", [""])[0]
        if wanted in LANGUAGES:
            return wanted
        accepted = self.headers.get("Accept-Language", "")[:2]
        return accepted if accepted in LANGUAGES else self.page.language

    def _reply(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header(
            "Cache-Control", "no-store" if not self.path.startswith("/static/") else "max-age=600"
        )
        self.send_header("Content-Security-Policy", _POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)


def _html(template: str, shown: Mapping[str, object]) -> Reply:
    return 200, "text/html; charset=utf-8", render_to_string(template, dict(shown)).encode()


def _static(name: str) -> Reply:
    found = finders.find(name) if ".." not in name else None
    if not isinstance(found, str):
        return 404, "text/plain", b"Not here.\n"
    kind = mimetypes.guess_type(found)[0] or "application/octet-stream"
    return 200, kind, Path(found).read_bytes()
