"""Make programs that call the HTTP API with a person's token."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from mehvar.accounts.actions import tokens
from mehvar.accounts.models import User


class Program:
    """Call ``/api/v1`` as a person's program; bodies are JSON."""

    def __init__(self, user: User | None, *, may_write: bool = True) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers: dict[str, str] = {}
        if user is not None:
            _, secret = tokens.issue_token(user, label="test", may_write=may_write, valid_days=30)
            self.headers = {"Authorization": f"Bearer {secret}"}

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1{path}", query, headers=self.headers)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str = "",
        raw: str | bytes | None = None,
        **headers: str,
    ) -> Any:
        sent = {**self.headers, **({"Idempotency-Key": key} if key else {}), **headers}
        data = raw if raw is not None else "" if body is None else json.dumps(body)
        return self.client.generic(
            method, f"/api/v1{path}", data, content_type="application/json", headers=sent
        )

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.send("POST", path, {} if body is None else body, **options)

    def put(self, path: str, body: Any, **options: Any) -> Any:
        return self.send("PUT", path, body, **options)

    def patch(self, path: str, body: Any, **options: Any) -> Any:
        return self.send("PATCH", path, body, **options)

    def delete(self, path: str, **options: Any) -> Any:
        return self.send("DELETE", path, **options)

    def upload(self, path: str, **fields: Any) -> Any:
        return self.client.post(f"/api/v1{path}", fields, headers=self.headers)


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """Assert that an answer is a whole problem of this status and code, and give it."""
    assert response.status_code == status, response.content.decode()
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["code"] == code, body
    assert body["status"] == status
    assert body["type"] == f"urn:mehvar:problem:{code}"
    assert body["title"]
    assert body["detail"]
    return body


def answered(response: Any, status: int = 200) -> Any:
    """Assert the status of an answer and give its JSON."""
    assert response.status_code == status, response.content.decode()
    return response.json()
