"""Describe the example services in OpenAPI, as a provider of the exchange does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def _operation(summary: str, *statuses: str, parameter: str = "", place: str = "path") -> dict[str, Any]:
    words = {
        "200": "The record",
        "201": "Taken down",
        "404": "Not in the register",
        "422": "Cannot be read",
        "503": "Ask again",
    }
    operation: dict[str, Any] = {
        "summary": summary,
        "responses": {status: {"description": words[status]} for status in statuses},
    }
    if parameter:
        operation["parameters"] = [
            {"name": parameter, "in": place, "required": True, "schema": {"type": "string"}}
        ]
    return operation


def _document(title: str, description: str, paths: Mapping[str, Any]) -> dict[str, Any]:
    info = {"title": title, "version": "1.0.0", "description": description}
    return {"openapi": "3.1.0", "info": info, "paths": dict(paths)}


_LIEN = {
    **_operation("Take down a lien on a parcel", "201", "422"),
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["parcel", "reason"],
                    "properties": {"parcel": {"type": "string"}, "reason": {"type": "string"}},
                }
            }
        },
    },
}

DESCRIPTIONS: Mapping[str, dict[str, Any]] = {
    "land": _document(
        "Land register",
        "Parcels, their owners and liens. Invented data.",
        {
            "/parcels/{id}": {"get": _operation("One parcel", "200", "404", parameter="id")},
            "/parcels": {
                "get": _operation("The parcels of an owner", "200", parameter="owner", place="query")
            },
            "/liens": {"post": _LIEN},
        },
    ),
    "civil": _document(
        "Civil register",
        "Is this person alive, and where do they live. Invented data.",
        {"/persons/{id}": {"get": _operation("One person", "200", "404", parameter="id")}},
    ),
    "post": _document(
        "Postcodes",
        "From a postcode to an address. Invented data.",
        {
            "/postcodes/{postcode}": {
                "get": _operation("One address", "200", "404", "503", parameter="postcode")
            }
        },
    ),
}
