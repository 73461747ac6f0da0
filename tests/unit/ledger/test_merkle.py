"""The Merkle tree: the vectors that certificate transparency's own logs are tried on, and laws against a plain one."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.ledger.merkle import (
    EMPTY_ROOT,
    MerkleTree,
    consistent,
    included,
    leaf_hash,
    node_hash,
)

# Leaves, roots and proofs of the reference implementation of RFC 6962 (its tests' figures).
LEAVES = tuple(
    bytes.fromhex(one)
    for one in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
)
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
INCLUSIONS = {
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (5, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 3): ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",),
    (1, 5): (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
CONSISTENCIES: dict[tuple[int, int], tuple[str, ...]] = {
    (1, 1): (),
    (1, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 5): (
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}


def tree(leaves: list[bytes] | tuple[bytes, ...]) -> MerkleTree:
    """Over the hashes of these leaves."""
    made = MerkleTree()
    for one in leaves:
        made.append(leaf_hash(one))
    return made


def plain(leaves: list[bytes]) -> bytes:
    """The root as RFC 9162, 2.1.1 defines it, and as slowly."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(plain(leaves[:half]), plain(leaves[half:]))


logs = st.lists(st.binary(max_size=8), max_size=70)


def test_every_root_is_the_one_that_certificate_transparency_publishes() -> None:
    made = tree(LEAVES)
    assert [made.root(size).hex() for size in range(1, 9)] == list(ROOTS)
    assert made.root(0) == EMPTY_ROOT


@pytest.mark.parametrize(("at", "proof"), INCLUSIONS.items())
def test_every_inclusion_proof_is_the_published_one(at: tuple[int, int], proof: tuple[str, ...]) -> None:
    assert [one.hex() for one in tree(LEAVES).inclusion(*at)] == list(proof)


@pytest.mark.parametrize(("at", "proof"), CONSISTENCIES.items())
def test_every_consistency_proof_is_the_published_one(at: tuple[int, int], proof: tuple[str, ...]) -> None:
    assert [one.hex() for one in tree(LEAVES).consistency(*at)] == list(proof)


@given(logs)
def test_a_log_that_grew_has_at_every_size_the_root_of_the_definition(leaves: list[bytes]) -> None:
    made = tree(leaves)
    assert [made.root(size) for size in range(len(leaves) + 1)] == [
        plain(leaves[:size]) for size in range(len(leaves) + 1)
    ]


@given(logs.filter(bool), st.data())
def test_a_leaf_is_proved_where_it_stands_and_nowhere_else(leaves: list[bytes], data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(leaves)))
    index = data.draw(st.integers(0, size - 1))
    made = tree(leaves)
    proof, root, leaf = made.inclusion(index, size), made.root(size), leaf_hash(leaves[index])
    assert included(leaf, index, size, proof, root)
    assert not included(leaf_hash(leaves[index] + b"."), index, size, proof, root)
    for other in range(size):
        assert included(leaf, other, size, proof, root) == (other == index) or leaves[other] == leaves[index]
    assert not included(leaf, index, size, [*proof, bytes(32)], root)
    assert not included(leaf, size, size, proof, root)
    for spoilt in range(len(proof)):
        assert not included(leaf, index, size, [*proof[:spoilt], bytes(32), *proof[spoilt + 1 :]], root)


@given(logs.filter(bool), st.data())
def test_one_tree_is_proved_the_beginning_of_another_and_of_no_fork(leaves: list[bytes], data: st.DataObject) -> None:
    second = data.draw(st.integers(1, len(leaves)))
    first = data.draw(st.integers(0, second))
    made, fork = tree(leaves), tree([*leaves[: max(0, first - 1)], b"another leaf", *leaves[first:]])
    proof = made.consistency(first, second)
    assert consistent(first, second, made.root(first), made.root(second), proof)
    if first:
        assert not consistent(first, second, fork.root(first), made.root(second), proof)
        assert not consistent(first, second, made.root(first), fork.root(second), proof)
        assert not consistent(first, second, made.root(first), made.root(second), [*proof, bytes(32)])
        assert not consistent(second + 1, second, made.root(first), made.root(second), proof)


@given(logs, st.data())
def test_a_tree_that_was_cut_is_the_one_it_was(leaves: list[bytes], data: st.DataObject) -> None:
    size = data.draw(st.integers(0, len(leaves)))
    made = tree(leaves)
    made.cut(size)
    assert made.root() == plain(leaves[:size])
    made.extend(map(leaf_hash, leaves[size:]))
    assert made.root() == plain(leaves)
    assert made.leaves(size) == b"".join(map(leaf_hash, leaves[size:]))


def test_a_proof_of_what_is_not_there_is_not_made() -> None:
    made = tree(LEAVES[:3])
    with pytest.raises(IndexError):
        made.inclusion(3, 3)
    with pytest.raises(IndexError):
        made.root(4)
    with pytest.raises(IndexError):
        made.consistency(3, 2)
