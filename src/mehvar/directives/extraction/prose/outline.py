"""Build the tree of a prose document from the numbers at the heads of its paragraphs.

Source: design "Directives and programmes", §1 (levels of Vietnamese and Iranian documents).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mehvar.directives.extraction.model import BlockKind, SourceBlock
from mehvar.directives.extraction.numbering import Marker, marker_of
from mehvar.directives.extraction.prose import attributes, words

_TITLE_LETTERS_MAX = 200
_HEADING_RANK = -1


@dataclass(slots=True)
class Node:
    """Hold one paragraph in the tree: its number, text without it, and what stands below."""

    kind: str
    number: str
    text: str
    block: int
    offset: int
    rank: tuple[int, int]
    parent: Node | None = None
    items: list[Node] = field(default_factory=list)
    paragraphs: list[Node] = field(default_factory=list)
    attributes: list[tuple[int, str]] = field(default_factory=list)

    @property
    def path(self) -> str:
        """Give the numbers from the root down, joined by dots."""
        parts: list[str] = []
        node: Node | None = self
        while node is not None:
            if node.number:
                parts.append(node.number)
            node = node.parent
        return ".".join(reversed(parts))

    @property
    def section(self) -> str:
        """Give the path of the parent."""
        return self.parent.path if self.parent is not None else ""


def build(blocks: Sequence[SourceBlock], used: set[int]) -> Node:
    """Build the tree; blocks already used by tables, and all after the closing formula, stay out."""
    root = Node("root", "", "", -1, 0, (-2, 0))
    current = root
    for index, block in enumerate(blocks):
        if block.kind is BlockKind.TABLE_ROW or index in used:
            continue
        if words.CLOSING.match(block.text):
            current = _after_closing(root)
            continue
        if current.kind == "closed" and not _reopens(block):
            continue
        if attributes.is_attribute(_unmarked(block.text)) and current.kind not in {"root", "closed"}:
            current.attributes.append((index, _unmarked(block.text)))
            continue
        current = _place(root if current.kind == "closed" else current, root, block, index)
    return root


def _unmarked(text: str) -> str:
    """Give a paragraph without a bullet or number in front."""
    marker = marker_of(text)
    return (
        text[marker.length :] if marker is not None and marker.kind in {"dash", "letter", "decimal"} else text
    )


def _after_closing(root: Node) -> Node:
    """Give a node that swallows recipients and signatures."""
    return Node("closed", "", "", -1, 0, (_HEADING_RANK, 0), parent=root)


def _reopens(block: SourceBlock) -> bool:
    """Tell whether a new part (an annex, a programme) begins after the signatures."""
    marker = marker_of(block.text)
    if marker is not None and marker.kind in {"roman", "part", "chapter", "article"}:
        return True
    return block.kind is BlockKind.HEADING


def _place(current: Node, root: Node, block: SourceBlock, index: int) -> Node:
    """Hang a paragraph into the tree and give the node that is open after it."""
    marker = marker_of(block.text)
    if marker is None:
        return _place_unnumbered(current, root, block, index)
    rank = _rank(marker)
    parent = _parent(current, rank)
    number = marker.number
    if marker.kind == "dash":
        number = str(sum(item.kind == "dash" for item in parent.items) + 1)
    node = Node(marker.kind, number, block.text[marker.length :].strip(), index, marker.length, rank, parent)
    parent.items.append(node)
    return node


def _place_unnumbered(current: Node, root: Node, block: SourceBlock, index: int) -> Node:
    """Hang a paragraph without a number below the open node, or begin anew at a title."""
    is_title = block.kind is BlockKind.HEADING or _is_capital_title(block.text)
    if is_title:
        node = Node("heading", "", block.text, index, 0, (_HEADING_RANK, block.level or 0), root)
        root.items.append(node)
        return node
    node = Node("paragraph", "", block.text, index, 0, (99, 0), current)
    current.paragraphs.append(node)
    return current


def _is_capital_title(text: str) -> bool:
    """Tell whether a paragraph is a title in capitals."""
    return len(text) < _TITLE_LETTERS_MAX and text.upper() == text and text.lower() != text


def _rank(marker: Marker) -> tuple[int, int]:
    """Give how deep a marker ranks: by kind, then by dotted parts."""
    return marker.rank, marker.number.count(".") if marker.kind == "decimal" else 0


def _parent(current: Node, rank: tuple[int, int]) -> Node:
    """Find the open node under which a rank belongs."""
    node = current
    while node.parent is not None and node.rank >= rank:
        node = node.parent
    return node


def walk(node: Node) -> list[Node]:
    """List a node and all below it in document order."""
    found = [node]
    for child in sorted((*node.items, *node.paragraphs), key=lambda item: item.block):
        found += walk(child)
    return found
