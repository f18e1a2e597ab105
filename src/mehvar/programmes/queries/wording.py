"""Find deliveries by their words, over the few texts that many deliveries share.

A measure that eighty bodies lead is one text and eighty deliveries: words are looked for in the texts, each read once. Few texts are
turned into their keys, so that the index of the deliveries finds the rows; many are asked row by row in the order of the list, which
ends with the first full page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, cast

from django.db.models import Case, Exists, IntegerField, Model, OuterRef, QuerySet, Value, When

from mehvar.kernel.text import fold_for_search
from mehvar.programmes.models import DeliveryText

_M = TypeVar("_M", bound=Model)

FEW_TEXTS = 1_000
"""Up to so many texts, sorting all their deliveries costs less than walking the list to find them."""


def texts_with(asked: str) -> QuerySet[DeliveryText]:
    """Give the texts in which every word is found, ignoring what people ignore."""
    rows = DeliveryText.objects.all()
    for word in fold_for_search(asked).split():
        rows = rows.filter(folded__contains=word)
    return rows


def with_words(rows: QuerySet[_M], asked: str, path: str = "words_id") -> QuerySet[_M]:
    """Keep the rows that say all words, for reading them in the list's own order; one query at once, to learn whether they are few."""
    keys = _few(asked)
    if keys is not None:
        return rows.filter(**{f"{path}__in": keys})
    said = Exists(texts_with(asked).filter(pk=OuterRef(path)))
    one_by_one = Case(When(said, then=Value(1)), default=Value(0), output_field=IntegerField())
    return cast("QuerySet[_M]", rows.alias(says=one_by_one).filter(says=1))


def counted_with_words(rows: QuerySet[_M], asked: str, path: str = "words_id") -> QuerySet[_M]:
    """Keep the same rows, for counting them in any order."""
    return rows.filter(**{f"{path}__in": texts_with(asked).values("pk")})


def _few(asked: str) -> Sequence[Any] | None:
    keys = list(texts_with(asked).values_list("pk", flat=True)[: FEW_TEXTS + 1])
    return keys if len(keys) <= FEW_TEXTS else None
