"""Measure sealing and proving: entries sealed a second on one core, and the time of one proof from tiles on the disk.

Sealing is the real action: entries are read from a database (a file, then PostgreSQL where it is installed), hashed,
written as bundles and tiles, synced, signed. CPU time of the sealing process is counted (one core); wall time, which
holds PostgreSQL's own work and the disk's, is shown beside it. The proof is drawn from a log of 10 million synthetic
leaf hashes (half a million when quick) whose tiles lie on the disk; each proof reads its tiles anew and is verified.
The peer does without a tree: it hashes all leaves again, for every batch of 1,000 and for every proof.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench import apart
from bench.figures import Figure

SEALED, SEALED_QUICK = 200_000, 20_000
LEAVES, LEAVES_QUICK = 10_000_000, 500_000
PROOFS, BATCH = 200, 1_000
NO_POSTGRES = 77
GOAL_PER_S, GOAL_MS = 20_000.0, 5.0


def run(*, quick: bool) -> list[Figure]:
    """Return sealing on each database and proving, beside their peers, each in a process of its own."""
    sealed, leaves = (SEALED_QUICK, LEAVES_QUICK) if quick else (SEALED, LEAVES)
    figures = _sealing_figures("sqlite", sealed, _measured("sqlite", "seal", sealed))
    try:
        taken = _measured("postgresql", "seal", sealed)
    except subprocess.CalledProcessError as error:
        if error.returncode != NO_POSTGRES:
            raise
        print("no PostgreSQL on this machine: sealing from it is not measured", file=sys.stderr)
    else:
        figures += _sealing_figures("postgresql", sealed, taken)
    return figures + _proving_figures(leaves, _measured("sqlite", "prove", leaves))


def _measured(database: str, what: str, count: int) -> dict[str, float]:
    """Measure in a process with a fresh data folder; PostgreSQL is one that is started for it and thrown away."""
    found: dict[str, float] = apart.told("bench.ledger", what, count, on_postgresql=database == "postgresql")
    return found


def _sealing_figures(database: str, sealed: int, taken: dict[str, float]) -> list[Figure]:
    peer_rate, rate = BATCH / taken["naive_seal_s"], sealed / taken["seal_cpu_s"]
    name = f"ledger.seal.{database}.{sealed}_entries"
    return [
        Figure(
            f"{name}.one_core",
            round(rate),
            "1/s",
            peer="all leaves hashed again for every 1,000",
            peer_value=round(peer_rate),
            ratio=round(rate / peer_rate, 2),
            goal=GOAL_PER_S,
            reached=rate >= GOAL_PER_S,
        ),
        Figure(f"{name}.wall_with_sync", round(sealed / taken["seal_wall_s"]), "1/s"),
    ]


def _proving_figures(leaves: int, taken: dict[str, float]) -> list[Figure]:
    return [
        Figure(
            f"ledger.prove.one_of_{leaves}",
            round(taken["proof_ms"], 3),
            "ms",
            peer="all leaves hashed again",
            peer_value=round(taken["naive_proof_ms"], 1),
            ratio=round(taken["naive_proof_ms"] / taken["proof_ms"], 1),
            goal=GOAL_MS,
            reached=taken["proof_ms"] < GOAL_MS,
            runs=PROOFS,
            spread=round(taken["proof_p95_ms"] - taken["proof_ms"], 3),
        ),
        Figure(f"ledger.verify.one_of_{leaves}", round(taken["verify_ms"], 4), "ms", runs=PROOFS),
        Figure(f"ledger.grow.{leaves}_leaf_hashes", round(leaves / taken["grow_cpu_s"]), "1/s"),
    ]


def measure(what: str, count: int) -> dict[str, float]:
    """Measure ``seal`` or ``prove`` once."""
    if server := os.environ.get("MEHVAR_TEST_POSTGRES"):
        os.environ["MEHVAR_DATABASE"] = server
    import django

    django.setup()
    return _sealing(count) if what == "seal" else _proving(count)


def _sealing(count: int) -> dict[str, float]:
    from django.core.management import call_command

    from mehvar.ledger import actions, queries
    from mehvar.ledger.models import Entry
    from mehvar.ledger.rules import merkle

    call_command("migrate", "ledger", verbosity=0)
    _put(count)
    cpu, wall = time.process_time(), time.perf_counter()
    assert actions.seal() == count
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    assert queries.log_report().holds
    leaves = [bytes(leaf) for leaf in Entry.objects.values_list("leaf", flat=True).iterator()]
    begun = time.process_time()
    merkle.tree_hash([merkle.leaf_hash(leaf) for leaf in leaves])
    return {"seal_cpu_s": cpu, "seal_wall_s": wall, "naive_seal_s": time.process_time() - begun}


def _put(count: int) -> None:
    """Lay chained entries into the table as fast as it takes them; making entries is not what is measured."""
    from datetime import UTC, datetime

    from mehvar.ledger.data import Actor, Deed, Place, Subject
    from mehvar.ledger.models import Entry, Head
    from mehvar.ledger.rules import leaf as leaf_rules

    instant, previous, rows = datetime(2026, 1, 1, tzinfo=UTC), leaf_rules.GENESIS, []
    actor = Actor("person", "7", "An")
    for number in range(1, count + 1):
        subject = Subject("assignment", f"a-{number}")
        deed = Deed(actor, "assignment.report", subject, f'{{"n":{number}}}', "monthly", True, bytes(32))
        leaf = leaf_rules.encode_leaf(deed, Place(number, instant, previous))
        previous = leaf_rules.leaf_hash(leaf)
        rows.append(
            Entry(
                sequence=number,
                recorded_at=instant,
                public=True,
                actor_kind=actor.kind,
                actor_identifier=actor.identifier,
                actor_label=actor.label,
                action=deed.action,
                subject_type=subject.type,
                subject_identifier=subject.identifier,
                reason=deed.reason,
                content=deed.content_json,
                content_hash=leaf_rules.content_json_hash(deed.content_json),
                salt=deed.salt,
                leaf=leaf,
                leaf_hash=previous,
            )
        )
    Entry.objects.bulk_create(rows, batch_size=500)
    Head.objects.filter(pk=Head.ONLY).update(sequence=count, leaf_hash=previous)


def _proving(count: int) -> dict[str, float]:
    from django.conf import settings

    from mehvar.ledger.models import LogFolder
    from mehvar.ledger.rules import merkle, tiles

    folder, builder = LogFolder(Path(settings.MEHVAR_HOME) / "large"), tiles.TileBuilder()
    begun = time.process_time()
    for number in range(count):
        for tile in builder.add(_hash(number)):
            folder.write(tile.address, tile.content)
    for tile in builder.partial_tiles():
        folder.write(tile.address, tile.content)
    grown, root = time.process_time() - begun, builder.root()
    proofs, checks = [], []
    for index in random.Random(4).sample(range(count), PROOFS):  # noqa: S311 - a sample, not a secret
        begun = time.perf_counter()
        proof = tiles.TiledTree(count, folder.tile).inclusion_proof(index)
        proofs.append((time.perf_counter() - begun) * 1000)
        begun = time.perf_counter()
        assert merkle.includes(root, _hash(index), index, count, proof)
        checks.append((time.perf_counter() - begun) * 1000)
    return {
        "grow_cpu_s": grown,
        "proof_ms": statistics.median(proofs),
        "proof_p95_ms": sorted(proofs)[int(PROOFS * 0.95)],
        "verify_ms": statistics.median(checks),
        "naive_proof_ms": _naive_ms(count, root),
    }


def _naive_ms(count: int, root: bytes) -> float:
    """Hash the whole tree once, row by row, as a proof without tiles needs it."""
    from mehvar.ledger.rules import merkle

    row = [_hash(number) for number in range(count)]
    begun = time.perf_counter()
    assert merkle.tree_hash(row) == root
    return (time.perf_counter() - begun) * 1000


def _hash(number: int) -> bytes:
    return hashlib.sha256(number.to_bytes(8, "big")).digest()


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
