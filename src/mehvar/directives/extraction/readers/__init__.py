"""Read a file of any known format into source blocks.

Source: issue "the house", point 8.
"""

from mehvar.directives.extraction.readers.document import Document, read_document

__all__ = ["Document", "read_document"]
