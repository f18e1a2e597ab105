"""The repository names no registry, no machine and no stray address."""

import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REGISTRIES = [
    "pypi" + ".org",
    "python" + "hosted",
    "registry." + "npmjs",
    "deb." + "debian",
    "find" + "-links",
    "index" + "-url",
]
MACHINE_PATHS = re.compile(r"(?<![\w$}.])/(?:home/\w+|root|work|opt)/")


def tracked_text() -> dict[str, str]:
    names = subprocess.run(  # noqa: S603 - arguments of our own
        [shutil.which("git") or "git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    found = {}
    for name in filter(None, names):
        path = ROOT / name
        if path.suffix in {".woff2", ".ttf", ".otf", ".docx", ".pdf", ".png", ".xlsx"} or not path.is_file():
            continue
        found[name] = path.read_text(encoding="utf-8", errors="replace")
    return found


def test_no_registry_host_and_no_machine_path() -> None:
    wrong = []
    for name, text in tracked_text().items():
        wrong += [f"{name}: {host}" for host in REGISTRIES if host in text and name != "Makefile"]
        wrong += [f"{name}: {match.group()}" for match in MACHINE_PATHS.finditer(text)]
    assert wrong == []


def test_no_lock_file_with_addresses() -> None:
    assert not [
        name for name in tracked_text() if name.endswith(("uv.lock", "package-lock.json", "poetry.lock"))
    ]


def test_requirements_are_pinned_with_hashes() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        pins = re.findall(
            r"^[\w.\[\]-]+==[^\n]*\n((?:    --hash[^\n]*\n)+)", path.read_text(), flags=re.MULTILINE
        )
        names = re.findall(r"^[\w.\[\]-]+==", path.read_text(), flags=re.MULTILINE)
        assert len(pins) == len(names) > 20
