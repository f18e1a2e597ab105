"""Signed notes, checkpoints, cosignatures and proof bundles, against published examples."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mehvar.kernel.errors import InputError
from mehvar.ledger.data import Actor, Deed, Place, ProvenLeaf, Subject
from mehvar.ledger.rules import bundles, checkpoints, leaf, merkle, notes

# The example with which Go's note package documents the format.
PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
KEY = notes.SigningKey("example.org/log", bytes(range(32)))
WITNESS_SEED = bytes(range(32, 64))
WITNESS = notes.VerifierKey(
    "witness.example/w1",
    notes.COSIGNATURE,
    Ed25519PrivateKey.from_private_bytes(WITNESS_SEED).public_key().public_bytes_raw(),
)


def cosign(text: str, seconds: int = 1_679_315_147) -> notes.SignatureLine:
    signature = Ed25519PrivateKey.from_private_bytes(WITNESS_SEED).sign(
        b"cosignature/v1\ntime %d\n" % seconds + text.encode()
    )
    return notes.SignatureLine(WITNESS.name, WITNESS.key_id, seconds.to_bytes(8, "big") + signature)


def test_the_published_note_is_signed_read_and_verified() -> None:
    key = notes.VerifierKey.parse(PUBLIC)
    note = notes.parse_note(NOTE)
    assert notes.signers(note, [key]) == (key,)
    signing = notes.SigningKey.parse(PRIVATE)
    assert (signing.verifier, str(signing.verifier), signing.encoded()) == (key, PUBLIC, PRIVATE)
    assert str(signing.sign(note.text)) == NOTE


def test_an_altered_text_is_refused_and_an_unknown_key_is_no_signer() -> None:
    key = notes.VerifierKey.parse(PUBLIC)
    with pytest.raises(InputError, match="is wrong"):
        notes.signers(notes.parse_note(NOTE.replace("answer", "Answer")), [key])
    assert notes.signers(notes.parse_note(NOTE), [KEY.verifier]) == ()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\n— name\n",
        "text\n\n- name AAAAAAAA\n",
        "text\n\n— name AAAAAAAA",
        "te\txt\n\n— name AAAAAAAA\n",
        "text\n\n— na+me AAAAAAAA\n",
        "text\n\n— name AAAAAAA\n",
        "text\n\n— name AAAAAB==\n",
        "text\n\n" + "— name AAAAAAAA\n" * 101,
    ],
)
def test_what_is_no_note(content: str) -> None:
    with pytest.raises(InputError):
        notes.parse_note(content)


@pytest.mark.parametrize(
    "text",
    ["", "name", PUBLIC[:-4], PUBLIC.replace("c74f", "c74e"), "a b" + PUBLIC, PUBLIC.replace("+AR", "+BR")],
)
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(InputError):
        notes.VerifierKey.parse(text)
    with pytest.raises(InputError):
        notes.SigningKey.parse("PRIVATE+KEY+" + text)


def test_a_checkpoint_is_three_lines_to_the_byte() -> None:
    checkpoint = checkpoints.Checkpoint("example.org/log", 12, bytes(32))
    assert checkpoint.text == f"example.org/log\n12\n{'A' * 43}=\n"
    assert checkpoints.parse_checkpoint(checkpoint.text) == checkpoint
    assert checkpoints.open_checkpoint(str(KEY.sign(checkpoint.text)), KEY.verifier)[0] == checkpoint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n1\n",
        f"o\n01\n{'A' * 43}=\n",
        f"o\n-1\n{'A' * 43}=\n",
        f"o\n1\n{'A' * 44}\n",
        f"o\n1\n{'A' * 43}=",
        f"o\n1\n{'A' * 43}=\n\n",
        f"o\n١\n{'A' * 43}=\n",
        f"o\n1_0\n{'A' * 43}=\n",
    ],
)
def test_what_is_no_checkpoint(text: str) -> None:
    with pytest.raises(InputError):
        checkpoints.parse_checkpoint(text)


def test_a_checkpoint_of_another_log_is_refused_though_our_key_signed_it() -> None:
    foreign = checkpoints.Checkpoint("example.org/other", 1, bytes(32))
    with pytest.raises(InputError):
        checkpoints.open_checkpoint(str(KEY.sign(foreign.text)), KEY.verifier)


def test_a_cosignature_counts_with_its_time_and_only_over_its_own_text() -> None:
    checkpoint = checkpoints.Checkpoint("example.org/log", 1, bytes(32))
    note = KEY.sign(checkpoint.text).with_lines([cosign(checkpoint.text)])
    assert notes.signers(notes.parse_note(str(note)), [KEY.verifier, WITNESS]) == (KEY.verifier, WITNESS)
    assert note.lines[1].signed_at == datetime.fromtimestamp(1_679_315_147, UTC)
    moved = replace(note.lines[1], signature=(5).to_bytes(8, "big") + note.lines[1].signature[8:])
    with pytest.raises(InputError, match="“witness"):
        notes.signers(note.with_lines([moved]), [WITNESS])
    assert notes.VerifierKey.parse(str(WITNESS)) == WITNESS


def proven(*, public: bool = True) -> tuple[str, ProvenLeaf]:
    deed = Deed(
        Actor("person", "7", "Maryam"), "act", Subject("thing", "1"), '{"n":1}', "why", public, bytes(32)
    )
    content = leaf.encode_leaf(deed, Place(1, datetime(2026, 1, 1, tzinfo=UTC), leaf.GENESIS))
    sibling = merkle.leaf_hash(b"next")
    root = merkle.node_hash(merkle.leaf_hash(content), sibling)
    note = KEY.sign(checkpoints.Checkpoint(KEY.name, 2, root).text)
    note = note.with_lines([cosign(note.text)])
    item = ProvenLeaf(0, content, (sibling,), "" if public else '{"n":1}', bytes(32), leaf.sealed_part(deed))
    return str(note), item


@pytest.mark.parametrize("public", [True, False])
def test_a_bundle_proves_its_records_and_names_its_witnesses(public: bool) -> None:  # noqa: FBT001 - parametrised
    note, item = proven(public=public)
    report = bundles.check_bundle(bundles.write_bundle(note, [item]), KEY.verifier, [WITNESS])
    assert (report.origin, report.size, report.leaves) == ("example.org/log", 2, (item,))
    assert report.witnesses == ("witness.example/w1",)


@pytest.mark.parametrize(
    "change",
    [
        {"index": 1},
        {"leaf": b"{}"},
        {"proof": ()},
        {"salt": b"x" * 32},
        {"sealed": b"{}"},
        {"content_json": '{"n":2}'},
    ],
)
def test_a_bundle_with_anything_altered_proves_nothing(change: dict[str, object]) -> None:
    note, item = proven(public=False)
    with pytest.raises(InputError):
        bundles.check_bundle(bundles.write_bundle(note, [replace(item, **change)]), KEY.verifier)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"format": 1}', '{"format":"mehvar.ledger.proof/1","entries":[]}', b"\xff", "[" * 9999],
)
def test_what_is_no_bundle(content: str | bytes) -> None:
    with pytest.raises(InputError):
        bundles.check_bundle(content, KEY.verifier)


def test_a_bundle_of_another_key_proves_nothing() -> None:
    note, item = proven()
    other = notes.SigningKey(KEY.name, bytes(32)).verifier
    with pytest.raises(InputError, match="not signed"):
        bundles.check_bundle(bundles.write_bundle(note, [item]), other)


def test_a_bundle_is_plain_json() -> None:
    note, item = proven()
    members = json.loads(bundles.write_bundle(note, [item]))
    assert base64.b64decode(members["entries"][0]["leaf"]) == item.leaf
    assert members["entries"][0]["opening"]["salt"] == "00" * 32
