"""Turn the tree of a prose document into measures.

Source: issue "the house", point 8; design "Directives and programmes", §1 (inheritance, closing paragraph, overseer).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mehvar.directives.extraction import flags
from mehvar.directives.extraction.dues import find_in_prose
from mehvar.directives.extraction.model import (
    ExtractedBody,
    ExtractedMeasure,
    Flag,
    Role,
    SourceBlock,
)
from mehvar.directives.extraction.prose import attributes, duties, words
from mehvar.directives.extraction.prose.clauses import Clause, ClauseReader, is_heading_like, sentences
from mehvar.directives.extraction.prose.items import INHERITED, INTRODUCED, PROSE, Item, ItemResolver, Roles
from mehvar.directives.extraction.prose.outline import Node, build, walk
from mehvar.directives.extraction.resolution import Notes, Resolver, unique_bodies
from mehvar.kernel import text as texts
from mehvar.organisations.rules.matching.mentions import WELL_FORMED

_TASK_LETTERS_MIN = 15
_LOST_MAX = 30
_WHOLE_ACT_LETTERS_MIN = 30
_FIELD = re.compile(
    r"^(?:về\s+|trong\s+)?(?:lĩnh vực|حوزه|field of)\s+(?P<name>[^:(;.]{3,100})", re.IGNORECASE
)
_IN_DETAIL = re.compile(
    r"(?:cụ thể|trong đó|cụ thể như sau|chi tiết như sau|از جمله|به ویژه)\s*:\s*$", re.IGNORECASE
)
_PARENT_KINDS = ("article", "chapter", "part", "section", "roman", "capital", "heading", "root")


@dataclass(slots=True)
class ProseReading:
    """Hold the measures of the prose and the tree that they came from."""

    measures: list[ExtractedMeasure] = field(default_factory=list)
    root: Node | None = None
    monitoring: list[ExtractedBody] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)


def read_prose(
    blocks: Sequence[SourceBlock], used: set[int], resolver: Resolver, *, has_table: bool
) -> ProseReading:
    """Read the tasks of a document's prose; beside a task table only sentences that name their lead count."""
    root = build(blocks, used)
    reader = _ProseReader(resolver, has_table=has_table)
    reader.visit(root, Roles())
    measures = [reader.resolved.measure(item) for item in reader.items]
    return ProseReading(measures, root, reader.monitoring, reader.lost_obligations(root))


def with_monitoring(measures: list[ExtractedMeasure], bodies: list[ExtractedBody]) -> list[ExtractedMeasure]:
    """Give the body that monitors the whole directive to every measure that names none."""
    if not bodies:
        return measures
    inherited = [replace(body, inherited=True) for body in bodies]
    return [
        measure
        if measure.names(Role.MONITORING)
        else replace(measure, bodies=tuple(unique_bodies([*measure.bodies, *inherited])))
        for measure in measures
    ]


class _ProseReader:
    """Walk the tree from heading to items."""

    def __init__(self, resolver: Resolver, *, has_table: bool) -> None:
        """Begin with no items."""
        self.resolver = resolver
        self.clauses = ClauseReader(resolver.register, resolver.on, resolver.language)
        self.resolved = ItemResolver(resolver, self.clauses)
        self.has_table = has_table
        self.items: list[Item] = []
        self.monitoring: list[ExtractedBody] = []
        self.watched: set[int] = set()

    def lost_obligations(self, root: Node) -> list[Flag]:
        """List the paragraphs that speak of an obligation and gave no measure."""
        taken = {block for item in self.items for block in item.blocks} | self.watched
        lost = [
            node.text
            for node in walk(root)
            if node.block >= 0
            and node.block not in taken
            and not (node.items and node.text.rstrip().endswith(":"))
            and duties.speaks_of_duty(node.text)
        ]
        return [flags.make("unread-obligation", "", text=duties.short(text)) for text in lost[:_LOST_MAX]]

    def visit(self, node: Node, roles: Roles) -> None:
        """Read a node with the roles in force above it."""
        if node.kind in {"root", "heading"}:
            self._visit_frame(node, roles)
            return
        if words.NO_TASKS.match(node.text) and (node.items or is_heading_like(node.text)):
            self._visit_children(node, replace(roles, is_barred=True))
            return
        if node.items:
            self._visit_branch(node, roles)
        else:
            self._visit_leaf(node, roles)

    def _visit_frame(self, node: Node, roles: Roles) -> None:
        """Read the document itself or a title: paragraphs may introduce items, close them, or be tasks."""
        if node.kind == "heading" and words.NO_TASKS.match(node.text):
            roles = replace(roles, is_barred=True)
        children: list[Node] = sorted((*node.items, *node.paragraphs), key=lambda item: item.block)
        for position, child in enumerate(children):
            if child.kind != "paragraph":
                self.visit(child, roles)
                continue
            introduces = child.text.rstrip().endswith(":") and any(
                later.kind != "paragraph" for later in children[position:]
            )
            roles = self._frame_paragraph(child, roles, introduces=introduces)

    def _frame_paragraph(self, node: Node, roles: Roles, *, introduces: bool) -> Roles:
        """Read a paragraph outside any item: an introduction changes the roles, a charge is a task."""
        if words.PREAMBLE.match(node.text) and not introduces:
            return roles
        if introduces:
            return self._introduction(node, roles)
        for sentence in sentences(node.text):
            clause = self.clauses.read(sentence)
            if self._is_framed_task(sentence, clause):
                self._add(node, sentence, clause, roles, section=node.section, number="")
        return roles

    def _is_framed_task(self, sentence: str, clause: Clause) -> bool:
        """Tell whether a sentence outside any item charges a registered body with an act."""
        if not (clause.lead and clause.is_charge) or words.NOT_A_TASK.search(sentence):
            return False
        return self._is_registered(clause.lead) and len(clause.act) >= _TASK_LETTERS_MIN

    def _is_registered(self, names: str) -> bool:
        """Tell whether a list names any registered body or group."""
        found = self.resolver.bodies(names).mentions
        return any(mention.code or mention.confidence >= WELL_FORMED for mention in found)

    def _introduction(self, node: Node, roles: Roles) -> Roles:
        """Read "… yêu cầu các đơn vị thuộc Bộ …:": the bodies that are asked lead what follows."""
        text = node.text.rstrip(" :")
        if words.ISSUES.search(node.text) or words.NO_TASKS.match(text):
            return roles
        for cue in ("yêu cầu", "đề nghị", "giao", "chỉ thị", "quyết nghị"):
            for position in duties.positions(text, cue):
                tail = text[position + len(cue) :].lstrip(" ,")
                end = self.clauses.list_end(tail)
                if end:
                    lead = tail[:end].strip(" ,:")
                    return replace(roles, lead=lead, coordinating=(), confidence=INTRODUCED, is_active=True)
        subject, _ = self.clauses.late_subject(text)
        if subject:
            return replace(roles, lead=subject, coordinating=(), confidence=INTRODUCED, is_active=True)
        last = text.rsplit(", ", 1)[-1]
        clause = self.clauses.read(last)
        return roles.under(clause, confidence=INTRODUCED) if clause.lead else roles

    def _visit_branch(self, node: Node, roles: Roles) -> None:
        """Read a heading with items: its bodies are handed down."""
        clause = self._heading_clause(node)
        if (
            clause.lead
            and (clause.is_charge or clause.coordinating or self.resolver.language != "vi")
            and self._is_whole(node, clause)
            and self._is_task(node.text, clause, roles, node)
        ) or self._is_inherited_act(node, clause, roles):
            self._add(node, node.text, clause, roles, section=node.section, number=node.number)
        below = roles.under(clause) if clause.has_roles else roles
        named = _FIELD.match(node.text)
        below = replace(below, field=named["name"].strip(" .:") if named else roles.field)
        if node.paragraphs:
            first = min(item.block for item in node.items)
            for paragraph in node.paragraphs:
                if paragraph.block < first and paragraph.text.rstrip().endswith(":"):
                    below = self._introduction(paragraph, below)
        self._visit_children(node, below)

    def _heading_clause(self, node: Node) -> Clause:
        """Read the roles of a heading; a heading that is nothing but bodies is their lead."""
        text = node.text.rstrip(" :.;")
        clause = self.clauses.read(text)
        if clause.has_roles or clause.lead:
            return clause
        if is_heading_like(text) and self.clauses.list_end(text) > 0:
            ends = self.clauses.list_end(text)
            if ends >= len(text) - 2:
                return Clause(lead=text)
            rest = text[ends:].lstrip()
            if rest.startswith(
                ("thuộc", "phối hợp hoạt động", "của", "trong", "có", "،", ",")
            ) and not self._is_act(rest):
                return Clause(lead=text, is_uncertain=True)
        return clause

    def _is_whole(self, node: Node, clause: Clause) -> bool:
        """Tell whether a heading states a whole act of its own rather than introduces its items."""
        if len(clause.act) < _WHOLE_ACT_LETTERS_MIN:
            return False
        if not node.text.rstrip().endswith(":"):
            return True
        due = find_in_prose(node.text, self.resolver.due_context).due
        return due.end is not None or bool(_IN_DETAIL.search(node.text))

    def _is_inherited_act(self, node: Node, clause: Clause, roles: Roles) -> bool:
        """Tell whether an item with notes below it is itself a whole task of the body named above it."""
        if clause.lead or not roles.lead or not node.text.rstrip().endswith((".", ";", "؛")):
            return False
        return len(node.text) >= _WHOLE_ACT_LETTERS_MIN and self._is_task(node.text, clause, roles, node)

    def _is_act(self, text: str) -> bool:
        """Tell whether a text states an act rather than qualifies a body."""
        return len(text) > 100 or text.rstrip().endswith(".")  # noqa: PLR2004

    def _visit_children(self, node: Node, roles: Roles) -> None:
        """Read the items of a node and the paragraphs between and after them."""
        children: list[Node] = sorted((*node.items, *node.paragraphs), key=lambda item: item.block)
        for child in children:
            if child.kind == "paragraph":
                self._loose_paragraph(child, roles)
            else:
                self.visit(child, roles)

    def _loose_paragraph(self, node: Node, roles: Roles) -> None:
        """Read a paragraph between items: it carries on the item before it, or is a task of its own."""
        if node.text.rstrip().endswith(":") or roles.is_barred:
            return
        clause = self.clauses.read(node.text)
        if clause.lead and clause.is_charge:
            self._add(node, node.text, clause, roles, section=node.section, number="")

    def _visit_leaf(self, node: Node, roles: Roles) -> None:
        """Read an item without items below it."""
        if roles.is_barred:
            return
        own = self.clauses.read(node.text)
        heading = self._heading_clause(node) if node.paragraphs else own
        if node.paragraphs and (
            own.is_only_bodies
            or node.text.rstrip().endswith(":")
            or heading.is_uncertain
            or (heading.lead and not heading.act)
            or self._is_title(node, own)
        ):
            self._leaf_of_paragraphs(node, roles.under(heading))
            return
        if self._labelled(node, roles):
            return
        pieces = self._pieces(node)
        for position, (text, clause, blocks) in enumerate(pieces):
            if self._is_task(text, clause, roles, node):
                number = node.number if position == 0 else ""
                section = node.section if position == 0 else "" if clause.is_monitoring else node.path
                self._add(node, text, clause, roles, section=section, number=number, blocks=blocks)

    def _is_title(self, node: Node, own: Clause) -> bool:
        """Tell whether an item is only the title of paragraphs that charge bodies."""
        if own.has_roles or own.is_charge or not is_heading_like(node.text):
            return False
        if self._begins_with_act(node.text) and not node.text.casefold().startswith("về "):
            return False
        clauses = [self.clauses.read(paragraph.text) for paragraph in node.paragraphs]
        return any(clause.lead and clause.is_charge for clause in clauses)

    def _labelled(self, node: Node, roles: Roles) -> bool:
        """Read a task whose bodies and deadline are labelled, below it or at its end."""
        found = attributes.split(node.text)
        for _, text in node.attributes:
            below = attributes.split(text)
            found.facts |= {name: value for name, value in below.facts.items() if name not in found.facts}
        if not found.facts or len(found.act) < _TASK_LETTERS_MIN:
            return False
        clause = self.clauses.read(found.act)
        if clause.lead and clause.is_charge and "lead" in found.facts:
            found.facts.setdefault("monitoring", found.facts["lead"])
        else:
            clause.lead = found.facts.get("lead", clause.lead)
        if "coordinating" in found.facts:
            clause.coordinating = [found.facts["coordinating"]]
        self._add(
            node,
            found.act,
            clause,
            roles,
            section=node.section,
            number=node.number,
            blocks=[node.block, *(block for block, _ in node.attributes)],
        )
        self.items[-1].facts = found.facts
        return True

    def _leaf_of_paragraphs(self, node: Node, roles: Roles) -> None:
        """Read a heading whose tasks are plain paragraphs."""
        first = True
        for paragraph in node.paragraphs:
            clause = self.clauses.read(paragraph.text)
            if words.COMPLETION.match(paragraph.text) and self.items and not first:
                self.items[-1].follow.append(paragraph.text)
                continue
            if not first and not clause.lead and not clause.is_charge and not self._is_closing(clause):
                self.items[-1].follow.append(paragraph.text)
                continue
            if self._is_task(paragraph.text, clause, roles, node):
                self._add(
                    paragraph,
                    paragraph.text,
                    clause,
                    roles,
                    section=node.section if first else node.path,
                    number=node.number if first else "",
                    blocks=[node.block, paragraph.block] if first else [paragraph.block],
                )
                first = False

    def _pieces(self, node: Node) -> list[tuple[str, Clause, list[int]]]:
        """Divide an item into tasks: a sentence that names its own lead begins a new one."""
        pieces: list[tuple[str, Clause, list[int]]] = []
        for block, paragraph in [
            (node.block, node.text),
            *((child.block, child.text) for child in node.paragraphs),
        ]:
            for sentence in sentences(paragraph):
                if block != node.block and words.NOT_A_TASK.search(sentence):
                    continue
                clause = self.clauses.read(sentence)
                begins = (
                    bool(clause.lead)
                    and (clause.is_charge or clause.is_monitoring)
                    and len(clause.act) >= _TASK_LETTERS_MIN
                )
                closing = (
                    block != node.block and begins and (clause.is_monitoring or duties.is_strong(sentence))
                )
                if (
                    not pieces
                    or closing
                    or (
                        begins
                        and pieces[-1][1].lead
                        and clause.lead != pieces[-1][1].lead
                        and clause.is_charge
                        and duties.is_strong(sentence)
                    )
                ):
                    pieces.append((sentence, clause, [block]))
                else:
                    text, before, blocks = pieces[-1]
                    kept = (
                        clause
                        if clause.lead and not before.has_roles and duties.is_strong(sentence)
                        else before
                    )
                    pieces[-1] = (
                        f"{text} {sentence}",
                        kept,
                        [*blocks, block] if block not in blocks else blocks,
                    )
        return pieces

    @staticmethod
    def _is_closing(clause: Clause) -> bool:
        """Tell whether a paragraph charges a body with monitoring the whole."""
        return clause.is_monitoring and bool(clause.lead)

    def _is_task(self, text: str, clause: Clause, roles: Roles, node: Node) -> bool:
        """Tell whether an item carries an obligation."""
        if roles.is_barred or len(text) < _TASK_LETTERS_MIN or words.NOT_A_TASK.search(text):
            return False
        if words.PREAMBLE.match(text) and not clause.lead and not roles.lead:
            return False
        if self.has_table and not (roles.lead and roles.confidence == INHERITED):
            return bool(clause.lead and clause.act) and self._is_registered(clause.lead)
        if clause.lead and self.resolver.language == "fa":
            return clause.is_charge or bool(clause.coordinating) or duties.acts_in_persian(text)
        if clause.lead or roles.lead or roles.is_active or clause.is_charge:
            return bool(clause.act)
        return self._begins_with_act(text) and node.kind not in _PARENT_KINDS

    def _begins_with_act(self, text: str) -> bool:
        """Tell whether a text begins with a verb of duty."""
        from mehvar.organisations.rules.matching import heads
        from mehvar.organisations.rules.matching.tokens import tokenise

        folds = tuple(token.fold for token in tokenise(text[:80]))
        if self.resolver.language == "fa":
            plain = texts.fold_for_match(text).rstrip(" .")
            if re.search(r"می\s?(?:شود|گردد|باشد)$", plain):
                return False
            return bool(folds) and texts.fold_for_match(text).rstrip(" .").endswith(
                ("شود", "گردد", "نماید", "کند", "نمایند", "کنند", "دهد", "ورد")
            )
        return bool(heads.phrase_at(folds, words.STOPS, 0))

    def _add(
        self,
        node: Node,
        text: str,
        clause: Clause,
        roles: Roles,
        *,
        section: str,
        number: str,
        blocks: list[int] | None = None,
    ) -> None:
        """Note one task."""
        if roles.is_barred:
            return
        if not number and clause.is_monitoring and clause.lead:
            self.watched.update(blocks or [node.block])
            self._watch(clause)
            return
        self.items.append(Item(node, text, clause, roles, blocks or [node.block], section, number))

    def _watch(self, clause: Clause) -> None:
        """Note the body that a closing paragraph charges with monitoring the whole directive."""
        if not self.monitoring:
            self.monitoring = self.resolved.role(Role.MONITORING, [clause.lead], Notes(PROSE))
