"""Read OpenAPI descriptions (3.0 and 3.1, JSON or YAML), find the operations in them, and tell what a new version breaks.

Only what stands in the document itself counts; references to other files are refused, so that nothing is fetched.
Source: issue "Ledger and exchange", point 2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mehvar.kernel.errors import InputError, LimitExceeded

LARGEST_DOCUMENT = 2 * 1024 * 1024
MOST_OPERATIONS = 1_000
DEEPEST = 60
MOST_NODES = 200_000
SUBJECT_MARK = "x-mehvar-subject"
"""A parameter with this member set to true holds the identifier of the person asked about."""

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_VARIABLE = re.compile(r"\{[^{}/]*\}")
_PERSON = re.compile(
    r"^(?:national|citizen|personal|person|identity)[-_]?(?:id|code|number|no)$|^(?:nid|cccd|ssn|codemelli|melli[-_]?code)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Operation:
    """Hold one operation: method, path with ``*`` for variables, path as written, summary, where the person's identifier stands."""

    method: str
    path: str
    written: str
    summary: str
    subject: str


def read_document(content: bytes) -> dict[str, Any]:
    """Read a description as JSON or YAML.

    Raises:
        LimitExceeded: It is larger than two mebibytes.
        InputError: It cannot be read, is no OpenAPI 3 document, names other files, or has no operation.
    """
    if len(content) > LARGEST_DOCUMENT:
        raise LimitExceeded(
            "A description has at most {limit} bytes.", code="description-too-large", limit=LARGEST_DOCUMENT
        )
    document = _parsed(content)
    if not isinstance(document, dict) or not re.match(r"3\.[01](\.\d+)?$", str(document.get("openapi", ""))):
        raise InputError(
            "This is no OpenAPI 3.0 or 3.1 document: its member “openapi” must say the version.",
            code="not-openapi",
            field="document",
        )
    _check_tree(document)
    found = operations_of(document)
    if not found:
        raise InputError("The description has no operation.", code="no-operation", field="document")
    if len(found) > MOST_OPERATIONS:
        raise LimitExceeded(
            "A description has at most {limit} operations.", code="too-many-operations", limit=MOST_OPERATIONS
        )
    return document


def _parsed(content: bytes) -> Any:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable("it is not UTF-8", 0) from error
    if text.lstrip().startswith(("{", "[")):
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise _unreadable(getattr(error, "msg", "too deep"), getattr(error, "lineno", 0)) from error
    return _parsed_yaml(text)


def _parsed_yaml(text: str) -> Any:
    import yaml

    fast: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(fast):  # type: ignore[misc, valid-type]
        """Read plain values only; dates stay texts."""

    Loader.yaml_implicit_resolvers = {
        sign: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
        for sign, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    try:
        _check_events(yaml.parse(text, Loader=fast))
        return json.loads(json.dumps(yaml.load(text, Loader=Loader)))  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        raise _unreadable(str(reason), mark.line + 1 if mark else 0) from error
    except (TypeError, ValueError, RecursionError) as error:
        raise _unreadable(type(error).__name__, 0) from error


def _check_events(events: Iterator[Any]) -> None:
    """Look at a YAML document before anything is made of it: no part repeated by reference, neither too deep nor too large."""
    import yaml

    depth = 0
    for count, event in enumerate(events):
        if isinstance(event, yaml.AliasEvent):
            raise yaml.YAMLError("anchors and aliases are not taken; use $ref")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST + 1 or count > MOST_NODES:
            raise _too_deep()


def _too_deep() -> LimitExceeded:
    return LimitExceeded("The description is too deep or too large.", code="description-too-deep")


def _unreadable(reason: str, line: int) -> InputError:
    return InputError(
        "The description cannot be read (line {line}): {reason}",
        code="description-unreadable",
        field="document",
        reason=reason,
        line=line,
    )


def _check_tree(document: dict[str, Any]) -> None:
    """Refuse documents that are too deep, too large, or that point outside themselves."""
    waiting: list[tuple[Any, int]] = [(document, 0)]
    count = 0
    while waiting:
        node, depth = waiting.pop()
        count += 1
        if depth > DEEPEST or count > MOST_NODES:
            raise _too_deep()
        if isinstance(node, dict):
            _check_reference(node)
            waiting += [(child, depth + 1) for pair in node.items() for child in pair]
        elif isinstance(node, list):
            waiting += [(child, depth + 1) for child in node]
        elif isinstance(node, str) and "\x00" in node:
            raise _unreadable("it holds a NUL character", 0)


def _check_reference(node: dict[str, Any]) -> None:
    target = node.get("$ref")
    if isinstance(target, str) and not target.startswith("#/"):
        raise InputError(
            "The description refers to “{target}”; everything must stand in one document.",
            code="outside-reference",
            field="document",
            target=target[:200],
        )


def title_of(document: Mapping[str, Any]) -> tuple[str, str]:
    """Give the title and the version that a description states."""
    info = document.get("info")
    said = info if isinstance(info, dict) else {}
    return str(said.get("title", ""))[:300], str(said.get("version", ""))[:60]


def operations_of(document: Mapping[str, Any]) -> list[Operation]:
    """Give the operations of a description in order of path and method; of several with one pattern the first.

    Raises:
        InputError: A path does not begin with a slash.
    """
    found: dict[tuple[str, str], Operation] = {}
    for written, method, operation, shared in raw_operations(document):
        pattern = _VARIABLE.sub("*", written)
        parameters = parameters_of(document, operation, shared)
        summary = str(operation.get("summary") or operation.get("operationId") or "")[:300]
        one = Operation(method, pattern, written, summary, _subject(written, parameters))
        found.setdefault((method, pattern), one)
    return sorted(found.values(), key=lambda one: (one.path, one.method))


def raw_operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any], list[Any]]]:
    """Give path as written, method, operation, and the parameters of its path."""
    paths = document.get("paths")
    for written, item in paths.items() if isinstance(paths, dict) else ():
        place = resolved(document, item)
        if not str(written).startswith("/"):
            raise InputError(
                "The path “{path}” must begin with a slash.",
                code="bad-path",
                field="document",
                path=str(written),
            )
        shared = place.get("parameters")
        for method in _METHODS:
            if isinstance(place.get(method), dict):
                yield str(written), method.upper(), place[method], shared if isinstance(shared, list) else []


def resolved(document: Mapping[str, Any], node: Any) -> dict[str, Any]:
    """Follow a reference within the document; what is no object gives an empty one."""
    for _time in range(DEEPEST):
        if not isinstance(node, dict) or "$ref" not in node:
            break
        target: Any = document
        for part in str(node["$ref"])[2:].split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            target = target.get(key) if isinstance(target, dict) else None
        node = target
    return node if isinstance(node, dict) and "$ref" not in node else {}


def parameters_of(
    document: Mapping[str, Any], operation: Mapping[str, Any], shared: list[Any]
) -> dict[tuple[str, str], dict[str, Any]]:
    """Give an operation's parameters by place and name; its own go before those of its path."""
    own = operation.get("parameters")
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for one in [*shared, *(own if isinstance(own, list) else [])]:
        parameter = resolved(document, one)
        if parameter.get("name") and parameter.get("in"):
            found[str(parameter["in"]), str(parameter["name"])] = parameter
    return found


def _subject(written: str, parameters: Mapping[tuple[str, str], dict[str, Any]]) -> str:
    """Tell where the identifier of the person stands: a marked parameter, else one with a usual name."""
    marked = [place for place, one in parameters.items() if one.get(SUBJECT_MARK) is True]
    named = [place for place, one in parameters.items() if _is_person(place[1]) and SUBJECT_MARK not in one]
    for kind, name in [*marked, *named]:
        if kind in {"query", "header"}:
            return f"{kind}:{name}"
        parts = written.strip("/").split("/")
        if kind == "path" and f"{{{name}}}" in parts:
            return f"path:{parts.index(f'{{{name}}}') + 1}"
    return ""


def _is_person(name: str) -> bool:
    return _PERSON.match(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)) is not None
