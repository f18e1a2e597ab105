"""Set up a small exchange in the demonstration: members, services with descriptions, a granted and a waiting request; the walk calls these."""

from __future__ import annotations

import base64
import json
from datetime import date
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from mehvar.exchange.actions import (
    agreements,
    authority,
    credentials,
    descriptions,
    gateways,
    limits,
    members,
    requests,
    services,
    subsystems,
)
from mehvar.exchange.data.control import AgreementTerms, RequestWords, ServiceTerms
from mehvar.organisations import queries as organisations

if TYPE_CHECKING:
    from mehvar.config.demonstration.walk import Walk
    from mehvar.exchange.models import ExchangeService, Member, Subsystem

POST, CIVIL, LAND = "ir.mict.post", "ir.ncro", "ir.judiciary.registry"


def found_exchange(walk: Walk) -> str:
    """Take three bodies into the exchange, each with its system; make the own authority and name a gateway."""
    operator = walk.people["exchange"]
    authority.create_authority(operator, name="مرکز ملی تبادل اطلاعات")
    for code, name in ((POST, "post"), (CIVIL, "civil"), (LAND, "land")):
        body = organisations.organisation(code)
        member = members.enrol(operator, organisation_id=body.pk, member_class="GOV", code=name)
        walk.exchange[name] = member
        walk.exchange[f"{name}-system"] = subsystems.open_subsystem(
            operator, member.public_id, code="registry", name=SYSTEMS[name]
        )
    gateways.register_gateway(operator, code="gw-1", address="http://127.0.0.1:8090")
    limits.set_quota(operator, calls_per_s=50, burst=100)
    return "three members, one authority, one gateway"


SYSTEMS = {"post": "پایگاه نشانی و کد پستی", "civil": "پایگاه ثبت احوال", "land": "سامانه ثبت املاک"}


def offer_services(walk: Walk) -> str:
    """Let each provider offer a service with its description, and draft one more."""
    postcode = _offered(
        walk,
        "post",
        "postcode",
        ServiceTerms(
            title="استعلام نشانی از کد پستی",
            base_url="http://127.0.0.1:9101",
            summary="برای یک کد پستی ده‌رقمی، نشانی و مختصات مکان را می‌دهد.",
            language="fa",
            legal_basis="قانون مدیریت داده‌ها و اطلاعات ملی، ماده ۴",
            personal_data=False,
            contact="معاونت فناوری شرکت ملی پست",
        ),
        {"/postcodes/{postcode}": ("postcode", "نشانی یک کد پستی")},
    )
    person = _offered(
        walk,
        "civil",
        "person",
        ServiceTerms(
            title="استعلام هویت",
            base_url="http://127.0.0.1:9102",
            summary="تطابق نام و تاریخ تولد با شماره ملی را تأیید می‌کند.",
            language="fa",
            legal_basis="قانون ثبت احوال، ماده ۳۴",
        ),
        {"/persons/{nationalId}": ("nationalId", "تطابق هویت یک شخص")},
    )
    land = _offered(
        walk,
        "land",
        "parcels",
        ServiceTerms(
            title="استعلام مالکیت",
            base_url="http://127.0.0.1:9103",
            summary="املاک ثبت‌شده به نام یک شخص را برمی‌شمارد.",
            language="fa",
            legal_basis="قانون ثبت اسناد و املاک",
        ),
        {"/owners/{nationalId}/parcels": ("nationalId", "املاک یک شخص")},
    )
    walk.exchange |= {"postcode": postcode, "person": person, "parcels": land}
    return "three published services with descriptions"


NAMES = {
    "postcode": {"fa": "کد پستی", "vi": "Mã bưu chính", "en": "Postcode"},
    "nationalId": {"fa": "شماره ملی", "vi": "Số định danh cá nhân", "en": "National identifier"},
    "registered": {"fa": "ثبت شده است", "vi": "Đã đăng ký", "en": "Registered"},
}


def _offered(
    walk: Walk, provider: str, code: str, terms: ServiceTerms, paths: dict[str, tuple[str, str]]
) -> ExchangeService:
    operator = walk.people["exchange"]
    system: Subsystem = walk.exchange[f"{provider}-system"]
    row = services.draft_service(operator, system.pk, code=code, terms=terms)
    document = json.dumps(_description(terms.title, paths), ensure_ascii=False).encode()
    descriptions.upload_description(operator, row.public_id, content=document)
    row.refresh_from_db()
    return services.publish_service(operator, row.public_id, version=row.version)


def _answer(name: str, *, is_check: bool) -> dict[str, Any]:
    told: dict[str, Any] = {name: {"type": "string", "x-names": NAMES[name]}}
    if is_check:
        told["registered"] = {"type": "boolean", "x-names": NAMES["registered"]}
    schema = {"type": "object", "properties": told}
    return {"200": {"description": "ok", "content": {"application/json": {"schema": schema}}}}


def _description(title: str, paths: dict[str, tuple[str, str]]) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1.0"},
        "paths": {
            path: {
                "get": {
                    "summary": summary,
                    "parameters": [
                        {
                            "name": name,
                            "in": "path",
                            "required": True,
                            "x-names": NAMES[name],
                            "schema": {"type": "string"},
                        }
                    ],
                    "responses": _answer(name, is_check=path.startswith("/persons")),
                }
            }
            for path, (name, summary) in paths.items()
        },
    }


def register_key(walk: Walk) -> str:
    """Let the post's engineer register a key, with the proof that its private half is held."""
    engineer, system = walk.people["post.engineer"], walk.exchange["post-system"]
    key = ed25519.Ed25519PrivateKey.generate()
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    text = credentials.challenge(system.pk)
    row = credentials.register_key(
        engineer,
        system.pk,
        label="سرور اصلی",
        public_key=pem.decode(),
        challenge=text,
        proof=base64.b64encode(key.sign(text.encode())).decode(),
        days=25,
    )
    return f"key {row.public_id} runs out in 25 days"


def ask_for_access(walk: Walk) -> str:
    """Let the post ask the civil register (granted) and the land register (waiting), and propose an agreement to it."""
    engineer, civil = walk.people["post.engineer"], walk.people["civil.engineer"]
    granted = _asked(
        walk,
        engineer,
        "person",
        RequestWords(
            purpose="احراز هویت گیرنده مرسوله سفارشی",
            legal_basis="قانون تشکیل شرکت پست، ماده ۱۴",
            calls_per_day=20_000,
            wanted_until=date(2021, 3, 20),
        ),
    )
    requests.grant(civil, granted.public_id, version=granted.version, note="با رعایت سقف روزانه.")
    _asked(
        walk,
        engineer,
        "parcels",
        RequestWords(
            purpose="تطبیق نشانی مالک با کد پستی ملک",
            legal_basis="قانون مدیریت داده‌ها و اطلاعات ملی، ماده ۴",
            calls_per_day=500,
        ),
    )
    provider: Member = walk.exchange["land"]
    consumer: Member = walk.exchange["post"]
    terms = AgreementTerms(
        "تبادل نشانی املاک",
        "قانون مدیریت داده‌ها و اطلاعات ملی، ماده ۴",
        "تطبیق نشانی املاک",
        date(2020, 9, 22),
    )
    agreements.propose(engineer, provider=provider.public_id, consumer=consumer.public_id, terms=terms)
    return "one request granted, one waits, one agreement is proposed"


def _asked(walk: Walk, engineer: Any, service: str, words: RequestWords) -> Any:
    row = requests.begin(
        engineer,
        subsystem_id=walk.exchange["post-system"].pk,
        service=walk.exchange[service].public_id,
        words=words,
    )
    return requests.submit(engineer, row.public_id, version=row.version)
