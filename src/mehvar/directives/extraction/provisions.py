"""List the provisions of a document: numbered paragraphs, titles, sections and rows of its tables.

Source: design "Directives and programmes", §3 (provision tree).
"""

from __future__ import annotations

from collections.abc import Sequence

from mehvar.directives.extraction.model import ExtractedMeasure, ExtractedProvision, SourceBlock, SourceSpan
from mehvar.directives.extraction.prose import Node, walk
from mehvar.directives.extraction.prose.clauses import is_heading_like

_KINDS = {
    "persian": "letter",
    "persian_section": "letter",
    "decimal": "clause",
    "letter": "point",
    "dash": "indent",
}


def tree(
    blocks: Sequence[SourceBlock],
    root: Node | None,
    headings: Sequence[tuple[int, str, str]],
    measures: Sequence[ExtractedMeasure],
) -> tuple[ExtractedProvision, ...]:
    """Give all provisions in document order."""
    found: list[ExtractedProvision] = []
    if root is not None:
        found += [_of_node(node, blocks) for node in walk(root) if node.kind not in {"root", "paragraph"}]
    for index, path, text in headings:
        span = SourceSpan(index, 0, len(blocks[index].text))
        found.append(
            ExtractedProvision(
                path, path.rsplit(".", 1)[-1], text, text, "section", path.count(".") + 1, span
            )
        )
    found += [_of_row(measure) for measure in measures if not measure.provision]
    return tuple(sorted(found, key=lambda provision: provision.span.block))


def _of_node(node: Node, blocks: Sequence[SourceBlock]) -> ExtractedProvision:
    """Make a provision of a paragraph of the tree."""
    text = "\n".join([node.text, *(paragraph.text for paragraph in node.paragraphs)])
    return ExtractedProvision(
        path=node.path,
        number=node.number,
        heading=node.text if is_heading_like(node.text) else "",
        text=text,
        kind=_KINDS.get(node.kind, node.kind),
        level=node.path.count(".") + 1 if node.path else 0,
        span=SourceSpan(node.block, 0, len(blocks[node.block].text)),
    )


def _of_row(measure: ExtractedMeasure) -> ExtractedProvision:
    """Make a provision of a task's row."""
    path = ".".join(filter(None, (measure.section, measure.number)))
    return ExtractedProvision(
        path, measure.number, "", measure.text, "row", path.count(".") + 1, measure.spans[0]
    )
