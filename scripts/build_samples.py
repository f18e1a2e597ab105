#!/usr/bin/env python3
"""Build the sample directives (docx, pdf, md, gold) from their sources in ``directives/samples/source``.

With ``--check`` nothing is written; the exit code is 1 when a committed file differs from its source.

Source: issue "the house", point 14.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from sample_formats import compose, to_docx, to_markdown, to_pdf
from sample_sources import JSON, SAMPLES, demo_of, gold_of, read_source

SLUGS = ("vn-2020-orientation", "fa-1399-production-leap", "en-open-data")
WITH_PDF = SLUGS[:2]
WITH_MARKDOWN = SLUGS[:1]


def _as_json(content: JSON) -> bytes:
    """Write JSON that is easy to compare line by line."""
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def built_files(slug: str) -> Iterator[tuple[str, bytes]]:
    """Give the name and content of every file made from one source."""
    source = read_source(slug)
    document = compose(source)
    yield f"{slug}.docx", to_docx(document)
    if slug in WITH_PDF:
        yield f"{slug}.pdf", to_pdf(document)
    if slug in WITH_MARKDOWN:
        yield f"{slug}.annex.md", to_markdown(document)
    yield f"{slug}.gold.json", _as_json(gold_of(source))


def all_files() -> Iterator[tuple[str, bytes]]:
    """Give the name and content of everything that is built."""
    for slug in SLUGS:
        yield from built_files(slug)
    yield "demo.json", _as_json(demo_of(map(read_source, SLUGS)))


def main() -> int:
    """Write all samples, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="compare with the committed files instead of writing"
    )
    check = parser.parse_args().check
    differing = 0
    for name, content in all_files():
        path = SAMPLES / name
        same = path.exists() and path.read_bytes() == content
        differing += not same
        if not check:
            path.write_bytes(content)
        state = "same" if same else "differs" if check else "written"
        sys.stdout.write(f"{state:8}{name}  {len(content):,} bytes\n")
    return 1 if check and differing else 0


if __name__ == "__main__":
    raise SystemExit(main())
