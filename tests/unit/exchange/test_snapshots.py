"""A snapshot is one canonical file, and a faulty one is refused as a whole."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mehvar.exchange.data.snapshot import (
    AccessRight,
    ClientNetwork,
    Endpoint,
    Member,
    Quota,
    Service,
    Snapshot,
    Subsystem,
)
from mehvar.exchange.rules import snapshots
from mehvar.kernel.errors import InputError
from mehvar.kernel.identifiers import canonical_json
from tests.integration.gateway.federation import CLIENT, PROVIDER, snapshot


def test_a_snapshot_comes_back_equal_and_the_same_to_the_byte() -> None:
    snap = snapshot(1234)
    data = snapshots.encode_snapshot(snap)
    assert snapshots.decode_snapshot(data) == snap
    assert snapshots.encode_snapshot(snapshots.decode_snapshot(data)) == data
    assert json.loads(data)["hash"] == snapshots.snapshot_hash(snap)


def changed(**members: Any) -> bytes:
    outer = json.loads(snapshots.encode_snapshot(snapshot(1234)))
    outer["snapshot"] |= members
    return json.dumps(outer).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{}", b"[]", b"\xff", b'{"format": "other"}', changed(version=2), changed(unknown=1), changed(version="1"),
        changed(members=None), changed(made_at="2020-01-01T00:00:00"), snapshots.encode_snapshot(snapshot(1))[:-40],
    ],
)  # fmt: skip
def test_what_was_changed_or_cut_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="no routing snapshot"):
        snapshots.decode_snapshot(data)


def file_of(content: bytes) -> bytes:
    """Write a file whose hash is that of the content's bytes, whatever they are."""
    stated = hashlib.sha256(content).hexdigest().encode()
    return b'{"format":"mehvar.exchange.snapshot/1","hash":"' + stated + b'","snapshot":' + content + b"}"


def test_a_hash_of_other_bytes_saves_no_snapshot_that_is_not_canonical() -> None:
    good = snapshots.CanonicalSnapshot(snapshot(1234)).content(1, snapshot(1234).made_at)
    assert snapshots.decode_snapshot(file_of(good)) == snapshot(1234)
    for bad in (
        good.replace(b'"version":1', b'"version":1,"version":2'), good.replace(b'"version":1', b' "version":1'), good + b" ",
        good.replace(b'"Tax Office"', b'"\\ud800"'), good.replace(b'"Tax Office"', b'"\\\\\\uDc00"'), good.replace(b'"quotas":[]', b'"quotas":[,]'),
        good.replace(b'"quotas":[]', b'"quotas":[{"burst":1,"calls_per_s":NaN,"client":"*","service":"*"}]'),
        good.replace(b'"quotas":[]', b'"quotas":[{"burst":1,"calls_per_s":1e999,"client":"*","service":"*"}]'),
        good.replace(b'"quotas":[]', b'"quotas":[{"burst":true,"calls_per_s":1,"client":"*","service":"*"}]'), good[:-1], good[:40], b"[]", b"",
    ):  # fmt: skip
        assert bad != good
        with pytest.raises(InputError):
            snapshots.decode_snapshot(file_of(bad))


def test_a_snapshot_larger_than_what_is_read_at_once_comes_back_equal() -> None:
    """Values that end anywhere in a window, one larger than several, letters of two and four bytes, a path like an escape."""
    long = Service("long", "http://h/a", title="\\ud " + "ثبت 𝒳" * 60_000)
    rights = tuple([AccessRight(f"client:{CLIENT}", f"{PROVIDER}/fast", "a-1", "GET", f"/{'x' * (n % 97)}") for n in range(3_000)])  # fmt: skip
    snap = snapshot(1234)
    member = Member("X", "9", "Nine", (Subsystem("q", (long,)),))
    snap = replace(snap, members=(*snap.members, member), rights=(*snap.rights, *rights))
    rests: list[int] = []
    assert snapshots.decode_snapshot(snapshots.encode_snapshot(snap), lambda: rests.append(1)) == snap
    assert len(rests) > 60


def with_service(**members: Any) -> Snapshot:
    service = (
        Service("s", "http://h/api", **members) if "base_url" not in members else Service("s", **members)
    )
    return replace(
        snapshot(1), members=(*snapshot(1).members, Member("X", "9", "Nine", (Subsystem("q", (service,)),)))
    )


@pytest.mark.parametrize(
    "snap",
    [
        with_service(base_url="ftp://h"), with_service(base_url="http://h/?x=1"), with_service(base_url="http://u:p@h"),
        with_service(base_url="http://h/../x"), with_service(endpoints=(Endpoint("GET", "/a/../b"),)),
        with_service(endpoints=(Endpoint("GET", "pets"),)), with_service(endpoints=(Endpoint("FETCH", "/a"),)),
        with_service(max_connections=0), replace(snapshot(1), rights=(AccessRight("client:QF/GOV/9/x", f"{PROVIDER}/fast", "a-1"),)),
        replace(snapshot(1), rights=(AccessRight(f"client:{CLIENT}", f"{PROVIDER}/none", "a-1"),)),
        replace(snapshot(1), rights=(AccessRight(f"client:{CLIENT}", f"{PROVIDER}/fast", "a-1", "GET", ""),)),
        replace(snapshot(1), networks=(ClientNetwork(CLIENT, "10.0.0.1/8"),)), replace(snapshot(1), quotas=(Quota("*", "*", 0, 1),)),
        replace(snapshot(1), members=(*snapshot(1).members, Member("GOV", "100", "Twice"))),
        replace(snapshot(1), members=(Member("GOV", "a/b", "Slash"),)), replace(snapshot(1), members=(Member("GOV", "..", "Dots"),)),
        replace(snapshot(1), members=(Member("G", "1", "M", (Subsystem("s", (Service("listMethods", "http://h"),)),)),), rights=(), networks=(), groups=()),
    ],
)  # fmt: skip
def test_a_snapshot_with_a_fault_is_refused_and_the_fault_named(snap: Snapshot) -> None:
    assert snapshots.snapshot_faults(snap)
    with pytest.raises(InputError):
        snapshots.encode_snapshot(snap)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda c: (
            st.lists(c, max_size=3)
            | st.dictionaries(
                st.sampled_from(["members", "version", "instance", "rights", "code"]), c, max_size=4
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_read_or_refused(content: Any) -> None:
    with pytest.raises(InputError):
        snapshots.decode_snapshot(
            json.dumps({"format": "mehvar.exchange.snapshot/1", "hash": "", "snapshot": content}).encode()
        )


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_the_fast_way_of_writing_rights_gives_the_canonical_bytes(text: str) -> None:
    snap = snapshot(1234)
    odd = AccessRight(f"client:{CLIENT}", f"{PROVIDER}/fast", "a-1", text, text)
    written = snapshots.CanonicalSnapshot(replace(snap, rights=(*snap.rights, odd)))
    content = written.content(7, snap.made_at)
    assert canonical_json(json.loads(content)) == content
    assert json.loads(written.file(7, snap.made_at)[0])["hash"] == written.sha256(7, snap.made_at)
