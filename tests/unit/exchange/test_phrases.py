"""Codes of protocol, evidence and record, said in words."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from mehvar.exchange.data.errors import ErrorType
from mehvar.exchange.rules import following
from mehvar.exchange.tables import phrases

LTR, ANY, END = "\u2066", "\u2068", "\u2069"


@pytest.mark.parametrize("language", ["fa", "vi"])
def test_every_error_of_the_bus_has_words_in_every_language(language: str) -> None:
    with translation.override(language):
        said = {one: phrases.error(one) for one in ErrorType}
    with translation.override("en"):
        plain = {one: phrases.error(one) for one in ErrorType}
    assert all(words and "." not in words for words in plain.values())
    assert [one for one in ErrorType if said[one] == plain[one]] == []
    assert len(set(said.values())) == len(ErrorType)


def test_failures_of_deliveries() -> None:
    with translation.override("fa"):
        assert phrases.error("HTTP 503") == "طرف مقابل با کد ۵۰۳ پاسخ داد"
        said = phrases.error("127.0.0.1 leads into a network that the server does not call for others.")
        assert f"{LTR}127.0.0.1{END}" in said
        assert "network" not in said
        assert phrases.error("never acknowledged").startswith("گیرنده")
        assert phrases.error("Nobody answers there.") != "Nobody answers there."
    assert phrases.error("something of another version") == "something of another version"
    assert phrases.error("") == ""


def test_every_fault_of_the_evidence_has_words() -> None:
    rules = Path(following.__file__).parent
    source = "".join((rules / f"{name}.py").read_text() for name in ("following", "segments", "folders"))
    stated = re.findall(
        r"""(?:EvidenceDamaged\(|_fault\(\s*"[a-z]+",|FaultFound\("[a-z]+",|words = \(|else)\s*f?"([^"]+)""",
        source,
    )
    assert len(stated) >= len(phrases.FAULTS)
    with translation.override("en"):
        said = {text: phrases.fault(re.sub(r"\{[^}]*\}", "7", text)) for text in stated}
    assert [text for text, words in said.items() if words[:1].islower()] == []
    with translation.override("vi"):
        assert "7" in phrases.fault("batch 7 does not follow the one before")
        assert phrases.fault("of another version") == "of another version"


def test_proofs_and_places() -> None:
    with translation.override("en"):
        assert phrases.proof("signature:k-1") == f"Signed request, key {LTR}k-1{END}"
        assert phrases.proof("mutual-tls:" + "ab" * 32) == f"Mutual TLS, certificate {LTR}{'ab' * 8}…{END}"
        assert phrases.proof("network:10.0.0.1") == f"Its network, {LTR}10.0.0.1{END}"
        assert phrases.proof("unheard of") == "unheard of"
        assert phrases.identifier_place("path:2") == "identifier of the person: part 2 of the path"
        assert (
            phrases.identifier_place("query:owner")
            == f"identifier of the person: query parameter {LTR}owner{END}"
        )
        assert phrases.identifier_place("header:X-Person").endswith(f"header {LTR}X-Person{END}")
        assert phrases.identifier_place("") == ""


def test_acts_that_led_to_a_snapshot() -> None:
    reason = "exchange.right.revoke 01ee; exchange.right.revoke 02ff; scheduled check; by hand"
    with translation.override("en"):
        assert phrases.acts(reason) == [
            ("Revoke a right", "01ee"),
            ("Revoke a right", "02ff"),
            ("Scheduled check", ""),
            ("by hand", ""),
        ]
        assert phrases.acts_in_short(reason) == "Revoke a right (2) · Scheduled check · by hand"
    assert phrases.acts("") == []


def test_parts_are_isolated() -> None:
    assert phrases.joined(["نشانی", "", "GET /x"]) == f"{ANY}نشانی{END} · {ANY}GET /x{END}"
