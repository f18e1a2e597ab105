"""Read one document from standard input and write its blocks as JSON: the isolated half of ``extract_isolated``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mehvar.directives.extraction.limits import Limits


def main() -> int:
    """Run the worker; what it writes is one JSON object with a document or an error."""
    from mehvar.directives.extraction import transport
    from mehvar.directives.extraction.readers import read_document
    from mehvar.kernel import errors

    filename, limits = sys.argv[1], transport.limits_from_json(sys.argv[2])
    _confine(limits)
    try:
        answer = transport.document_to_json(read_document(sys.stdin.buffer.read(), filename, limits=limits))
    except errors.MehvarError as error:
        answer = transport.error_to_json(error)
    except MemoryError:
        return 1
    sys.stdout.buffer.write(answer)
    return 0


def _confine(limits: Limits) -> None:
    """Bound memory and processor time where the system can."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    seconds = round(limits.time_s) + 5
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main())
