"""Sealing the record: files to the byte, crashes at every step, witnesses, proofs, pages, static files."""

import base64
import http.server
import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction
from django.test import Client

from mehvar.kernel.errors import Conflict, InputError, NotFound, Unavailable
from mehvar.ledger import actions, commands, queries
from mehvar.ledger.data import Actor, FaultCode, Subject
from mehvar.ledger.models import Entry, guards, key_folder, log_folder
from mehvar.ledger.rules import bundles, checkpoints, merkle, notes, tiles

pytestmark = pytest.mark.django_db

WITNESS_SEED = bytes(range(32))
WITNESS = notes.VerifierKey(
    "witness.example/w1",
    notes.COSIGNATURE,
    Ed25519PrivateKey.from_private_bytes(WITNESS_SEED).public_key().public_bytes_raw(),
)


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    settings.MEHVAR_HOME = tmp_path
    settings.MEHVAR_BASE_URL = "https://mehvar.example.org"
    return tmp_path


def put(count: int = 1, *, public: bool = True, identifier: str = "t/1", **content: Any) -> None:
    with transaction.atomic():
        for number in range(count):
            actions.record(
                actor=Actor("person", "7", "Maryam Rezaei"),
                action="test.act",
                subject=Subject("thing", identifier, "Thing"),
                content={"number": number, **content},
                public=public,
            )


def checkpoint() -> checkpoints.Checkpoint:
    found = log_folder().checkpoint(notes.VerifierKey.parse(queries.verifier_key()))
    assert found
    return found[0]


def cosign(text: str, seconds: int = 1_700_000_000) -> str:
    signature = Ed25519PrivateKey.from_private_bytes(WITNESS_SEED).sign(
        f"cosignature/v1\ntime {seconds}\n{text}".encode()
    )
    return str(notes.SignatureLine(WITNESS.name, WITNESS.key_id, seconds.to_bytes(8, "big") + signature))


class TestSealing:
    def test_an_empty_record_seals_nothing(self) -> None:
        assert actions.seal() == 0
        assert queries.seal_state().size == 0
        assert queries.log_report().holds

    def test_files_are_those_of_the_specification(self, home: Path) -> None:
        put(300)
        assert actions.seal() == 300
        leaves = [bytes(leaf) for leaf in Entry.objects.values_list("leaf", flat=True)]
        hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
        log = home / "log"
        assert (log / "tile/0/000").read_bytes() == b"".join(hashes[:256])
        assert (log / "tile/0/001.p/44").read_bytes() == b"".join(hashes[256:])
        assert (log / "tile/1/000.p/1").read_bytes() == merkle.tree_hash(hashes[:256])
        assert (log / "tile/entries/000").read_bytes() == tiles.bundle(leaves[:256])
        assert (log / "tile/entries/001.p/44").read_bytes() == tiles.bundle(leaves[256:])
        lines = (log / "checkpoint").read_text().split("\n")
        root = base64.b64encode(merkle.tree_hash(hashes)).decode()
        assert lines[:4] == ["mehvar.example.org/log", "300", root, ""]
        assert lines[4].startswith("— mehvar.example.org/log ")
        assert not list(log.rglob(".new-*"))

    def test_it_goes_on_where_it_stopped_and_drops_partial_tiles_once_they_are_full(self, home: Path) -> None:
        for count in (5, 250, 1, 257):
            put(count)
            assert actions.seal() == count
            assert queries.log_report().holds
        hashes = [bytes.fromhex(digest) for digest in Entry.objects.values_list("leaf_hash", flat=True)]
        assert checkpoint().root == merkle.tree_hash(hashes)
        assert actions.seal() == 0
        assert not (home / "log/tile/0/000.p").exists()
        assert not (home / "log/tile/entries/001.p").exists() or (home / "log/tile/entries/001.p/1").exists()

    def test_the_key_is_the_owner_s_only(self, home: Path) -> None:
        put()
        actions.seal()
        assert stat.S_IMODE((home / "keys/ledger").stat().st_mode) == 0o600
        assert queries.verifier_key().startswith("mehvar.example.org/log+")

    def test_one_seals_at_a_time(self) -> None:
        put()
        with log_folder().locked(wait=True):
            assert actions.seal() == 0
        assert actions.seal() == 1

    def test_a_database_that_was_set_back_is_noticed(self) -> None:
        put(3)
        actions.seal()
        with guards.lifted(connection), connection.cursor() as cursor:
            cursor.execute("DELETE FROM ledger_entry")
            cursor.execute("UPDATE ledger_head SET sequence = 0, leaf_hash = %s", ["0" * 64])
        put(2)
        with pytest.raises(Conflict, match="does not continue"):
            actions.seal()
        put(5)
        with pytest.raises(Conflict, match="does not continue"):
            actions.seal()
        assert checkpoint().size == 3

    def test_a_broken_tile_is_not_built_upon(self, home: Path) -> None:
        put(3)
        actions.seal()
        path = home / "log/tile/0/000.p/3"
        path.write_bytes(bytes(96))
        put()
        with pytest.raises(Conflict, match="damaged"):
            actions.seal()

    def test_a_lost_key_is_not_replaced_in_silence(self, home: Path) -> None:
        put()
        actions.seal()
        (home / "keys/ledger").unlink()
        put()
        with pytest.raises(InputError):
            actions.seal()


class TestReport:
    @pytest.mark.parametrize(
        ("address", "code"),
        [
            ("tile/0/000", FaultCode.TILE),
            ("tile/1/000.p/1", FaultCode.TILE),
            ("tile/entries/001.p/44", FaultCode.BUNDLE),
            ("checkpoint", FaultCode.CHECKPOINT),
        ],
    )
    def test_an_altered_file_is_named(self, home: Path, address: str, code: FaultCode) -> None:
        put(300)
        actions.seal()
        path = home / "log" / address
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(bytes(content))
        assert code in {fault.code for fault in queries.log_report().faults}

    def test_a_check_that_a_sealing_overtakes_finds_nothing_wrong(self, home: Path) -> None:
        put(300)
        actions.seal()
        earlier = (home / "log/checkpoint").read_text()
        put(300)
        actions.seal()
        (home / "log/checkpoint").write_text(earlier)
        report = queries.log_report()
        assert (report.size, report.faults) == (300, ())

    def test_a_missing_file_is_named(self, home: Path) -> None:
        put(3)
        actions.seal()
        (home / "log/tile/entries/000.p/3").unlink()
        assert [fault.code for fault in queries.log_report().faults] == [FaultCode.BUNDLE]

    def test_a_record_rewritten_as_a_whole_is_found(self) -> None:
        put(3)
        actions.seal()
        with guards.lifted(connection), connection.cursor() as cursor:
            cursor.execute("DELETE FROM ledger_entry")
            cursor.execute("UPDATE ledger_head SET sequence = 0, leaf_hash = %s", ["0" * 64])
        put(3, other=True)
        assert queries.chain_report().holds
        assert {fault.code for fault in queries.log_report().faults} == {
            FaultCode.BUNDLE,
            FaultCode.TILE,
            FaultCode.CHECKPOINT,
        }


CRASHES = """
import os, random, signal, sys, time
import django; django.setup()
from django.core.management import call_command
from django.db import connections, transaction
from mehvar.ledger import actions, queries
from mehvar.ledger.data import Actor, Subject
from mehvar.kernel import events
from mehvar.ledger.models import log, log_folder, key_folder
from mehvar.ledger.rules import merkle, tiles

call_command("migrate", "ledger", verbosity=0)
events.publish = lambda *names, **facts: None  # only the ledger's tables are there; nobody else can listen

def put(count):
    with transaction.atomic():
        for number in range(count):
            actions.record(actor=Actor("system", "s"), action="a", subject=Subject("t", "1"), content={"n": number})

def dying(place):
    write, steps = log._replace, 0
    def replaced(path, content, mode):
        nonlocal steps
        steps += 1
        if steps == place:
            if random.random() < 0.5:
                path.with_name(".new-" + path.name).write_bytes(content[: len(content) // 2])
            else:
                write(path, content, mode)
            os.kill(os.getpid(), signal.SIGKILL)
        write(path, content, mode)
    log._replace = replaced

def state():
    key = key_folder().signing_key()
    found = log_folder().checkpoint(key.verifier) if key else None
    return (found[0].size, found[0].root) if found else (0, merkle.EMPTY_ROOT)

random.seed(4)
seen, killed, pauses = [], 0, [None] * 24 + [random.uniform(0.001, 0.08) for _ in range(10)]
for number, pause in enumerate(pauses):
    put(random.choice((1, 40, 256, 300)))
    connections.close_all()
    child = os.fork()
    if child == 0:
        if pause is None:
            dying(number % 8 + 1)
        actions.seal()
        os._exit(0)
    if pause is not None:
        time.sleep(pause)
        os.kill(child, signal.SIGKILL)
    killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
    seen.append(state())
    report = queries.log_report()
    assert report.holds, report.faults
assert [size for size, _ in seen] == sorted(size for size, _ in seen), "the log shrank"
actions.seal(wait=True)
report, last = queries.log_report(), state()
assert report.holds and report.size == queries.head().sequence, report
tree = tiles.TiledTree(last[0], log_folder().tile)
for size, root in seen:
    assert merkle.extends(size, root, *last, tree.consistency_proof(size)), size
print(killed, report.size)
"""


def test_kill_9_at_any_step_loses_and_reorders_nothing_sealed(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", CRASHES],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "mehvar.config.settings",
            "MEHVAR_HOME": str(tmp_path),
            "MEHVAR_DATABASE": f"sqlite:///{tmp_path / 'ledger.sqlite3'}",
        },
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    killed, sealed = map(int, done.stdout.split())
    assert killed >= 15
    assert sealed > 1000


class TestProofs:
    def test_a_stranger_verifies_offline_with_the_key_alone(self, tmp_path: Path, capsys: Any) -> None:
        put(300, identifier="t/1")
        actions.seal()
        path = tmp_path / "proof.json"
        assert run("prove", "thing:t/1", "--out", str(path)) == 0
        key = queries.verifier_key()
        capsys.readouterr()
        done = subprocess.run(  # noqa: S603 - our own interpreter
            [
                sys.executable,
                "-m",
                "mehvar.config.cli",
                "ledger",
                "verify",
                "--bundle",
                str(path),
                "--key",
                key,
            ],
            env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "no.such.module"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("PROVEN: on record in mehvar.example.org/log (300 entries)")
        assert "record 300:" in done.stdout

    def test_an_altered_proof_ends_with_two(self, tmp_path: Path, capsys: Any) -> None:
        put(3)
        actions.seal()
        path = tmp_path / "proof.json"
        run("prove", "2", "--out", str(path))
        members = json.loads(path.read_text())
        members["entries"][0]["leaf"] = base64.b64encode(bytes(Entry.objects.get(pk=1).leaf)).decode()
        path.write_text(json.dumps(members))
        assert run("verify", "--bundle", str(path), "--key", queries.verifier_key()) == 2
        assert "NOT PROVEN" in capsys.readouterr().err

    def test_private_content_is_opened_only_on_demand(self, tmp_path: Path) -> None:
        put(public=False, secret="s3cret")
        actions.seal()
        key = notes.VerifierKey.parse(queries.verifier_key())
        closed = queries.proof_of_entry(1, opened=True)
        assert "s3cret" not in closed
        assert not bundles.check_bundle(closed, key).leaves[0].salt
        run("prove", "1", "--open", "--out", str(tmp_path / "open.json"))
        leaf = bundles.check_bundle((tmp_path / "open.json").read_bytes(), key).leaves[0]
        assert "s3cret" in leaf.content_json
        assert b"Maryam" in leaf.sealed

    def test_long_public_content_goes_with_its_proof(self) -> None:
        put(text="x" * 5000)
        actions.seal()
        key = notes.VerifierKey.parse(queries.verifier_key())
        report = bundles.check_bundle(queries.proof_of_entry(1), key)
        assert "x" * 5000 in report.leaves[0].content_json

    def test_what_is_not_sealed_or_not_there_has_no_proof(self) -> None:
        put()
        with pytest.raises(NotFound, match="not sealed yet"):
            queries.proof_of_entry(1)
        actions.seal()
        with pytest.raises(NotFound):
            queries.proof_of_entry(2)
        with pytest.raises(NotFound):
            queries.proof_of_subject("thing", "nothing")


def run(*arguments: str) -> int:
    import argparse

    parser = argparse.ArgumentParser()
    commands.register(parser.add_subparsers())
    options = parser.parse_args(["ledger", *arguments])
    return int(options.run(options))


class WitnessServer(http.server.BaseHTTPRequestHandler):
    """A witness after C2SP tlog-witness: remembers one checkpoint and cosigns what extends it."""

    log_key: notes.VerifierKey
    size, root = 0, merkle.EMPTY_ROOT

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"])).decode()
        head, _, signed = content.partition("\n\n")
        old, *proof = head.split("\n")
        checkpoint, note = checkpoints.open_checkpoint(signed, self.log_key)
        kind = type(self)
        if old != f"old {kind.size}":
            self.answer(409, f"{kind.size}\n", "text/x.tlog.size")
            return
        path = [base64.b64decode(line) for line in proof]
        if not merkle.extends(kind.size, kind.root, checkpoint.size, checkpoint.root, path):
            self.answer(422, "", "text/plain")
            return
        kind.size, kind.root = checkpoint.size, checkpoint.root
        self.answer(200, cosign(note.text) + "\n", "text/plain")

    def answer(self, status: int, content: str, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(content.encode())

    def log_message(self, *_arguments: Any) -> None:
        pass


@pytest.fixture
def witness() -> Iterator[str]:
    put(3)
    actions.seal()

    class Fresh(WitnessServer):
        log_key = notes.VerifierKey.parse(queries.verifier_key())

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Fresh) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class TestWitnesses:
    def test_a_witness_over_http_follows_the_log_and_its_word_is_kept(
        self, witness: str, tmp_path: Path
    ) -> None:
        assert run("witness", witness, "--key", str(WITNESS)) == 0
        put(400)
        actions.seal()
        assert queries.seal_state().witnesses == ()
        assert actions.ask_witness(witness + "/") == ("witness.example/w1",)
        assert queries.seal_state().witnesses == ("witness.example/w1",)
        assert [size for size, _note in log_folder().cosigned()] == [3, 403]
        assert queries.log_report().holds
        put()
        actions.seal()
        path = tmp_path / "proof.json"
        run("prove", "17", "--out", str(path))
        key = queries.verifier_key()
        assert run("verify", "--bundle", str(path), "--key", key, "--witness-key", str(WITNESS)) == 0

    def test_an_unknown_witness_and_a_silent_one_count_for_nothing(self, witness: str) -> None:
        with pytest.raises(InputError, match="No trusted witness"):
            actions.ask_witness(witness)
        with pytest.raises(Unavailable):
            actions.ask_witness("http://127.0.0.1:9")
        with pytest.raises(Unavailable):
            actions.ask_witness("file:///etc/passwd")
        assert queries.seal_state().witnesses == ()

    def test_a_file_is_taken_as_lines_or_as_a_whole_note(self, tmp_path: Path) -> None:
        put(2)
        actions.seal()
        first = (tmp_path / "log/checkpoint").read_text()
        put(2)
        actions.seal()
        actions.trust_witness(str(WITNESS))
        line = tmp_path / "line"
        line.write_text(cosign(checkpoint().text) + "\n")
        assert run("witness", str(line)) == 0
        old = notes.parse_note(first)
        assert actions.add_cosignatures(first + cosign(old.text) + "\n") == ("witness.example/w1",)
        assert [size for size, _note in log_folder().cosigned()] == [2, 4]
        assert checkpoint().size == 4

    def test_a_wrong_cosignature_is_refused(self) -> None:
        put()
        actions.seal()
        actions.trust_witness(str(WITNESS))
        with pytest.raises(InputError, match="is wrong"):
            actions.add_cosignatures(cosign("another text\n") + "\n")
        with pytest.raises(InputError):
            actions.trust_witness(queries.verifier_key())

    def test_a_checkpoint_of_a_split_view_is_noticed(self) -> None:
        put(2)
        actions.seal()
        actions.trust_witness(str(WITNESS))
        key = key_folder().signing_key()
        assert key
        other = key.sign(checkpoints.Checkpoint(key.name, 2, bytes(32)).text)
        with pytest.raises(Conflict, match="damaged"):
            actions.add_cosignatures(str(other) + cosign(other.text) + "\n")


class TestPages:
    def test_tiles_and_checkpoint_are_static_files_with_their_headers(self, client: Client) -> None:
        put(300)
        actions.seal()
        full = client.get("/log/tile/0/000")
        assert (full.status_code, len(full.content)) == (200, 8192)
        assert full["Content-Type"] == "application/octet-stream"
        assert "immutable" in full["Cache-Control"]
        assert "Vary" not in full
        assert "Set-Cookie" not in full
        for address in ("checkpoint", "tile/0/001.p/44", "tile/entries/001.p/44"):
            assert client.get(f"/log/{address}")["Cache-Control"] == "no-cache"
        assert client.get("/log/checkpoint")["Content-Type"] == "text/plain; charset=utf-8"
        assert client.post("/log/checkpoint").status_code == 405

    @pytest.mark.parametrize(
        "path", ["tile/0/001", "../keys/ledger", "%2e%2e/keys/ledger", ".lock", "cosigned/1", "", "tile/0/"]
    )
    def test_nothing_else_is_given_out(self, client: Client, path: str) -> None:
        put()
        actions.seal()
        assert client.get(f"/log/{path}").status_code == 404

    def test_a_lay_person_is_told_what_it_proves_and_gets_the_file(self, client: Client) -> None:
        put(2)
        waiting = client.get("/ledger/entry/verify/thing/t/1/").content.decode()
        assert "Waiting to be sealed" in waiting
        actions.seal()
        assert "/ledger/entry/verify/thing/t/1/" in client.get("/ledger/thing/t/1/").content.decode()
        for address, proof in (
            ("/ledger/entry/verify/thing/t/1/", "/ledger/entry/proof/thing/t/1.json"),
            ("/ledger/entry/2/verify/", "/ledger/entry/2/proof.json"),
        ):
            text = client.get(address).content.decode()
            assert "What this proves" in text
            assert queries.verifier_key() in text
            assert proof in text
            content = client.get(proof).content
            assert bundles.check_bundle(content, notes.VerifierKey.parse(queries.verifier_key())).size == 2

    def test_only_who_may_read_gets_salt_and_sealed_text(
        self, client: Client, django_user_model: Any
    ) -> None:
        put(public=False)
        actions.seal()
        user = django_user_model.objects.create(email="an@example.org", name="An")
        for words in ("Maryam", "Salt"):
            assert words not in client.get("/ledger/entry/1/").content.decode()
        assert "opening" not in client.get("/ledger/entry/1/proof.json?open=1").json()["entries"][0]

        def admits(person: Any, _subject: Subject) -> bool:
            return getattr(person, "pk", None) == user.pk

        queries.register_reader("thing", admits)
        try:
            client.force_login(user)
            assert "Maryam" in client.get("/ledger/entry/1/").content.decode()
            assert "?open=1" in client.get("/ledger/entry/1/verify/").content.decode()
            opening = client.get("/ledger/entry/1/proof.json?open=1").json()["entries"][0]["opening"]
            assert "Maryam" in opening["sealed"]
        finally:
            queries.unregister_reader("thing", admits)

    def test_nothing_private_is_proven_by_subject(self, client: Client) -> None:
        put(public=False)
        actions.seal()
        assert client.get("/ledger/entry/verify/thing/t/1/").status_code == 404
        assert client.get("/ledger/entry/proof/thing/t/1.json").status_code == 404
