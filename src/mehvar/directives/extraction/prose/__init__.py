"""Read tasks from prose: a heading that names the lead with its items, and sentences that name everything.

Source: issue "the house", point 8; design "Directives and programmes", §1.
"""

from mehvar.directives.extraction.prose.outline import Node, build, walk
from mehvar.directives.extraction.prose.tasks import ProseReading, read_prose, with_monitoring

__all__ = ["Node", "ProseReading", "build", "read_prose", "walk", "with_monitoring"]
