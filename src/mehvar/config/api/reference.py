"""Describe every route out of the OpenAPI schema: for the page ``/api/v1/docs`` and for ``docs/api.md``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mehvar.ui.api import PERMISSION

MARK = "<!-- routes: made by `python -m mehvar.config.api`; a test compares them with the schema -->"
METHODS = ("get", "post", "put", "patch", "delete")
SAMPLE_OF_FORMAT = {"date": "2026-05-04", "date-time": "2026-05-04T09:00:00Z", "binary": "@directive.docx"}
SAMPLE_OF_TYPE: Mapping[str, Any] = {"string": "", "integer": 1, "number": 1.0, "boolean": True, "object": {}}
DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Parameter:
    """Say what a route can be asked beside its body."""

    name: str
    kind: str
    required: bool
    words: str


@dataclass(frozen=True, slots=True)
class Route:
    """Describe one route: who may call it, what it takes, what it answers."""

    theme: str
    method: str
    path: str
    summary: str
    description: str
    permission: str
    parameters: tuple[Parameter, ...]
    body: str
    form: bool
    answers: tuple[str, ...]
    is_public: bool

    @property
    def anchor(self) -> str:
        """Give the fragment under which the page shows the route."""
        words = "".join(letter if letter.isalnum() else "-" for letter in f"{self.method}{self.path}")
        return words.strip("-").lower()

    @property
    def example(self) -> str:
        """Give the command that calls the route."""
        lines = [
            f"curl -X {self.method} $MEHVAR{self.path}"
            if self.method != "GET"
            else f"curl $MEHVAR{self.path}"
        ]
        if not self.is_public:
            lines.append('-H "Authorization: Bearer $TOKEN"')
        if self.method != "GET":
            lines.append('-H "Idempotency-Key: $(uuidgen)"')
        if self.form:
            lines += [f"-F {part}" for part in self.body.splitlines()]
        elif self.body:
            lines += ['-H "Content-Type: application/json"', f"-d '{self.body}'"]
        return " \\\n  ".join(lines)


def routes(schema: Mapping[str, Any]) -> tuple[Route, ...]:
    """List the routes of a schema in its order, themes together."""
    found = [
        _route(schema, path, method, operations[method])
        for path, operations in schema["paths"].items()
        for method in METHODS
        if method in operations
    ]
    themes = list(dict.fromkeys(route.theme for route in found))
    return tuple(sorted(found, key=lambda route: themes.index(route.theme)))


def by_theme(found: Sequence[Route]) -> dict[str, list[Route]]:
    """Group routes by their theme."""
    return {
        theme: [route for route in found if route.theme == theme]
        for theme in dict.fromkeys(r.theme for r in found)
    }


def markdown(found: Sequence[Route]) -> str:
    """Write the routes as the second half of ``docs/api.md``."""
    parts = [MARK]
    for theme, members in by_theme(found).items():
        parts.append(f"\n## {theme.capitalize()}\n")
        parts += [_section(route) for route in members]
    return "\n".join(parts).rstrip() + "\n"


def _section(route: Route) -> str:
    asked = [
        f"`{item.name}`{' (needed)' if item.required else ''}: {item.words or item.kind}"
        for item in route.parameters
    ]
    lines = [
        f"### `{route.method} {route.path}`",
        "",
        route.description,
        "",
        f"- Who: {route.permission}.",
        f"- Answers: {', '.join(route.answers)}.",
        *(f"- {line}" for line in asked),
        "",
        "```sh",
        route.example,
        "```",
        "",
    ]
    return "\n".join(lines)


def _route(schema: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any]) -> Route:
    parameters = [item for item in operation.get("parameters", []) if item["in"] == "query"]
    body, form = _body(schema, operation)
    return Route(
        theme=operation["tags"][0],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        description=" ".join(operation.get("description", "").split()),
        permission=operation.get(PERMISSION, ""),
        parameters=tuple(_parameter(schema, item) for item in parameters),
        body=body,
        form=form,
        answers=tuple(code for code in operation["responses"] if code.isdigit()),
        is_public=not operation.get("security"),
    )


def _parameter(schema: Mapping[str, Any], item: Mapping[str, Any]) -> Parameter:
    shape = item["schema"]
    words = str(item.get("description") or shape.get("description") or "").rstrip(".")
    return Parameter(item["name"], _kind(schema, shape), bool(item.get("required")), words)


def _kind(schema: Mapping[str, Any], shape: Mapping[str, Any]) -> str:
    whole = _resolved(schema, shape)
    if "enum" in whole:
        return ", ".join(f"`{value}`" for value in whole["enum"])
    if "anyOf" in whole:
        return " or ".join(_kind(schema, part) for part in whole["anyOf"] if part.get("type") != "null")
    return str(whole.get("format") or whole.get("type") or "any")


def _body(schema: Mapping[str, Any], operation: Mapping[str, Any]) -> tuple[str, bool]:
    """Give an example of the body, and whether it is a form."""
    contents = operation.get("requestBody", {}).get("content", {})
    for kind, described in contents.items():
        sample = _sample(schema, described["schema"], DEEPEST)
        if kind == "application/json":
            return json.dumps(sample, ensure_ascii=False), False
        return "\n".join(f"{name}={_plain(value)}" for name, value in sample.items()), True
    return "", False


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _resolved(schema: Mapping[str, Any], shape: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in shape:
        return shape
    name = shape["$ref"].rpartition("/")[2]
    found: Mapping[str, Any] = schema["components"]["schemas"][name]
    return found


def _sample(schema: Mapping[str, Any], shape: Mapping[str, Any], depth: int) -> Any:
    """Make up a value of a shape: its example, its first choice, or the simplest there is."""
    whole = {**_resolved(schema, shape), **{name: shape[name] for name in ("examples",) if name in shape}}
    if whole.get("examples"):
        return whole["examples"][0]
    for name in ("const", "default"):
        if whole.get(name) not in (None, ""):
            return whole[name]
    if "enum" in whole:
        return whole["enum"][0]
    choices = [part for part in whole.get("anyOf", whole.get("allOf", ())) if part.get("type") != "null"]
    if choices:
        return _sample(schema, choices[0], depth)
    return _simplest(schema, whole, depth)


def _simplest(schema: Mapping[str, Any], whole: Mapping[str, Any], depth: int) -> Any:
    kind = whole.get("type")
    if kind == "array":
        return [_sample(schema, whole.get("items", {}), depth - 1)] if depth else []
    if kind == "object" and "properties" in whole:
        wanted = _shown_properties(whole)
        return {name: _sample(schema, part, depth - 1) for name, part in wanted.items()} if depth else {}
    return SAMPLE_OF_FORMAT.get(str(whole.get("format")), SAMPLE_OF_TYPE.get(str(kind), ""))


def _shown_properties(whole: Mapping[str, Any]) -> dict[str, Any]:
    """Choose what an example shows: what is needed, what carries an example, and the version."""
    needed = set(whole.get("required", ()))
    properties: dict[str, Any] = whole["properties"]
    return {
        name: part
        for name, part in properties.items()
        if name in needed or name == "version" or _has_example(part)
    }


def _has_example(part: Mapping[str, Any]) -> bool:
    return bool(part.get("examples"))
