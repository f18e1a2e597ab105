"""Find names that would send a task to two bodies at once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from mehvar.kernel import text
from mehvar.organisations.data.register import Body, Name, NameKind, Pack


@dataclass(frozen=True, slots=True)
class SharedName:
    """Hold a name that several bodies carry at the same time."""

    text: str
    codes: tuple[str, ...]
    official: bool


def shared_names(pack: Pack) -> tuple[SharedName, ...]:
    """List names that two bodies carry on the same day and that are not marked ambiguous.

    Names are compared folded and without spaces, since Persian texts lose their ZWNJ.
    """
    carriers: dict[str, list[tuple[Body, Name]]] = defaultdict(list)
    for body in pack.bodies:
        for name in body.names:
            carriers[text.fold_for_match(name.text).replace(" ", "")].append((body, name))
    return tuple(found for folded, pairs in carriers.items() if (found := _shared(folded, pairs)))


def _shared(folded: str, pairs: list[tuple[Body, Name]]) -> SharedName | None:
    """Tell which bodies clash over a folded name, if any."""
    clashing: set[str] = set()
    official = False
    for index, (body, name) in enumerate(pairs):
        for other, other_name in pairs[index + 1 :]:
            if body.code == other.code or not _overlap(body, name, other, other_name):
                continue
            both_official = name.kind is other_name.kind is NameKind.OFFICIAL
            if both_official or not (name.ambiguous and other_name.ambiguous):
                clashing |= {body.code, other.code}
                official = official or both_official
    return SharedName(folded, tuple(sorted(clashing)), official) if clashing else None


def _overlap(body: Body, name: Name, other: Body, other_name: Name) -> bool:
    """Tell whether two names can be met on one day (a name lives no longer than its body)."""
    starts = [item.valid_from or date.min for item in (body, name, other, other_name)]
    ends = [item.valid_to or date.max for item in (body, name, other, other_name)]
    return max(starts) < min(ends)
