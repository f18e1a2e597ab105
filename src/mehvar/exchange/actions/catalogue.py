"""Keep what the catalogue searches in step with services and their descriptions."""

from __future__ import annotations

from django.db.models import F, OuterRef, Q, Subquery

from mehvar.exchange.models import CatalogueEntry, ExchangeService, ServiceDescription
from mehvar.exchange.rules import operations
from mehvar.kernel.text import fold_for_search
from mehvar.organisations import queries as organisations

MOST_AT_ONCE = 500


def follow_descriptions() -> int:
    """Read every service whose newest description is not yet in the catalogue; return how many there were."""
    newest = ServiceDescription.objects.filter(service=OuterRef("pk")).order_by("-number")
    rows = ExchangeService.objects.annotate(newest=Subquery(newest.values("sha256")[:1])).filter(
        Q(catalogue_entry__isnull=True) | (Q(newest__isnull=False) & ~Q(catalogue_entry__sha256=F("newest")))
    )
    found = list(rows.select_related("subsystem__member__organisation")[:MOST_AT_ONCE])
    for service in found:
        _enter(service)
    return len(found)


def _enter(service: ExchangeService) -> None:
    latest = ServiceDescription.objects.filter(service=service).order_by("-number").first()
    document = latest.document if latest and isinstance(latest.document, dict) else {}
    body = service.subsystem.member.organisation
    names = [organisations.name_in(body, language) for language in ("fa", "vi", "en")]
    CatalogueEntry.objects.update_or_create(
        service=service,
        defaults={
            "sha256": latest.sha256 if latest else "",
            "fields": _between_bars(operations.themes_of(document)),
            "operations": len(operations.operations_of(document)),
            "folded": fold_for_search(" ".join([*names, operations.words_of(document)])),
        },
    )


def _between_bars(themes: tuple[str, ...]) -> str:
    clean = [theme.replace("|", " ").strip() for theme in themes]
    kept = "|".join(clean)[:990]
    return f"|{kept}|" if kept else ""
