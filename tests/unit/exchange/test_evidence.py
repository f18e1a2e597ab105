"""Evidence convinces a stranger, survives redaction, and no change or torn write passes for it."""

import base64
import hashlib
import json
from collections.abc import Sequence
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from mehvar.exchange.data.errors import ErrorType
from mehvar.exchange.data.evidence import GENESIS, LEAF_FORMAT, EvidenceDamaged, FrameKind, LeafKind, PartKind
from mehvar.exchange.rules import leaves, merkle, receipts, segments
from mehvar.gateway.evidence import archive
from mehvar.kernel.errors import InputError
from mehvar.kernel.identifiers import canonical_json

KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC = KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)


def digest(data: bytes) -> str:
    return base64.b64encode(hashlib.sha512(data).digest()).decode()


def leaf(number: int, *, quirk: str = "") -> bytes:
    return leaves.encode_leaf(
        leaves.LeafFacts(
            LeafKind.EXCHANGE, 10, 20, f"r-{number}", f"id{quirk}", "QF/GOV/1/c", "network:::1", "QF/GOV/2/p/s", "GET /*", "a", f"p{quirk}",
            "durable", 3, leaves.request_member(digest(b"head"), digest(b"body"), 4), digest(b"all"),
            leaves.answer_member(digest(b"answer head"), None, 0, status=200), None, None,
        )
    )  # fmt: skip


def segment(sizes: Sequence[int], *, previous: str = GENESIS) -> bytes:
    parts = segments.encode_parts({PartKind.REQUEST_HEAD: b"head", PartKind.REQUEST_BODY: b"body"})
    fingerprint = segments.key_fingerprint(KEY.public_key())
    header = segments.segment_header(
        chain="c", segment=1, first_batch=1, previous=previous, checkpoint=GENESIS, at=1, key=fingerprint
    )
    data = segments.MAGIC + segments.frame(FrameKind.HEADER, header)
    number = 0
    for count in sizes:
        entries = [(leaf(number + place), parts) for place in range(count)]
        head = segments.batch_head(
            chain="c",
            number=number + 1,
            previous=previous,
            hashes_=[merkle.leaf_hash(item) for item, _ in entries],
            at=5,
            key=fingerprint,
        )
        signature = KEY.sign(head.signed, ec.ECDSA(hashes.SHA256()))
        data += segments.frame(FrameKind.BATCH, segments.batch_payload(head, signature, entries))
        previous, number = segments.batch_hash(head), number + 1
    return data


def receipt(count: int = 5, index: int = 2) -> bytes:
    batch = next(segments.read_batches(segment([count]), KEY.public_key()))
    return receipts.make_receipt(batch, index)


SEGMENT, RECEIPT = segment([2, 1]), receipt()  # made once: every signature differs


@pytest.mark.parametrize("quirk", ["", '"', "\\", "\n", "é", "آ", "\u2028", "\x01", "😀"])
def test_a_leaf_is_canonical_json(quirk: str) -> None:
    data = leaf(1, quirk=quirk)
    assert canonical_json(json.loads(data)) == data


drawn_leaf = st.fixed_dictionaries(
    {
        "texts": st.lists(st.text(max_size=12), min_size=8, max_size=8),
        "numbers": st.lists(st.integers(0, 2**53), min_size=5, max_size=5),
        "kind": st.sampled_from(LeafKind),
        "body": st.none() | st.binary(max_size=4),
        "is_answered": st.booleans(),
        "error": st.none() | st.sampled_from(ErrorType),
        "subject": st.none() | st.just("ab" * 32),
    }
)


@given(drawn_leaf)
def test_the_shape_of_a_leaf_gives_what_canonical_json_gives(drawn: dict[str, Any]) -> None:
    texts, numbers, is_answered, body = drawn["texts"], drawn["numbers"], drawn["is_answered"], drawn["body"]
    kind, error, subject = drawn["kind"], drawn["error"], drawn["subject"]
    client, service, endpoint, agreement, purpose, proof, own_id, request_id = texts
    request_id = digest(request_id.encode())
    at, done_at, version, size, status = numbers
    body_sha = None if body is None else digest(body)
    stated = {"body_bytes": size, "body_sha512": body_sha, "head_sha512": digest(b"head")}
    members = {
        "agreement": agreement, "answer": {**stated, "status": status} if is_answered else None, "at": at,
        "authentication": proof, "client": client, "done_at": done_at, "endpoint": endpoint, "error": error,
        "format": LEAF_FORMAT, "id": own_id, "kind": kind, "mode": "async", "purpose": purpose, "request": stated,
        "request_hash": digest(b"all"), "request_id": request_id, "service": service, "snapshot": version,
        "subject": subject,
    }  # fmt: skip
    shape = leaves.LeafShape(
        client=client, service=service, endpoint=endpoint, agreement=agreement, purpose=purpose, mode="async",
        snapshot=version,
    )  # fmt: skip
    answer = leaves.answer_member(digest(b"head"), body_sha, size, status=status) if is_answered else "null"
    written = shape.encode(
        kind=kind, at=at, done_at=done_at, request_id=request_id, id_=own_id, authentication=proof,
        request=leaves.request_member(digest(b"head"), body_sha, size), request_hash=digest(b"all"), answer=answer,
        error=error, subject=subject,
    )  # fmt: skip
    assert written == canonical_json(members)


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=40), st.data())
def test_every_leaf_is_proven_in_its_place_and_nowhere_else(items: list[bytes], data: st.DataObject) -> None:
    tree = [merkle.leaf_hash(item) for item in items]
    index = data.draw(st.integers(0, len(items) - 1))
    root, proof = merkle.root_of(tree), merkle.inclusion_proof(tree, index)
    assert merkle.is_included(items[index], proof, index=index, count=len(items), root=root)
    assert not merkle.is_included(items[index] + b"x", proof, index=index, count=len(items), root=root)
    assert not merkle.is_included(items[index], [*proof, b"x" * 32], index=index, count=len(items), root=root)
    assert not merkle.is_included(items[index], proof, index=index + len(items), count=len(items), root=root)


def test_rfc_9162_roots_of_known_trees() -> None:
    """Source: the test vectors of certificate transparency (RFC 6962 trees, unchanged in RFC 9162)."""
    inputs = [
        bytes.fromhex(text)
        for text in (
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        )
    ]
    assert merkle.root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert (
        merkle.root_of([merkle.leaf_hash(item) for item in inputs]).hex()
        == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    )


@pytest.mark.parametrize(("count", "index"), [(1, 0), (2, 1), (5, 4), (33, 17)])
def test_a_stranger_verifies_a_receipt_with_the_public_key_alone(count: int, index: int) -> None:
    proven = receipts.verify_receipt(receipt(count, index), PUBLIC)
    assert proven.leaf["request_id"] == f"r-{index}"
    assert proven.parts[PartKind.REQUEST_BODY] == b"body"
    assert (proven.chain, proven.batch) == ("c", 1)


def test_another_key_does_not_verify_it() -> None:
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    pem = other.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(InputError, match="not of this key"):
        receipts.verify_receipt(receipt(), pem)
    with pytest.raises(InputError, match="P-256"):
        receipts.verify_receipt(receipt(), b"no key")


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_changed_receipt_holds(data: st.DataObject) -> None:
    original = json.loads(RECEIPT)
    name = data.draw(st.sampled_from(["leaf", "batch", "signature", "index", "proof", "parts"]))
    changed = json.loads(json.dumps(original))
    if name == "index":
        changed["index"] = data.draw(st.integers(-3, 9).filter(lambda number: number != original["index"]))
    elif name == "proof":
        changed["proof"][data.draw(st.integers(0, len(changed["proof"]) - 1))] = "00" * 32
    elif name == "parts":
        changed["parts"]["request_body"] = base64.b64encode(b"bodY").decode()
    else:
        raw = bytearray(base64.b64decode(original[name]))
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
        changed[name] = base64.b64encode(bytes(raw)).decode()
    with pytest.raises(InputError):
        receipts.verify_receipt(json.dumps(changed).encode(), PUBLIC)


@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.integers() | st.text(max_size=4),
        lambda c: st.dictionaries(
            st.sampled_from(["leaf", "batch", "proof", "index", "parts", "signature"]),
            c | st.lists(c, max_size=2),
            max_size=6,
        ),
    ).map(lambda o: json.dumps(o).encode())
)
def test_whatever_is_no_receipt_is_refused_kindly(data: bytes) -> None:
    with pytest.raises(InputError):
        receipts.verify_receipt(data, PUBLIC)


def test_redaction_keeps_every_proof_valid() -> None:
    original = segment([3, 2])
    bare = archive.redacted(memoryview(original), lambda _leaf, _kind: False)
    assert b"body" not in bare.replace(b'"body', b"")
    batches = [*segments.read_batches(bare, KEY.public_key())]
    assert [len(batch.entries) for batch in batches] == [3, 2]
    proven = receipts.verify_receipt(receipts.make_receipt(batches[1], 0), PUBLIC)
    assert proven.parts == {}
    assert proven.leaf["request"]["body_sha512"] == digest(
        b"body"
    )  # whoever kept the body can still show that it was this one


def test_redaction_can_spare_what_must_stay() -> None:
    bare = archive.redacted(
        memoryview(segment([3])),
        lambda said, kind: said["request_id"] == "r-1" or kind is PartKind.REQUEST_HEAD,
    )
    batch = next(segments.read_batches(bare, KEY.public_key()))
    assert [sorted(entry.parts) for entry in batch.entries] == [[1], [1, 2], [1]]


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_no_changed_segment_passes(data: st.DataObject) -> None:
    raw = bytearray(SEGMENT)
    place = data.draw(st.integers(8, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises((EvidenceDamaged, KeyError, ValueError)):
        [*segments.read_batches(bytes(raw), KEY.public_key(), previous=GENESIS)]


@given(st.integers(0, 5000))
@settings(deadline=None)
def test_a_cut_segment_is_torn_and_its_whole_batches_stay(length: int) -> None:
    whole = SEGMENT[: min(length, len(SEGMENT))]
    frames, batches = segments.read_frames(whole), 0
    try:
        batches = sum(found.kind is FrameKind.BATCH for found in frames)
    except EvidenceDamaged as damaged:
        torn_at = damaged.offset
        is_torn = segments.is_torn(whole, torn_at)
    else:
        is_torn = True
    assert is_torn
    assert batches <= 2


def test_damage_in_the_middle_is_not_taken_for_a_torn_tail() -> None:
    raw = bytearray(segment([2, 1, 3]))
    raw[600] ^= 1
    with pytest.raises(EvidenceDamaged) as damaged:
        [*segments.read_batches(bytes(raw), KEY.public_key())]
    assert not segments.is_torn(bytes(raw), damaged.value.offset)


def test_a_dropped_batch_breaks_the_chain() -> None:
    raw = segment([1, 1, 1])
    frames = [*segments.read_frames(raw)]
    without = raw[: frames[2].start] + raw[frames[2].end :]
    with pytest.raises(EvidenceDamaged, match="does not follow"):
        [*segments.read_batches(without, KEY.public_key())]
