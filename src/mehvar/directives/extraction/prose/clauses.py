"""Read who leads, coordinates, oversees and monitors in one sentence.

Source: design "Directives and programmes", §1 (shapes 2 and 3, Iranian phrases).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mehvar.directives.extraction.prose import words
from mehvar.directives.extraction.prose.lists import BodyLists
from mehvar.kernel import text as texts
from mehvar.organisations.rules.matching import heads
from mehvar.organisations.rules.matching.tokens import tokenise

_PIECES_MAX = 6
_SENTENCE = re.compile(
    r"(?<!\bTP)(?<!\bTp)(?<!\bTX)(?<!\bTS)(?<!\bThS)(?<!\bPGS)(?<!\bGS)(?<=[^\W\d]{2})[.؟!](?:\s+|$)(?=[^\W\d_a-zàáâãèéêìíòóôõùúýăđĩũơưạ-ỹ]|$)|(?<=\d)[.](?:\s+|$)(?=[A-ZĐÀ-Ỹ])|[؛;]\s*(?=giao\s)",
    re.UNICODE,
)


_COLON_HEAD = re.compile(r"^(?P<head>[^:.;\n]{3,170}):\s+(?=\S)")
_LATE_ASK = re.compile(
    r"[,;:]\s*(?:và\s+|đồng thời\s+)?(?:giao|yêu cầu)\s+(?=[A-ZĐ]|các\s)|[،,]\s*(?:مقرر|مصوب)\s+(?:شد|گردید|است)\s*(?:که|تا)?\s+"
)
_AGENT = re.compile(
    r"(?:^|\s)(?:توسط|(?:بر|به)\s+عهده(?:\s?‌?ی)?)\s+|\bdo\s+(?=[A-ZĐ])|\bshall be \w+ by\s+(?:the\s+)?",
    re.UNICODE,
)
_VERB_FA = re.compile(r"(?:^|\s)\S+(?:د|ند|یند|اند)\s*[.؛،:!]*\s*$")
_TAIL_WORDS_MAX = 4
_REMARK_LETTERS_MAX = 120
_DIRECTS = re.compile(r"\b(?:chỉ đạo|phụ trách|oversees?|directs?)\b\s*:?|نظارت\s+(?:می‌?\s?کند|نماید|دارد)")
_OVERSEER_LETTERS_MAX = 260
_LATE_SUBJECT_LETTERS_MAX = 700


@dataclass(slots=True)
class Clause:
    """Hold the roles of one sentence as texts, and the act that is left."""

    lead: str = ""
    coordinating: list[str] = field(default_factory=list)
    overseeing: list[str] = field(default_factory=list)
    act: str = ""
    is_charge: bool = False
    is_monitoring: bool = False
    is_only_bodies: bool = False
    is_uncertain: bool = False

    @property
    def has_roles(self) -> bool:
        """Tell whether any role is named."""
        return bool(self.lead or self.coordinating or self.overseeing)


class ClauseReader(BodyLists):
    """Read sentences against the register."""

    def read(self, sentence: str) -> Clause:
        """Read one sentence: subject, cues, coordinating bodies, act."""
        clause = Clause()
        rest = sentence.strip()
        watched = words.WATCH.search(rest)
        if watched and self.list_end(rest[watched.end() :]):
            end = watched.end() + self.list_end(rest[watched.end() :])
            return Clause(
                lead=rest[watched.end() : end].strip(" ,،:"), act=rest, is_charge=True, is_monitoring=True
            )
        asked = words.ASK.match(rest)
        if asked and self.list_end(rest[asked.end() :]) > 0:
            rest = rest[asked.end() :]
            clause.is_charge = True
        directed = self._overseen(rest, clause) if words.PERSON.match(rest) else None
        self.is_unsure = False
        subject, rest = self._charged(rest if directed is None else directed, clause)
        clause.lead = subject
        clause.is_uncertain = self.is_unsure and bool(subject)
        rest = self._cues(rest, clause)
        if not subject and not clause.coordinating:
            rest = self._with(rest, clause)
        clause.act = rest.strip(" :,،")
        clause.is_monitoring = bool(words.MONITOR.search(clause.act))
        clause.is_only_bodies = bool(clause.has_roles) and not clause.act
        return clause

    def _charged(self, text: str, clause: Clause) -> tuple[str, str]:
        """Find who is charged: at the head, before a colon, after an adverbial, after a late cue, as the agent."""
        head = self._before_colon(text)
        if head:
            clause.is_charge = True
            return head, text[text.index(":") + 1 :]
        subject, rest = self.subject(text)
        if subject:
            return subject, rest
        if words.ADVERBIAL.match(text):
            subject, rest = self.late_subject(text)
            if subject:
                return subject, rest
        late = _LATE_ASK.search(text)
        end = self.list_end(text[late.end() :]) if late else 0
        if late and end:
            clause.is_charge = True
            return text[late.end() : late.end() + end].strip(" ,،:"), text[late.end() + end :]
        return self._agent(text, clause)

    def _before_colon(self, text: str) -> str:
        """Read "Các Tập đoàn, doanh nghiệp ngành Công Thương: chủ động …": what stands before the colon leads."""
        match = _COLON_HEAD.match(text)
        if match is None or self.language == "fa":
            return ""
        head = match["head"].strip()
        tokens = tokenise(head)
        folds = tuple(token.fold for token in tokens)
        if not tokens or words.NO_TASKS.match(head) or not self._item_end(tokens, folds, 0):
            return ""
        end = self.list_end(head)
        tail = tokenise(head[end:])
        if not tail or heads.phrase_at(tuple(token.fold for token in tail), words.STOPS, 0):
            return ""
        self.is_unsure = len(tail) > _TAIL_WORDS_MAX
        return head

    def _agent(self, text: str, clause: Clause) -> tuple[str, str]:
        """Read an agent named inside the sentence: «… توسط سازمان … تهیه شود», "do Sở Y chủ trì"."""
        for match in _AGENT.finditer(text):
            tail = text[match.end() :]
            end = self.list_end(tail)
            if not end or not self._begins_registered(tail[:end]):
                continue
            cue = words.LEAD_CUE.match(tail[end:])
            if match.group().strip() == "do" and not re.match(
                r"\s*,?\s*(?:làm\s+)?(?:chủ trì|đầu mối|thực hiện|đảm nhiệm|phụ trách)", tail[end:]
            ):
                continue
            clause.is_charge = True
            rest = tail[end + (cue.end() if cue else 0) :]
            return tail[:end].strip(" ,،:"), f"{text[: match.start()]} {rest}".strip()
        return "", text

    def subject(self, text: str) -> tuple[str, str]:
        """Divide a text into the bodies at its head and what follows; no subject when nothing charges it."""
        end = self.list_end(text)
        if not end:
            return "", text
        end = _after_parenthesis(text, end)
        subject, rest = text[:end].strip(" ,،:"), text[end:]
        if self._is_subject(rest, is_registered=self._is_exact(subject)):
            return subject, rest
        return "", text

    def late_subject(self, text: str) -> tuple[str, str]:
        """Find a subject that follows an adverbial ("Trên cơ sở …, các bộ, ngành … xây dựng"); it must be registered."""
        for match in re.finditer(r"[,،]\s+", text[:_LATE_SUBJECT_LETTERS_MAX]):
            tail = text[match.end() :]
            subject, rest = self.subject(tail)
            tokens = tokenise(subject)
            folds = tuple(token.fold for token in tokens)
            if (
                tokens
                and rest.strip(" .:;،,")
                and (self.register.longest_at(tokens, 0, on=self.on) or self._plural_end(tokens, folds, 0))
            ):
                return subject, rest
        return "", text

    def _is_exact(self, subject: str) -> bool:
        """Tell whether the last name of a list is a registered one to its last word."""
        tokens = tokenise(subject)
        return any(
            self.register.spanning(tokens, start, len(tokens), on=self.on) is not None
            or any(hit.end == len(tokens) for hit in self.register.longest_at(tokens, start, on=self.on))
            for start in range(max(0, len(tokens) - 14), len(tokens) - 1)
            if start == 0 or tokens[start].is_separated or tokens[start - 1].is_connector
        )

    def _is_subject(self, rest: str, *, is_registered: bool = False) -> bool:
        """Tell whether what follows makes the bodies before it a subject."""
        if not rest.strip(" .:;،,"):
            return True
        if (
            rest.lstrip().startswith(":")
            or words.LEAD_CUE.match(rest)
            or words.COORDINATE.match(rest)
            or words.DIRECT.match(rest)
        ):
            return True
        tokens = tokenise(rest[:80])
        folds = tuple(token.fold for token in tokens)
        if not folds or self.language == "fa":
            return bool(folds) and (
                bool(heads.phrase_at(folds, words.STOPS, 0)) or bool(_VERB_FA.search(rest))
            )
        if heads.phrase_at(folds, words.STOPS, 0):
            return tokens[0].text[0].islower()
        return is_registered and tokens[0].text[0].islower() and folds[0] not in words.NO_ACTS

    def _overseen(self, text: str, clause: Clause) -> str | None:
        """Read "Thứ trưởng A phối hợp với Thứ trưởng B chỉ đạo …"; nothing when nobody is directed."""
        verb = _DIRECTS.search(text[:_OVERSEER_LETTERS_MAX])
        if verb is None:
            return None
        head = re.split(
            r"\s(?:theo|tiếp tục|trực tiếp|chịu trách nhiệm|căn cứ|được|به|در)\s", text[: verb.start()]
        )[0]
        people = re.split(r"\s*,?\s*phối hợp\s+(?:với|cùng)\s+", head)
        clause.overseeing = [person.strip(" ,،:") for person in people if person.strip(" ,،:")]
        return text[verb.end() :]

    def _cues(self, text: str, clause: Clause) -> str:
        """Read cue after cue: charge, coordination."""
        rest = text
        for _ in range(_PIECES_MAX):
            coordinate = words.COORDINATE.match(rest)
            if coordinate:
                end = self.list_end(rest[coordinate.end() :])
                if not end:
                    return rest
                clause.coordinating.append(rest[coordinate.end() : coordinate.end() + end].strip(" ,،:"))
                rest = rest[coordinate.end() + end :]
                continue
            cue = words.LEAD_CUE.match(rest)
            if cue is None or not cue.group().strip(" ,،"):
                break
            clause.is_charge = True
            rest = rest[cue.end() :]
        return self._late_coordination(rest.lstrip(" ,،"), clause)

    def _late_coordination(self, rest: str, clause: Clause) -> str:
        """Find coordinating bodies named later in the sentence («… ظرف یک ماه با همکاری X …»)."""
        if clause.coordinating:
            return rest
        is_charged = bool(clause.lead or clause.is_charge)
        shape = r"[,،\s](?:với sự phối hợp của|phối hợp(?: chặt chẽ)? (?:với|cùng)|in (?:close )?(?:coordination|cooperation|collaboration|consultation) with|together with|jointly with|با (?:همکاری|هماهنگی|مشارکت|همراهی))\s+"
        for match in re.finditer(shape, rest):
            tail = rest[match.end() :]
            end = self.list_end(tail)
            if end and (is_charged or self._begins_registered(tail[:end])):
                clause.coordinating.append(tail[:end].strip(" ,،:"))
                break
        return rest

    def _with(self, text: str, clause: Clause) -> str:
        """Read an item that begins with "Với …"."""
        match = words.WITH.match(text)
        end = self.list_end(text[match.end() :]) if match else 0
        if match and end:
            clause.coordinating.append(text[match.end() : match.end() + end].strip(" ,،:"))
            return text[match.end() + end :]
        return text


def _after_parenthesis(text: str, end: int) -> int:
    """Move the end of a name behind the remark in parentheses that it would cut, or that follows it."""
    opened = text.rfind("(", 0, end)
    if opened >= 0 and ")" not in text[opened:end]:
        closed = text.find(")", end)
        return closed + 1 if 0 <= closed < end + _REMARK_LETTERS_MAX else end
    remark = re.match(rf"\s*\([^()]{{1,{_REMARK_LETTERS_MAX}}}\)", text[end:])
    return end + remark.end() if remark else end


def sentences(text: str) -> list[str]:
    """Cut a paragraph into sentences."""
    found: list[str] = []
    last = 0
    for match in _SENTENCE.finditer(text):
        piece = text[last : match.end()].strip()
        if piece:
            found.append(piece)
        last = match.end()
    tail = text[last:].strip()
    return [*found, tail] if tail else found


def is_heading_like(text: str) -> bool:
    """Tell whether a text is a title: short and without a sentence's end."""
    tidy = texts.display_form(text)
    return len(tidy) < 160 and not tidy.endswith((".", ";"))  # noqa: PLR2004
