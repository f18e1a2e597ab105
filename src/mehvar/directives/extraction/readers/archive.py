"""Open a Word document's zip archive without being bombed, tricked or run.

Source: issue "the house", point 8 (encrypted or broken file, zip bomb, macro).
"""

from __future__ import annotations

import io
import zipfile

from lxml import etree

from mehvar.directives.extraction.limits import Limits
from mehvar.kernel import errors
from mehvar.kernel.errors import gettext_noop

_ENTRIES_MAX = 5000
_RATIO_FROM_BYTES = 5_000_000


class Archive:
    """Hold an opened archive whose sizes were checked."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        """Open the archive.

        Raises:
            InputError: The archive is broken, encrypted, holds macros or is no Word document.
            LimitExceeded: It unpacks to more than allowed.
        """
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            self._entries = self._zip.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
            raise broken() from None
        self._limits = limits
        self._unpacked = 0
        self._check(len(data))

    def _check(self, packed_bytes: int) -> None:
        """Compare what the archive says of itself with the limits."""
        names = {entry.filename for entry in self._entries}
        if len(self._entries) > _ENTRIES_MAX:
            raise _bomb()
        total = sum(entry.file_size for entry in self._entries)
        ratio_too_high = total > _RATIO_FROM_BYTES and total > packed_bytes * self._limits.unpacked_ratio
        if total > self._limits.unpacked_bytes or ratio_too_high:
            raise _bomb()
        if any(entry.flag_bits & 1 for entry in self._entries):
            raise errors.InputError(
                gettext_noop("The document is encrypted; save it without a password."), code="encrypted"
            )
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            raise errors.InputError(
                gettext_noop("Documents with macros are not read; save it as .docx."), code="macro"
            )
        if "word/document.xml" not in names:
            raise errors.InputError(gettext_noop("The file is no Word document."), code="wrong-extension")

    def xml(self, name: str) -> etree._Element | None:
        """Parse one part, or give nothing when it is absent; entities and networks are off.

        Raises:
            InputError: The part is broken.
            LimitExceeded: It unpacks to more than the archive said.
        """
        if name not in self._zip.namelist():
            return None
        return parsed_xml(self._bytes(name))

    def _bytes(self, name: str) -> bytes:
        """Unpack one part, at most as many bytes as allowed."""
        allowed = self._limits.unpacked_bytes - self._unpacked
        try:
            with self._zip.open(name) as part:
                content = part.read(allowed + 1)
        except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
            raise broken() from None
        except Exception as error:  # zlib.error has no common base with the others
            if type(error).__module__ == "zlib":
                raise broken() from None
            raise
        if len(content) > allowed:
            raise _bomb()
        self._unpacked += len(content)
        return content


def parsed_xml(content: bytes) -> etree._Element:
    """Parse XML without entities, network or huge trees.

    Raises:
        InputError: The XML is broken.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise broken() from None
    if root is None:
        raise broken()
    if root.getroottree().docinfo.internalDTD is not None:
        raise errors.InputError(
            gettext_noop("The XML declares entities of its own; such files are not read."),
            code="xml-entities",
        )
    return root


def broken() -> errors.InputError:
    """Make the error of a broken file."""
    return errors.InputError(gettext_noop("The file is broken and cannot be read."), code="broken-file")


def _bomb() -> errors.LimitExceeded:
    """Make the error of an archive that unpacks to too much."""
    return errors.LimitExceeded(
        gettext_noop("The document unpacks to more than is allowed."), code="zip-bomb"
    )
