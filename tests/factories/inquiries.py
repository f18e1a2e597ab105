"""Make a federation in which officers can ask: a described service, a right, a key, an officer, a director."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from mehvar.accounts.data import Role
from mehvar.accounts.models import User
from mehvar.exchange.actions import authorisations, catalogue, descriptions
from mehvar.exchange.actions.authorisations import Terms
from mehvar.exchange.models import AccessRight, Gateway, InquiryAuthorisation, SigningKey
from mehvar.kernel import clock
from tests.factories.exchange import Federation, federation, granted
from tests.factories.organisations import make_user

PEM = serialization.Encoding.PEM
READ = "GET /parcels/{owner}"
WRITE = "POST /parcels"
DESCRIPTION: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Land parcels", "version": "1.2"},
    "tags": [{"name": "land"}],
    "paths": {
        "/parcels/{owner}": {
            "get": {
                "summary": "Read what a person owns",
                "x-names": {"fa": "املاک یک شخص", "vi": "Tài sản đất của một người"},
                "tags": ["land"],
                "parameters": [
                    {
                        "name": "owner", "in": "path", "required": True, "description": "National identifier",
                        "x-names": {"fa": "شماره ملی", "vi": "Số định danh"},
                        "schema": {"type": "string", "pattern": "^[0-9]{10}$", "example": "0012345678"},
                    },
                    {"name": "on", "in": "query", "schema": {"type": "string", "format": "date"}},
                ],
                "responses": {
                    "200": {
                        "description": "The parcels",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "properties": {
                                        "owner": {"type": "string", "x-names": {"fa": "مالک", "vi": "Chủ sở hữu"}},
                                        "parcels": {
                                            "type": "array",
                                            "items": {
                                                "type": "object",
                                                "properties": {
                                                    "number": {"type": "string", "title": "Plate"},
                                                    "area": {"type": "number"},
                                                },
                                            },
                                        },
                                    },
                                }
                            }
                        },
                    }
                },
            }
        },
        "/parcels": {
            "post": {
                "summary": "Ask for a check",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object", "required": ["owner"],
                                "properties": {"owner": {"type": "string"}, "urgent": {"type": "boolean"}},
                            }
                        }
                    },
                },
                "responses": {"200": {"description": "Taken"}},
            }
        },
    },
}  # fmt: skip


@dataclass
class Desk:
    """Hold what ``desk`` made."""

    made: Federation
    right: AccessRight
    officer: User
    director: User
    authorisation: InquiryAuthorisation
    key_id: str


def described(made: Federation) -> None:
    """Describe the service and read the description into the catalogue."""
    descriptions.upload_description(
        made.provider_engineer, made.service.public_id, content=json.dumps(DESCRIPTION).encode()
    )
    catalogue.follow_descriptions()
    made.service.refresh_from_db()


def desk(folder: Path, monkeypatch: pytest.MonkeyPatch, *, daily_limit: int = 50, **terms: Any) -> Desk:
    """Let an officer of health ask the ministry's register; the key's file lies in ``folder``."""
    from django.conf import settings

    monkeypatch.setattr(settings, "MEHVAR_EXCHANGE_INQUIRY_KEYS", folder)
    monkeypatch.setattr(settings, "MEHVAR_EXCHANGE_SUBJECT_KEY_FILE", folder / "subject.key")
    (folder / "subject.key").write_bytes(b"k" * 32)
    made = federation(**terms)
    described(made)
    right = granted(made)
    key_id = signing_key(made, folder)
    officer = make_user(Role.INQUIRY_OFFICER, made.house.health, name="counter officer")
    director = make_user(Role.DEPUTY, made.house.health, name="health director")
    return Desk(
        made, right, officer, director, authorised(made, right, officer, director, daily_limit), key_id
    )


def authorised(
    made: Federation, right: AccessRight, officer: User, director: User, daily_limit: int = 50
) -> InquiryAuthorisation:
    """Let the director authorise the officer for a month."""
    today: date = clock.today()
    terms = Terms(
        "check of patients' addresses", today - timedelta(days=1), today + timedelta(days=30), daily_limit
    )
    return authorisations.authorise(
        director, officer_id=officer.pk, right=right.public_id, subsystem_id=made.clinic.pk, terms=terms
    )


def signing_key(made: Federation, folder: Path) -> str:
    """Register a key of the clinic, and put its private half where the operator would."""
    private = ed25519.Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    now = clock.now()
    row = SigningKey.objects.create(
        public_id="clinic-key", subsystem=made.clinic, label="inquiries", algorithm="ed25519", public_key=public,
        sha256="0" * 64, valid_from=now - timedelta(days=1), valid_until=now + timedelta(days=300), created_at=now,
    )  # fmt: skip
    pem = private.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / f"{row.public_id}.pem").write_bytes(pem)
    return row.public_id


def registered(address: str, evidence: Path) -> Gateway:
    """Register a gateway."""
    return Gateway.objects.create(code="gw", address=address, evidence_folder=str(evidence), state="ok")
