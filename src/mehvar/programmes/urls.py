"""Give every page of the room its address."""

from django.urls import URLPattern, URLResolver

from mehvar.programmes.views import (
    calls,
    coverage,
    deliveries,
    flagships,
    grid,
    imports,
    measures,
    obstacles,
    performance,
    plans,
    programmes,
    proposals,
    public_obstacles,
    recognition,
    reports,
    rounds,
    stakeholders,
    status,
    stocktakes,
    templates,
    workbooks,
    working_days,
)

app_name = "programmes"

urlpatterns: list[URLPattern | URLResolver] = [
    *imports.urlpatterns,
    *status.urlpatterns,
    *deliveries.urlpatterns,
    *rounds.urlpatterns,
    *reports.urlpatterns,
    *grid.urlpatterns,
    *workbooks.urlpatterns,
    *plans.urlpatterns,
    *calls.urlpatterns,
    *coverage.urlpatterns,
    *templates.urlpatterns,
    *measures.urlpatterns,
    *public_obstacles.urlpatterns,
    *obstacles.urlpatterns,
    *proposals.urlpatterns,
    *stakeholders.urlpatterns,
    *recognition.urlpatterns,
    *working_days.urlpatterns,
    *stocktakes.urlpatterns,
    *flagships.urlpatterns,
    *performance.urlpatterns,
    # Last: the address of a programme takes any word.
    *programmes.urlpatterns,
]
