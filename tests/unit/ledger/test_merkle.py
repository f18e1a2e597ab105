"""Roots and proofs against published vectors and against the recursive definitions of RFC 9162."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mehvar.ledger.rules import merkle, tiles

# The eight leaves and their roots with which Certificate Transparency implementations test one another.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
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
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162 §2.1.1, as it is written there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = largest_power_below(len(leaves))
    return hashlib.sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 9162 §2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = largest_power_below(len(leaves))
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_subproof(m: int, leaves: list[bytes], *, whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 9162 §2.1.4.1."""
    if m == len(leaves):
        return [] if whole else [naive_root(leaves)]
    k = largest_power_below(len(leaves))
    if m <= k:
        return [*naive_subproof(m, leaves[:k], whole=whole), naive_root(leaves[k:])]
    return [*naive_subproof(m - k, leaves[k:], whole=False), naive_root(leaves[:k])]


def largest_power_below(count: int) -> int:
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def tree_of(leaves: list[bytes]) -> tiles.TiledTree:
    """Grow tiles leaf by leaf and answer from them."""
    builder, kept = tiles.TileBuilder(), {}
    for leaf in leaves:
        for tile in builder.add(merkle.leaf_hash(leaf)):
            kept[tile.level, tile.index] = tile.content
    for tile in builder.partial_tiles():
        kept[tile.level, tile.index] = tile.content
    tree = tiles.TiledTree(len(leaves), lambda level, index, width: kept[level, index][: width * 32])
    assert tree.root() == builder.root()
    return tree


def numbered(count: int) -> list[bytes]:
    return [number.to_bytes(4, "big") for number in range(count)]


@pytest.mark.parametrize("size", range(1, 9))
def test_published_roots(size: int) -> None:
    assert merkle.tree_hash([merkle.leaf_hash(leaf) for leaf in LEAVES[:size]]).hex() == ROOTS[size - 1]
    assert tree_of(LEAVES[:size]).root().hex() == ROOTS[size - 1]


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert tiles.TileBuilder().root().hex() == hashlib.sha256(b"").hexdigest()


@given(st.integers(1, 700), st.data())
def test_inclusion_proofs_are_those_of_the_definition(size: int, data: st.DataObject) -> None:
    leaves = numbered(size)
    index = data.draw(st.integers(0, size - 1))
    tree, root = tree_of(leaves), naive_root(leaves)
    proof = tree.inclusion_proof(index)
    assert tree.root() == root
    assert list(proof) == naive_path(index, leaves)
    leaf = merkle.leaf_hash(leaves[index])
    assert merkle.includes(root, leaf, index, size, proof)
    assert not merkle.includes(root, leaf, index, size, (*proof, root))
    assert not merkle.includes(root, merkle.leaf_hash(b"another"), index, size, proof)
    if proof:
        assert not merkle.includes(root, leaf, index, size, proof[:-1])
        wrong = data.draw(st.integers(0, len(proof) - 1))
        assert not merkle.includes(root, leaf, index, size, (*proof[:wrong], bytes(32), *proof[wrong + 1 :]))


@given(st.integers(1, 700), st.data())
def test_consistency_proofs_are_those_of_the_definition(size: int, data: st.DataObject) -> None:
    leaves = numbered(size)
    first = data.draw(st.integers(1, size))
    old, new = naive_root(leaves[:first]), naive_root(leaves)
    proof = tree_of(leaves).consistency_proof(first)
    assert list(proof) == naive_subproof(first, leaves)
    assert merkle.extends(first, old, size, new, proof)
    if first < size:
        assert not merkle.extends(first, bytes(32), size, new, proof)
        assert not merkle.extends(first, old, size, bytes(32), proof)
        assert not merkle.extends(first, old, size, new, proof[:-1])
        assert not merkle.extends(first, old, size, new, (*proof, bytes(32)))


def test_every_tree_extends_the_empty_one_only_with_its_own_root() -> None:
    assert merkle.extends(0, merkle.EMPTY_ROOT, 3, bytes(32), ())
    assert not merkle.extends(0, bytes(32), 3, bytes(32), ())
    assert not merkle.extends(4, bytes(32), 3, bytes(32), (bytes(32),))


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_proof_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no such leaf"):
        merkle.inclusion_proof(index, size, lambda _level, _index: bytes(32))
    assert not merkle.includes(bytes(32), bytes(32), index, size, ())


@given(st.integers(0, 1200), st.integers(0, 1200))
def test_a_builder_goes_on_from_its_partial_tiles(first: int, more: int) -> None:
    before, kept = tiles.TileBuilder(), {}
    hashes = [merkle.leaf_hash(leaf) for leaf in numbered(first + more)]
    for digest in hashes[:first]:
        before.add(digest)
    for tile in before.partial_tiles():
        kept[tile.level, tile.index, len(tile.hashes)] = tile.content
    after = tiles.TileBuilder(first, lambda *place: kept[place])
    for digest in hashes[first:]:
        after.add(digest)
    assert after.root() == merkle.tree_hash(hashes)


@pytest.mark.parametrize(
    ("level", "index", "width", "address"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 1234067, 256, "tile/0/x001/x234/067"),
        (2, 1000, 12, "tile/2/x001/000.p/12"),
        ("entries", 999, 255, "tile/entries/999.p/255"),
    ],
)
def test_addresses(level: int | str, index: int, width: int, address: str) -> None:
    assert tiles.address(level, index, width) == address
    assert tiles.is_address(address)
    assert tiles.is_partial(address) == (width < 256)


@pytest.mark.parametrize(
    "path",
    [
        "tile/64/000",
        "tile/00/000",
        "tile/0/1",
        "tile/0/0000",
        "tile/0/x000",
        "tile/0/000.p/256",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/../000",
        "tile/0/000/",
        "tile/0/000\n",
        "tile/entries/٠٠٠",
    ],
)
def test_what_is_no_address(path: str) -> None:
    assert not tiles.is_address(path)


def test_the_edge_is_that_of_the_specification_s_example() -> None:
    assert list(tiles.edge(70_000)) == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    assert list(tiles.edge(256)) == [(1, 0, 1)]
    assert tiles.width_at(70_000, 0, 272) == 256
    assert tiles.width_at(70_000, 0, 274) == 0


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bundles_give_back_their_leaves(leaves: list[bytes]) -> None:
    assert list(tiles.unbundle(tiles.bundle(leaves))) == leaves


def test_a_bundle_is_lengths_and_leaves_to_the_byte() -> None:
    assert tiles.bundle([b"", b"ab", b"x" * 258]) == b"\x00\x00\x00\x02ab\x01\x02" + b"x" * 258


@pytest.mark.parametrize("content", [b"\x00", b"\x00\x02a", b"\x00\x01a\x00"])
def test_a_torn_bundle_is_refused(content: bytes) -> None:
    with pytest.raises(Exception, match="bundle of the log is broken"):
        tiles.unbundle(content)
