"""Keep the searched texts that deliveries share."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence

from mehvar.kernel.text import fold_for_search
from mehvar.programmes.models import Delivery, DeliveryText

BATCH = 400


def attach_texts(deliveries: Sequence[Delivery]) -> None:
    """Let new deliveries, not yet stored, point to the texts that they say; texts that are new are stored."""
    keys = store_texts({row.text for row in deliveries})
    for row in deliveries:
        row.words_id = keys[row.text]


def store_texts(written: Collection[str]) -> dict[str, int]:
    """Give the keys of the searched texts of what is written; those that are new are stored."""
    folded = {text: fold_for_search(text) for text in written}
    keys = _stored({_digest(words): words for words in folded.values()})
    return {text: keys[_digest(words)] for text, words in folded.items()}


def digest_of(written: str) -> str:
    """Give the digest under which the searched text of what is written is kept."""
    return _digest(fold_for_search(written))


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()


def _stored(wanted: dict[str, str]) -> dict[str, int]:
    """Give the keys of texts by digest; two who store the same text at once get the same row."""
    digests, found = sorted(wanted), {}
    for start in range(0, len(digests), BATCH):
        part = digests[start : start + BATCH]
        rows = DeliveryText.objects.filter(digest__in=part)
        known = dict(rows.values_list("digest", "pk"))
        if new := [digest for digest in part if digest not in known]:
            DeliveryText.objects.bulk_create(
                [DeliveryText(digest=digest, folded=wanted[digest]) for digest in new], ignore_conflicts=True
            )
            known = dict(rows.values_list("digest", "pk"))
        found.update(known)
    return found
