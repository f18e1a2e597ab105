"""Load a demonstration ministry and take sample directives through the whole main job."""

import argparse
import sys
import time


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``mehvar demo``."""
    parser = subparsers.add_parser("demo", help="load a demonstration ministry and walk the main job")
    parser.add_argument("--again", action="store_true", help="forget an earlier demonstration and start anew")
    parser.set_defaults(run=demonstrate)


def demonstrate(options: argparse.Namespace) -> int:
    """Walk the main job with a progress display, then say where to look; return 0."""
    from django.conf import settings
    from django.core.management import call_command

    from mehvar.config import demonstration
    from mehvar.config.demonstration import cast
    from mehvar.kernel import clock

    home = settings.MEHVAR_HOME
    home.mkdir(parents=True, exist_ok=True)
    if options.again or not demonstration.is_prepared(home):
        clock.shift(0)
        forget_earlier_data()
        call_command("migrate", interactive=False, verbosity=0)
        walk = demonstration.Walk(cast.password_of(home))
        started = time.monotonic()
        for number, (what, instant, step) in enumerate(walk.steps, start=1):
            show(f"[{number:2}/{len(walk.steps)}] {what} …", end="")
            begun = time.monotonic()
            with clock.fixed(instant):
                result = step()
            show(f" {result} ({time.monotonic() - begun:.1f} s)")
        demonstration.prepare(home)
        show(f"\nThe main job was walked in {time.monotonic() - started:.0f} s.")
    show_guide(cast.password_of(home))
    return 0


def forget_earlier_data() -> None:
    """Start with an empty database: an embedded one is removed, any other must be empty already.

    Raises:
        Conflict: The database server's database holds people; a demonstration never deletes what it did not make.
    """
    import shutil
    from pathlib import Path

    from django.conf import settings
    from django.db import connection, connections

    from mehvar.kernel.errors import Conflict

    if connection.vendor == "sqlite":
        name = str(connection.settings_dict["NAME"])
        connections.close_all()
        for ending in ("", "-wal", "-shm"):
            Path(name + ending).unlink(missing_ok=True)
        shutil.rmtree(settings.MEHVAR_HOME / "log", ignore_errors=True)  # it seals the records just removed
        shutil.rmtree(
            settings.MEHVAR_HOME / "exchange", ignore_errors=True
        )  # its key signed for members just removed
    elif "accounts_user" in connection.introspection.table_names():
        raise Conflict("The database is not empty; give the demonstration an empty one (MEHVAR_DATABASE).")


def show(words: str, *, end: str = "\n") -> None:
    """Print at once, so that progress is seen."""
    sys.stdout.write(words + end)
    sys.stdout.flush()


def show_guide(password: str) -> None:
    """Print the address, the accounts of each role and what to look at first."""
    from django.conf import settings

    from mehvar.config.demonstration.walk import all_seats

    show(f"\nOpen {settings.MEHVAR_BASE_URL}/ and sign in with the password  {password}\n")
    for seat in all_seats():
        show(f"  {seat.email:32} {seat.role:20} {seat.hint}")
    show(
        "\nLook first at\n"
        "  planning@demo.example     Directives: the Persian one is promulgated (coverage, PDF, verification),\n"
        "                            the English one waits on its review screen\n"
        "  yazd@demo.example         Inbox of a province: measures and acknowledgement\n"
        "  planning.vn@demo.example  the Vietnamese directive of 213 measures in nine fields\n"
        "  post.engineer@demo.example Exchange: services, a key, requests for access; exchange@… operates it\n"
        "  without signing in        the public page of the promulgated directive and how to check it\n"
    )
