"""Write and check proof bundles: one file with which a stranger verifies records offline, knowing only the log's key.

JSON of the format ``mehvar.ledger.proof/1``: ``checkpoint`` (the signed note), and ``entries``, each with ``index`` (from
0), ``leaf`` (base64), ``proof`` (base64 hashes, from the leaf up); where the leaf lacks its content, ``content`` (the
canonical JSON text); where its seal is opened, ``opening`` with ``salt`` (hexadecimal) and ``sealed`` (the text).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from typing import Any

from mehvar.kernel.errors import InputError, gettext_noop
from mehvar.ledger.data import ProofReport, ProvenLeaf
from mehvar.ledger.rules import leaf as leaves
from mehvar.ledger.rules import merkle, notes
from mehvar.ledger.rules.checkpoints import Checkpoint, open_checkpoint

FORMAT = "mehvar.ledger.proof/1"


def write_bundle(note: str, proven: Iterable[ProvenLeaf]) -> str:
    """Return the bundle's text."""
    entries = [_members(item) for item in proven]
    return json.dumps(
        {"format": FORMAT, "checkpoint": note, "entries": entries}, ensure_ascii=False, indent=1
    )


def check_bundle(
    content: str | bytes, key: notes.VerifierKey, witnesses: Sequence[notes.VerifierKey] = ()
) -> ProofReport:
    """Check a bundle: the checkpoint's signature, each inclusion, each leaf's form, contents and opened seals.

    ``witnesses``: their keys; those whose cosignatures it bears are named in the report.

    Raises:
        InputError: it is no bundle, or anything in it is not proven.
    """
    note, proven = _read(content)
    checkpoint, signed = open_checkpoint(note, key)
    for item in proven:
        _check(item, checkpoint)
    names = tuple(witness.name for witness in notes.signers(signed, witnesses))
    return ProofReport(checkpoint.origin, checkpoint.size, checkpoint.root.hex(), proven, names)


def _members(item: ProvenLeaf) -> dict[str, Any]:
    members: dict[str, Any] = {
        "index": item.index,
        "leaf": _encoded(item.leaf),
        "proof": [_encoded(sibling) for sibling in item.proof],
    }
    if item.content_json:
        members["content"] = item.content_json
    if item.salt:
        members["opening"] = {"salt": item.salt.hex(), "sealed": item.sealed.decode()}
    return members


def _read(content: str | bytes) -> tuple[str, tuple[ProvenLeaf, ...]]:
    try:
        members = json.loads(content)
        if members["format"] != FORMAT or not members["entries"]:
            raise _not_proven(None)
        proven = tuple(_proven(entry) for entry in members["entries"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _not_proven(None) from error
    return str(members["checkpoint"]), proven


def _proven(entry: dict[str, Any]) -> ProvenLeaf:
    opening = entry.get("opening")
    if type(entry["index"]) is not int:
        raise TypeError("an index is an integer")
    return ProvenLeaf(
        index=entry["index"],
        leaf=base64.b64decode(entry["leaf"], validate=True),
        proof=tuple(base64.b64decode(sibling, validate=True) for sibling in entry["proof"]),
        content_json=str(entry.get("content", "")),
        salt=bytes.fromhex(opening["salt"]) if opening else b"",
        sealed=opening["sealed"].encode() if opening else b"",
    )


def _check(item: ProvenLeaf, checkpoint: Checkpoint) -> None:
    digest = merkle.leaf_hash(item.leaf)
    if not merkle.includes(checkpoint.root, digest, item.index, checkpoint.size, item.proof):
        raise _not_proven(item)
    said = leaves.decode_leaf(item.leaf)
    opened = not item.salt or leaves.opens(said, salt=item.salt, sealed=item.sealed)
    if said.sequence != item.index + 1 or not opened or not _content_agrees(item, said.content_hash):
        raise _not_proven(item)


def _content_agrees(item: ProvenLeaf, content_hash: str) -> bool:
    """Compare content that stands beside the leaf with the hash in the leaf, or in the opened seal."""
    if not item.content_json:
        return True
    wanted = content_hash or (json.loads(item.sealed).get("content_hash") if item.sealed else None)
    return leaves.content_json_hash(item.content_json) == wanted


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _not_proven(item: ProvenLeaf | None) -> InputError:
    if item is None:
        return InputError(gettext_noop("This file is not a proof of records."), code="broken-proof")
    return InputError(
        gettext_noop("The file does not prove record {sequence}: it was altered, or is of another log."),
        code="not-proven",
        sequence=item.index + 1,
    )
