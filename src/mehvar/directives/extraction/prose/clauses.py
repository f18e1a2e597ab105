"""Read who leads, coordinates, oversees and monitors in one sentence.

Source: design "Directives and programmes", §1 (shapes 2 and 3, Iranian phrases).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from mehvar.directives.extraction.prose import words
from mehvar.kernel import text as texts
from mehvar.organisations.rules.matching import BodyRegister, heads
from mehvar.organisations.rules.matching.tokens import Token, tokenise

_LIST_TOKENS_MAX = 160
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
_STRONG_FA = (
    "موظف",
    "مکلف",
    "ملزم",
    "باید",
    "نسبت",
    "ظرف",
    "حداکثر",
    "مسئول",
    "مسیول",
    "متعهد",
    "می‌بایست",
    "بایستی",
)
_NAME_WORDS_MAX = 6
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


class ClauseReader:
    """Read sentences against the register."""

    def __init__(self, register: BodyRegister, on: date | None, language: str) -> None:
        """Take the register and the day on which names are valid."""
        self.register = register
        self.on = on
        self.language = language
        self.is_unsure = False

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

    def _begins_registered(self, text: str) -> bool:
        """Tell whether a text begins with a registered name."""
        tokens = tokenise(text)
        start = 1 if tokens and tokens[0].fold == "the" else 0
        return start < len(tokens) and bool(self.register.longest_at(tokens, start, on=self.on))

    def _with(self, text: str, clause: Clause) -> str:
        """Read an item that begins with "Với …"."""
        match = words.WITH.match(text)
        end = self.list_end(text[match.end() :]) if match else 0
        if match and end:
            clause.coordinating.append(text[match.end() : match.end() + end].strip(" ,،:"))
            return text[match.end() + end :]
        return text

    def list_end(self, text: str) -> int:
        """Give where the list of bodies at the head of a text ends, in characters (0: there is none)."""
        tokens = tokenise(text)[:_LIST_TOKENS_MAX]
        folds = tuple(token.fold for token in tokens)
        index = 0
        last = 0
        while index < len(tokens):
            end = self._item_end(tokens, folds, index)
            if not end:
                break
            last = end
            if end < len(tokens) and tokens[end].is_after_colon and self._is_plural(folds, index, end):
                last = self._elided_end(tokens, folds, end)
                end = last
            if end >= len(tokens) or _closes(tokens[end]) or tokens[end].is_after_colon:
                break
            index = end + 1 if tokens[end].is_connector else end
            if index < len(tokens) and folds[index] == "the" and index + 1 < len(tokens):
                index += 1
            elif (
                index < len(tokens)
                and index == end
                and not (tokens[end].is_separated or self._follows_on(tokens, folds, end))
            ):
                break
        return tokens[last - 1].end if last else 0

    def _follows_on(self, tokens: tuple[Token, ...], folds: tuple[str, ...], index: int) -> bool:
        """Tell whether a further body begins without a separator: a capitalised registered name."""
        return tokens[index].text[0].isupper() and bool(self._hit_end(tokens, folds, index))

    @staticmethod
    def _is_plural(folds: tuple[str, ...], index: int, end: int) -> bool:
        """Tell whether words are a plural head noun that introduces names after a colon."""
        length = heads.phrase_at(folds, frozenset(heads.PLURAL_HEADS), index)
        if length:
            is_singular = folds[index : index + length] == tuple(
                token.fold for token in tokenise(heads.PLURAL_HEADS[folds[index : index + length]])
            )
            return end - index == length or (not is_singular and end - index <= length + 3)
        return any(folds[start:end] in heads.PLURAL_HEADS for start in range(max(index, end - 3), end))

    def _elided_end(self, tokens: tuple[Token, ...], folds: tuple[str, ...], index: int) -> int:
        """Give the index after the names that follow a plural head ("các Vụ: Kế hoạch, Năng lượng")."""
        end = index
        while end < len(tokens):
            start = end + 1 if tokens[end].is_connector else end
            if start >= len(tokens):
                break
            item = self._item_end(tokens, folds, start) if start > index else 0
            if not item and not tokens[start].text[0].isupper() and self.language != "fa":
                break
            last = item or self._raw_end(tokens, folds, start + 1)
            end = last
            if (
                end >= len(tokens)
                or not (tokens[end].is_separated or tokens[end].is_connector)
                or tokens[end].is_after_colon
                or _closes(tokens[end])
            ):
                return last
        return end

    def _item_end(self, tokens: tuple[Token, ...], folds: tuple[str, ...], index: int) -> int:
        """Give the index after one body of a list, or 0."""
        if index + 1 < len(tokens) and folds[index] == "the":
            index += 1
        hit = self._hit_end(tokens, folds, index)
        plural = self._plural_end(tokens, folds, index)
        if hit or plural:
            return max(hit, plural)
        start = index + heads.phrase_at(folds, heads.QUANTIFIERS, index)
        title = heads.phrase_at(folds, heads.TITLES, start)
        if title:
            titled = self._hit_end(tokens, folds, start + title)
            if titled:
                return titled
        if start > index:
            hit = self._hit_end(tokens, folds, start)
            if hit:
                return hit
        if self._begins_raw(tokens, folds, index, start):
            return self._raw_end(tokens, folds, start + 1)
        return 0

    def _plural_end(self, tokens: tuple[Token, ...], folds: tuple[str, ...], index: int) -> int:
        """Give the index after names that share a plural head without a colon («وزارتخانه‌های نیرو و نفت»), or 0."""
        length = heads.phrase_at(folds, heads.PLURAL_HEADS, index)
        if not length or self.language == "vi":
            return 0
        prefix = tokenise(heads.PLURAL_HEADS[folds[index : index + length]])
        at, last = index + length, 0
        while prefix and at < len(tokens):
            end = self._headed_end(prefix, tokens, at)
            if not end:
                break
            last = end
            if end >= len(tokens) or not (tokens[end].is_separated or tokens[end].is_connector):
                break
            at = end + tokens[end].is_connector
        return last

    def _headed_end(self, prefix: tuple[Token, ...], tokens: tuple[Token, ...], index: int) -> int:
        """Give the index after the longest registered name made of a head noun and the words at the index, or 0."""
        parts = prefix + tokens[index : index + 10]
        for length in range(len(parts), len(prefix), -1):
            hit = self.register.spanning(parts, 0, length, on=self.on)
            if hit is not None and not hit.is_group:
                return index + length - len(prefix)
        return 0

    def _hit_end(self, tokens: tuple[Token, ...], folds: tuple[str, ...], index: int) -> int:
        """Give the index after the longest registered name and its qualifiers, or 0."""
        if index >= len(tokens):
            return 0
        hits = [
            hit
            for hit in self.register.longest_at(tokens, index, on=self.on)
            if self._may_end(tokens, folds, hit.end)
        ]
        if not hits:
            return 0
        hit = hits[0]
        end = hit.end
        if hit.is_group and heads.phrase_at(folds, words.STOPS, index) >= end - index:
            return 0
        if hit.is_group or hit.end - hit.start == 1:
            if (
                hit.end - hit.start == 1
                and not hit.is_group
                and end < len(tokens)
                and _goes_on(tokens, folds, end)
            ):
                return 0
            return self._qualified_end(tokens, folds, end)
        return self._qualified_end(tokens, folds, end)

    def _may_end(self, tokens: tuple[Token, ...], folds: tuple[str, ...], end: int) -> bool:
        """Tell whether a name may end before a word: not right before a capitalised word that begins no name."""
        if end >= len(tokens):
            return True
        token = tokens[end]
        if token.is_separated or token.is_after_stop or token.is_after_colon or not token.text[0].isupper():
            return True
        return (
            bool(heads.phrase_at(folds, heads.OPEN_HEADS | heads.CLOSED_HEADS, end)) or token.text.isupper()
        )

    def _qualified_end(self, tokens: tuple[Token, ...], folds: tuple[str, ...], end: int) -> int:
        """Give the index after words that qualify a group or say whose body it is."""
        length = heads.phrase_at(folds, heads.QUALIFIERS, end)
        while length and end < len(tokens) and not tokens[end].is_separated:
            end += length
            length = heads.phrase_at(folds, heads.QUALIFIERS, end)
        if (
            end + 1 < len(tokens)
            and folds[end] in {"trong", "thuộc", "của", "trực"}
            and not tokens[end].is_separated
        ):
            return self._raw_end(tokens, folds, end)
        if self.language == "fa" and self._goes_on_persian(tokens, folds, end):
            return self._raw_end(tokens, folds, end + 1)
        return end

    def _goes_on_persian(self, tokens: tuple[Token, ...], folds: tuple[str, ...], end: int) -> bool:
        """Tell whether words after a name still belong to it; Persian has no capitals that would tell.

        They do when they begin another body (the owner) or lead straight to the charge; a sentence that goes on
        otherwise has its object there.
        """
        if end >= len(tokens):
            return False
        token = tokens[end]
        if token.is_separated or token.is_connector or token.is_after_stop or token.is_after_colon:
            return False
        if _qualifies(folds, end):
            return True
        if heads.phrase_at(folds, words.STOPS, end):
            return False
        if folds[end] in words.RELATIVES_FA or heads.phrase_at(
            folds, heads.OPEN_HEADS | heads.CLOSED_HEADS, end
        ):
            return True
        stop = end
        while (
            stop < len(tokens)
            and not heads.phrase_at(folds, words.STOPS, stop)
            and not tokens[stop].is_separated
        ):
            stop += 1
        leads_on = stop < len(tokens) and not tokens[stop].is_separated and folds[stop].startswith(_STRONG_FA)
        leads_on = leads_on or (stop < len(tokens) and folds[stop] == "با" and not tokens[stop].is_separated)
        self.is_unsure = self.is_unsure or leads_on
        return leads_on and stop - end <= _NAME_WORDS_MAX

    def _begins_raw(self, tokens: tuple[Token, ...], folds: tuple[str, ...], index: int, start: int) -> bool:
        """Tell whether an unregistered body begins: a head noun, capitalised or after a quantifier."""
        if start >= len(tokens):
            return False
        nouns = heads.OPEN_HEADS | heads.CLOSED_HEADS
        if heads.phrase_at(folds, nouns, start) and tokens[start].is_capital:
            return not heads.phrase_at(folds, words.STOPS, start) or self.language != "vi"
        generic = heads.phrase_at(folds, heads.GENERIC_HEADS, start)
        if generic and start == index and heads.phrase_at(folds, words.STOPS, start) >= generic:
            return False
        return bool(generic) and (
            start > index or index == 0 or tokens[index].is_separated or tokens[index - 1].is_connector
        )

    def _raw_end(self, tokens: tuple[Token, ...], folds: tuple[str, ...], index: int) -> int:
        """Give the index where an unregistered body's words end: a stop word, a separator, a sentence end."""
        end = index
        while end < len(tokens):
            token = tokens[end]
            if token.is_separated or token.is_after_stop or token.is_after_colon:
                break
            if token.is_connector and self._joins_new(tokens, folds, end + 1):
                break
            if (
                not token.text[0].isupper()
                and heads.phrase_at(folds, words.STOPS, end)
                and not _attributive(folds, end)
            ):
                break
            hit = (
                self._hit_end(tokens, folds, end)
                if token.is_capital and self.language == "vi" and token.text[0].isupper()
                else 0
            )
            end = max(hit, end + 1) if hit else end + 1
        return end

    def _joins_new(self, tokens: tuple[Token, ...], folds: tuple[str, ...], index: int) -> bool:
        """Tell whether a connector joins a further body."""
        if index >= len(tokens):
            return True
        start = index + heads.phrase_at(folds, heads.QUANTIFIERS, index)
        nouns = heads.OPEN_HEADS | heads.CLOSED_HEADS | heads.GENERIC_HEADS
        if self.register.longest_at(tokens, index, on=self.on):
            return True
        if heads.phrase_at(folds, words.STOPS, index):
            return True
        return bool(heads.phrase_at(folds, nouns, start)) and (start > index or tokens[start].is_capital)


def _after_parenthesis(text: str, end: int) -> int:
    """Move the end of a name behind the remark in parentheses that it would cut, or that follows it."""
    opened = text.rfind("(", 0, end)
    if opened >= 0 and ")" not in text[opened:end]:
        closed = text.find(")", end)
        return closed + 1 if 0 <= closed < end + _REMARK_LETTERS_MAX else end
    remark = re.match(rf"\s*\([^()]{{1,{_REMARK_LETTERS_MAX}}}\)", text[end:])
    return end + remark.end() if remark else end


def _closes(token: Token) -> bool:
    """Tell whether a list cannot go on at a token."""
    return token.is_after_stop and ";" not in token.gap and "؛" not in token.gap


def _goes_on(tokens: tuple[Token, ...], folds: tuple[str, ...], end: int) -> bool:
    """Tell whether a one-word name is only the beginning of a longer, unregistered one."""
    token = tokens[end]
    if token.is_separated or token.is_connector or token.is_after_stop or token.is_after_colon:
        return False
    return not heads.phrase_at(folds, words.STOPS, end)


def _qualifies(folds: tuple[str, ...], index: int) -> bool:
    """Tell whether "متولی" or "مسئول" qualifies the bodies before it: their charge then follows later."""
    if folds[index] not in {"متولی", "مسئول", "مسیول"}:
        return False
    return any(fold.startswith(("موظف", "مکلف")) or fold == "باید" for fold in folds[index + 1 :])


def _attributive(folds: tuple[str, ...], index: int) -> bool:
    """Tell whether a verb stands as part of a noun: after "tổ chức", "cơ quan", "công tác"."""
    if _qualifies(folds, index):
        return True
    if index > 1 and folds[index - 2 : index] == ("dự", "án"):
        return True
    return (
        index > 0
        and folds[index - 1] in {"quan", "tác", "cụ", "vị"}
        and folds[index] in {"quản", "kiểm", "thực", "chủ", "tham", "giám", "đào"}
    )


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
