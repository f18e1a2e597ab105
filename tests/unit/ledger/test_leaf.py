"""The leaf to the byte, and what it does not say."""

import hashlib
import hmac
import json
import struct
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mehvar.kernel import identifiers
from mehvar.kernel.errors import InputError, LimitExceeded
from mehvar.ledger import rules
from mehvar.ledger.data import Actor, Deed, Place, Subject
from mehvar.ledger.rules import leaf as leaves

NOON = datetime(2025, 3, 21, 12, 0, 0, 250_001, tzinfo=UTC)
SALT = bytes(range(32))
letters = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False) | letters,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(letters, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
deeds = st.builds(
    Deed,
    actor=st.builds(Actor, st.sampled_from(["person", "system"]), letters, letters),
    action=letters,
    subject=st.builds(Subject, letters, letters, letters),
    content_json=st.dictionaries(letters, json_values).map(
        lambda value: identifiers.canonical_json(value).decode()
    ),
    reason=letters,
    public=st.booleans(),
    salt=st.binary(min_size=32, max_size=32),
)
places = st.builds(
    Place,
    st.integers(1, 2**40),
    st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.binary(min_size=32, max_size=32).map(bytes.hex),
)


def deed(*, public: bool = True, content: str = '{"number":"12"}', reason: str = "Agreed") -> Deed:
    return Deed(
        actor=Actor("person", "7", "مریم رضایی"),
        action="directive.promulgate",
        subject=Subject("directive", "dir-1", "Chỉ thị 01"),
        content_json=content,
        reason=reason,
        public=public,
        salt=SALT,
    )


def test_a_public_leaf_is_these_bytes() -> None:
    leaf = rules.encode_leaf(deed(), Place(1, NOON, leaves.GENESIS))
    sealed = '{"actor_label":"مریم رضایی","subject_label":"Chỉ thị 01"}'.encode()
    assert (
        leaf
        == (
            '{"action":"directive.promulgate","actor":{"identifier":"7","kind":"person"},"at":1742558400250001,'
            '"content":{"number":"12"},"content_hash":"'
            + hashlib.sha256(b'{"number":"12"}').hexdigest()
            + f'","format":"mehvar.ledger/1","previous":"{"0" * 64}","public":true,"reason":"Agreed","sealed":"'
            + hmac.new(SALT, sealed, "sha256").hexdigest()
            + '","sequence":1,"subject":{"identifier":"dir-1","type":"directive"}}'
        ).encode()
    )
    assert rules.leaf_hash(leaf) == hashlib.sha256(b"\x00" + leaf).hexdigest()


def test_a_private_leaf_says_only_its_place() -> None:
    leaf = rules.encode_leaf(deed(public=False), Place(2, NOON, "ab" * 32))
    members = json.loads(leaf)
    assert set(members) == {"at", "format", "previous", "public", "sealed", "sequence"}
    for secret in ("directive", "promulgate", "dir-1", "Agreed", "مریم", "person", '"12"'):
        assert secret.encode() not in leaf


def test_names_of_people_are_in_no_leaf() -> None:
    for public in (True, False):
        leaf = rules.encode_leaf(deed(public=public), Place(1, NOON, leaves.GENESIS))
        assert "رضایی" not in leaf.decode()


def test_the_holder_of_the_salt_opens_a_private_entry_and_nobody_else() -> None:
    secret = deed(public=False)
    said = rules.decode_leaf(rules.encode_leaf(secret, Place(2, NOON, leaves.GENESIS)))
    assert leaves.opens(said, salt=SALT, sealed=leaves.sealed_part(secret))
    assert not leaves.opens(said, salt=SALT, sealed=leaves.sealed_part(deed(public=False, reason="Other")))
    assert not leaves.opens(said, salt=bytes(32), sealed=leaves.sealed_part(secret))


def test_equal_private_acts_look_different() -> None:
    one = rules.encode_leaf(deed(public=False), Place(1, NOON, leaves.GENESIS))
    other_deed = Deed(
        **{name: getattr(deed(public=False), name) for name in Deed.__slots__} | {"salt": bytes(32)}
    )
    assert (
        json.loads(one)["sealed"]
        != json.loads(rules.encode_leaf(other_deed, Place(1, NOON, leaves.GENESIS)))["sealed"]
    )


@given(deeds, places)
def test_every_leaf_reads_back_as_what_was_written(act: Deed, place: Place) -> None:
    said = rules.decode_leaf(rules.encode_leaf(act, place))
    assert (said.sequence, said.recorded_at, said.previous) == (
        place.sequence,
        place.recorded_at,
        place.previous,
    )
    assert said.public == act.public
    if act.public:
        assert (said.action, said.reason) == (act.action, act.reason)
        assert said.actor == Actor(act.actor.kind, act.actor.identifier)
        assert said.subject == Subject(act.subject.type, act.subject.identifier)
        assert identifiers.canonical_json(said.content).decode() == act.content_json
    assert leaves.opens(said, salt=act.salt, sealed=leaves.sealed_part(act))


@given(deeds, places, st.data())
def test_no_changed_byte_goes_unnoticed(act: Deed, place: Place, data: st.DataObject) -> None:
    leaf = rules.encode_leaf(act, place)
    position = data.draw(st.integers(0, len(leaf) - 1))
    changed = bytearray(leaf)
    changed[position] ^= data.draw(st.integers(1, 255))
    assert rules.leaf_hash(bytes(changed)) != rules.leaf_hash(leaf)


@given(st.binary(max_size=200))
def test_foreign_bytes_are_refused_clearly(foreign: bytes) -> None:
    with pytest.raises(InputError):
        rules.decode_leaf(foreign)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "mehvar.ledger/2"},
        {"sequence": "1"},
        {"sequence": True},
        {"at": -1},
        {"previous": "00"},
        {"sealed": "G" * 64},
        {"extra": 1},
        {"public": 1},
        {"content": {"number": "13"}},
        {"actor": "7"},
        {"at": 10**15 * 9},
    ],
)
def test_a_leaf_of_another_shape_is_refused(change: dict[str, object]) -> None:
    members = json.loads(rules.encode_leaf(deed(), Place(1, NOON, leaves.GENESIS)))
    if change == {"at": 10**15 * 9}:
        assert rules.decode_leaf(identifiers.canonical_json(members | change)).recorded_at.year == 2255
        return
    with pytest.raises(InputError):
        rules.decode_leaf(identifiers.canonical_json(members | change))


def test_the_same_members_in_other_bytes_are_refused() -> None:
    leaf = rules.encode_leaf(deed(), Place(1, NOON, leaves.GENESIS))
    with pytest.raises(InputError):
        rules.decode_leaf(json.dumps(json.loads(leaf)).encode())


def test_small_content_is_in_the_leaf_and_large_content_is_beside_it() -> None:
    fits = identifiers.canonical_json({"text": "x" * (leaves.INLINE_CONTENT_BYTES - 11)}).decode()
    too_long = identifiers.canonical_json({"text": "x" * (leaves.INLINE_CONTENT_BYTES - 10)}).decode()
    assert len(fits) == leaves.INLINE_CONTENT_BYTES
    place = Place(1, NOON, leaves.GENESIS)
    assert rules.decode_leaf(rules.encode_leaf(deed(content=fits), place)).content is not None
    beside = rules.decode_leaf(rules.encode_leaf(deed(content=too_long), place))
    assert beside.content is None
    assert beside.content_hash == hashlib.sha256(too_long.encode()).hexdigest()


def test_the_longest_leaf_fits_a_bundle_and_a_longer_one_is_refused() -> None:
    place = Place(1, NOON, leaves.GENESIS)
    room = leaves.MAX_LEAF_BYTES - len(rules.encode_leaf(deed(reason=""), place))
    longest = rules.encode_leaf(deed(reason="r" * room), place)
    assert struct.pack(">H", len(longest)) == b"\xff\xff"
    with pytest.raises(LimitExceeded) as caught:
        rules.encode_leaf(deed(reason="r" * (room + 1)), place)
    assert caught.value.code == "record-too-long"
    assert "65536" in str(caught.value)


def test_a_private_leaf_is_never_too_long() -> None:
    leaf = rules.encode_leaf(deed(public=False, reason="r" * 1_000_000), Place(1, NOON, leaves.GENESIS))
    assert len(leaf) < 400
