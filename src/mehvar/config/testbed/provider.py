"""Serve one of the example registers over plain HTTP: ``python -m mehvar.config.testbed.provider NAME PORT``.

As small as a service of an agency can be; nothing here knows the exchange. Now and then one is slow or out of order, as
in life, so that the page shows what the bus makes of it. A provider ends with the process that started it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from mehvar.config.testbed.descriptions import DESCRIPTIONS
from mehvar.config.testbed.registers import Registers, registers

HOST = "127.0.0.1"
SLOW_EVERY, SLOW_S = 23, 0.35
OUT_OF_ORDER_EVERY = 19
Answer = tuple[int, Any]
Question = tuple[str, tuple[str, ...], Mapping[str, list[str]], bytes]


def land(held: Registers, question: Question) -> Answer:
    """Answer questions about parcels; take down liens."""
    method, path, query, body = question
    if method == "POST" and path == ("liens",):
        return _take_down_lien(held, body)
    if path == ("parcels",):
        owner = query.get("owner", [""])[0]
        return 200, {"parcels": [parcel for parcel in held.parcels.values() if parcel["owner"] == owner]}
    return _one(held.parcels, path, "parcels")


def civil(held: Registers, question: Question) -> Answer:
    """Answer questions about people."""
    return _one(held.persons, question[1], "persons")


def post(held: Registers, question: Question) -> Answer:
    """Answer questions about postcodes; every nineteenth answer is that the register is being mended."""
    if next(_asked) % OUT_OF_ORDER_EVERY == 0:
        return 503, {"error": "The register is being brought up to date; ask again."}
    return _one(held.postcodes, question[1], "postcodes")


ANSWERING: Mapping[str, Callable[[Registers, Question], Answer]] = {
    "land": land,
    "civil": civil,
    "post": post,
}
_asked = count(1)
_answered = count(1)


class Handler(BaseHTTPRequestHandler):
    """Read a question, answer in JSON, keep the connection."""

    protocol_version = "HTTP/1.1"
    server_version = "register"
    name = "land"

    def do_GET(self) -> None:
        """Answer a question."""
        self._answer(b"")

    def do_POST(self) -> None:
        """Answer a question that has a body."""
        self._answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def log_message(self, *_arguments: object) -> None:
        """Say nothing; the exchange keeps the record."""

    def _answer(self, body: bytes) -> None:
        url = urlsplit(self.path)
        path = tuple([unquote(part) for part in url.path.split("/") if part])
        if path == ("openapi.json",):
            status, content = 200, DESCRIPTIONS[self.name]
        else:
            if next(_answered) % SLOW_EVERY == 0:
                time.sleep(SLOW_S)
            status, content = ANSWERING[self.name](
                registers(), (self.command, path, parse_qs(url.query), body)
            )
        data = json.dumps(content, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def main(name: str, port: int) -> None:
    """Serve until told to stop."""
    Handler.name = name
    registers()
    server = ThreadingHTTPServer((HOST, port), Handler)
    print("ready", flush=True)  # noqa: T201 - the one who started it waits for this word
    server.serve_forever()


def _one(held: Mapping[str, dict[str, Any]], path: tuple[str, ...], name: str) -> Answer:
    if len(path) != 2 or path[0] != name:  # noqa: PLR2004 - name and identifier
        return 404, {"error": "There is nothing at this address."}
    found = held.get(path[1])
    return (200, found) if found else (404, {"error": f"Not in the register: {path[1]}"})


def _take_down_lien(held: Registers, body: bytes) -> Answer:
    try:
        wanted = json.loads(body)
        parcel = held.parcels[wanted["parcel"]]
        reason = str(wanted["reason"])
    except (ValueError, KeyError, TypeError):
        return 422, {"error": "A lien names a parcel of the register and a reason."}
    parcel["liens"] = [*parcel["liens"][-4:], reason]
    return 201, {"parcel": parcel["id"], "liens": len(parcel["liens"])}


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
