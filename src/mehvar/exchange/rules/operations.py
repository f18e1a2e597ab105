"""Read operations, parameters and payloads out of a service's description (OpenAPI 3).

Descriptions come from members: nothing in them is trusted. References point inside the document only, nesting and size are
bounded, and what cannot be read is left out. Names in several languages stand in the extension ``x-names``
(``{"fa": "…", "vi": "…"}``) of operations, parameters and properties.

Source: OpenAPI 3.1, 4.7 to 4.8; issue "exchange", points 2 and 6.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mehvar.exchange.data.operations import Operation, Parameter, Payload, SchemaRow
from mehvar.kernel.errors import NotFound, gettext_noop

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
MOST_OPERATIONS = 300
MOST_ROWS = 300
DEEPEST = 8
LONGEST = 4_000
_LIMITS = (
    "format",
    "pattern",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "example",
)
Node = Mapping[str, Any]


def operations_of(document: Node, language: str = "") -> tuple[Operation, ...]:
    """Return the operations in the order of the document."""
    found = [
        _operation(document, method.upper(), str(path), item, language)
        for path, stated in _mapping(document.get("paths")).items()
        if str(path).startswith("/")
        for item in (resolved(document, stated),)
        for method in METHODS
        if isinstance(item.get(method), Mapping)
    ]
    return tuple(found[:MOST_OPERATIONS])


def operation_of(document: Node, identifier: str, language: str = "") -> Operation:
    """Return one operation by ``METHOD /path``.

    Raises:
        NotFound: the description has none of that name.
    """
    for one in operations_of(document, language):
        if one.id == identifier:
            return one
    raise NotFound(gettext_noop("The service has no such operation."), code="unknown-operation")


def resolved(document: Node, node: Any, *, steps: int = 8) -> Node:
    """Follow references inside the document; what leads nowhere or in a circle is empty."""
    while isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
        if steps == 0 or not node["$ref"].startswith("#/"):
            return {}
        node, steps = _pointed(document, node["$ref"]), steps - 1
    return _mapping(node)


def said(node: Node, name: str, language: str = "") -> str:
    """Return what something is called in a language: ``x-names``, else its title, else its name as words."""
    names = _mapping(node.get("x-names"))
    found = names.get(language) or node.get("title") or node.get("summary")
    return _text(found) or name


def schema_rows(document: Node, schema: Any, language: str = "") -> list[SchemaRow]:
    """Lay a schema out as rows, outer before inner."""
    rows: list[SchemaRow] = []
    for row in _rows(document, resolved(document, schema), 0, language, ()):
        rows.append(row)
        if len(rows) >= MOST_ROWS:
            break
    return rows


def type_of(schema: Node) -> str:
    """Return a schema's type in a word: ``string``, ``array of object``; ``any`` when it states none."""
    stated = schema.get("type")
    kinds = [str(kind) for kind in stated] if isinstance(stated, list) else [str(stated)] if stated else []
    kinds = [kind for kind in kinds if kind != "null"]
    if not kinds:
        return "object" if schema.get("properties") else "any"
    return " | ".join(kinds)


def example_of(document: Node, schema: Any) -> Any:
    """Make an example of a schema: the one that it states, else values of its types; no more than some hundred of them."""
    return _Examples(document).of(schema, 0)


def themes_of(document: Node) -> tuple[str, ...]:
    """Return the themes (tags) of a description, those of the document before those of operations."""
    stated = [_text(_mapping(tag).get("name")) for tag in _list(document.get("tags"))]
    used = [theme for one in operations_of(document) for theme in one.themes]
    return tuple(dict.fromkeys(theme for theme in (*stated, *used) if theme))[:20]


def words_of(document: Node) -> str:
    """Return the words by which a developer may look for a service: operations, parameters, data fields."""
    words: list[str] = [_text(_mapping(document.get("info")).get(key)) for key in ("title", "description")]
    for one in operations_of(document):
        words += [one.summary, one.description, one.path]
        words += [f"{given.name} {given.label} {given.description}" for given in one.parameters]
        for payload in (*((one.body,) if one.body else ()), *one.answers):
            words += [
                f"{row.name} {row.label} {row.description}" for row in schema_rows(document, payload.schema)
            ]
    for language in ("fa", "vi"):
        for one in operations_of(document, language):
            words += [one.summary, *[given.label for given in one.parameters]]
    return " ".join(word for word in words if word)[:50_000]


def pretty(value: Any) -> str:
    """Write JSON for people."""
    return json.dumps(value, ensure_ascii=False, indent=2)


class _Examples:
    """Make examples, and stop before a tangle of references makes millions of them."""

    def __init__(self, document: Node) -> None:
        self._document = document
        self._left = MOST_ROWS

    def of(self, schema: Any, depth: int) -> Any:
        """Make one example."""
        self._left -= 1
        node = merged(self._document, resolved(self._document, schema))
        stated = _stated(node)
        if stated is not None or depth >= DEEPEST or self._left < 0:
            return stated
        kind = type_of(node).split(" | ", maxsplit=1)[0]
        if kind == "object":
            properties = _mapping(node.get("properties")).items()
            return {str(name): self.of(value, depth + 1) for name, value in properties if self._left > 0}
        if kind == "array":
            return [self.of(node.get("items"), depth + 1)]
        return _sample(kind, _text(node.get("format")))


def _stated(node: Node) -> Any:
    """Return the example that a schema states itself, or None."""
    for name in ("example", "default", "const"):
        if name in node:
            return node[name]
    for name in ("examples", "enum"):
        if _list(node.get(name)):
            return node[name][0]
    return None


def _operation(document: Node, method: str, path: str, item: Node, language: str) -> Operation:
    node = _mapping(item[method.lower()])
    return Operation(
        method,
        path[:500],
        summary=said(node, _text(node.get("operationId")) or f"{method} {path}", language)[:300],
        description=_text(node.get("description")),
        parameters=tuple(_parameters(document, item, node, language)),
        body=_body(document, node.get("requestBody")),
        answers=tuple(_answers(document, node)),
        themes=tuple(_text(tag) for tag in _list(node.get("tags")) if isinstance(tag, str)),
    )


def _parameters(document: Node, item: Node, node: Node, language: str) -> Iterator[Parameter]:
    found: dict[tuple[str, str], Node] = {}
    for stated in (*_list(item.get("parameters")), *_list(node.get("parameters"))):
        parameter = resolved(document, stated)
        key = (_text(parameter.get("in")), _text(parameter.get("name")))
        if key[0] in {"path", "query", "header"} and key[1]:
            found[key] = parameter
    for (place, name), parameter in list(found.items())[:50]:
        yield Parameter(
            name,
            place,
            is_required=bool(parameter.get("required")) or place == "path",
            schema=merged(document, resolved(document, parameter.get("schema"))),
            label=said(
                parameter, said(resolved(document, parameter.get("schema")), name, language), language
            ),
            description=_text(parameter.get("description")),
        )


def _body(document: Node, stated: Any) -> Payload | None:
    node = resolved(document, stated)
    if not node:
        return None
    media, content = _content(document, node)
    return Payload(
        media,
        content.get("schema") if isinstance(content.get("schema"), Mapping) else {},  # type: ignore[arg-type]
        is_required=bool(node.get("required")),
        description=_text(node.get("description")),
        example=_stated_example(document, content),
    )


def _answers(document: Node, node: Node) -> Iterator[Payload]:
    for status, stated in list(_mapping(node.get("responses")).items())[:30]:
        answer = resolved(document, stated)
        media, content = _content(document, answer)
        schema = content.get("schema")
        yield Payload(
            media,
            schema if isinstance(schema, Mapping) else {},
            description=_text(answer.get("description")),
            status=str(status)[:10],
            example=_stated_example(document, content),
        )


def _content(document: Node, node: Node) -> tuple[str, Node]:
    content = _mapping(node.get("content"))
    for media in sorted(content, key=lambda name: "json" not in str(name)):
        return str(media), resolved(document, content[media])
    return "", {}


def _stated_example(document: Node, content: Node) -> Any:
    if "example" in content:
        return content["example"]
    for stated in _mapping(content.get("examples")).values():
        return resolved(document, stated).get("value")
    return example_of(document, content["schema"]) if content.get("schema") else None


def _rows(
    document: Node, schema: Node, depth: int, language: str, seen: tuple[int, ...]
) -> Iterator[SchemaRow]:
    node = merged(document, schema)
    if depth > DEEPEST or id(schema) in seen or len(seen) > 3 * DEEPEST:
        return
    if type_of(node) == "array":
        yield from _rows(
            document, resolved(document, node.get("items")), depth, language, (*seen, id(schema))
        )
        return
    required = {str(name) for name in _list(node.get("required"))}
    for name, stated in _mapping(node.get("properties")).items():
        member = resolved(document, stated)
        yield _row(
            document, str(name), merged(document, member), depth, language, is_required=name in required
        )
        yield from _rows(document, member, depth + 1, language, (*seen, id(schema)))


def _row(document: Node, name: str, node: Node, depth: int, language: str, *, is_required: bool) -> SchemaRow:
    kind = type_of(node)
    if kind == "array":
        kind = f"array of {type_of(merged(document, resolved(document, node.get('items'))))}"
    label = said(node, "", language)
    return SchemaRow(depth, name, kind, is_required, label, _text(node.get("description")), limits_of(node))


def limits_of(node: Node) -> str:
    """Return what values a schema takes, in the words of the description."""
    pieces = [f"{name}: {_text(node[name])}" for name in _LIMITS if name in node]
    if _list(node.get("enum")):
        pieces.append(", ".join(_text(value) for value in node["enum"][:40]))
    return " · ".join(pieces)[:500]


def merged(document: Node, node: Node) -> Node:
    """Join what stands together (``allOf``), and take the first of alternatives."""
    together = [resolved(document, one) for one in _list(node.get("allOf"))[:10]]
    for choice in ("oneOf", "anyOf"):
        together += [resolved(document, one) for one in _list(node.get(choice)) if one != {"type": "null"}][
            :1
        ]
    if not together:
        return node
    merged: dict[str, Any] = {}
    for part in (*together, node):
        properties = {**_mapping(merged.get("properties")), **_mapping(part.get("properties"))}
        required = [*_list(merged.get("required")), *_list(part.get("required"))]
        merged |= part
        if properties:
            merged |= {"properties": properties, "required": required}
    return merged


def _pointed(document: Node, reference: str) -> Any:
    node: Any = document
    for part in reference[2:].split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(node, Mapping) or name not in node:
            return {}
        node = node[name]
    return node


def _sample(kind: str, form: str) -> Any:
    if kind == "string":
        return {"date": "2026-01-31", "date-time": "2026-01-31T08:00:00Z"}.get(form, "string")
    return {"integer": 1, "number": 1.5, "boolean": True}.get(kind)


def _mapping(node: Any) -> Node:
    return node if isinstance(node, Mapping) else {}


def _list(node: Any) -> list[Any]:
    return node if isinstance(node, list) else []


def _text(value: Any) -> str:
    if value is None or isinstance(value, Mapping | list):
        return ""
    return str(value)[:LONGEST]
