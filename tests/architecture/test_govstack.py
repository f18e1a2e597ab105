"""What the page on events says beside GovStack's Pub/Sub API is there."""

import re
from pathlib import Path

from django.urls import resolve

from mehvar.config.api.root import api

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = {
    "createEventType", "getEventTypeList", "getEventType", "deleteEventType", "publishEvent", "getStatus", "deleteEvent",
    "listSub", "addSub", "getSub", "patchSub", "deleteSub", "pullEvent", "confirmEvent",
}  # fmt: skip
ROW = re.compile(r"^\| (\w+) \| `[A-Z]+ [^`]+` \| (?:`([A-Z]+) ([^`]+)`|–) \|", re.MULTILINE)


def test_each_operation_has_an_address_that_exists() -> None:
    rows = ROW.findall((ROOT / "docs/exchange/events.md").read_text(encoding="utf-8"))
    assert {operation for operation, _method, _path in rows} == OPERATIONS
    assert len(rows) == len(OPERATIONS)
    assert [operation for operation, method, _path in rows if not method] == ["deleteEvent"]
    paths = api.get_openapi_schema()["paths"]
    for operation, method, path in rows:
        if path.startswith("/api/"):
            assert method.lower() in paths[path], operation
        elif path:
            found = resolve(path.replace("{public_id}", "tp-1"))
            assert found.url_name == "topic_step", operation


def test_the_steps_that_are_pages_exist() -> None:
    from mehvar.exchange.views.events import TOPIC_STEPS

    assert {"type", "close"} <= TOPIC_STEPS.keys()
