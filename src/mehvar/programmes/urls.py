"""Give every page of the room its address."""

from django.urls import URLPattern, URLResolver

from mehvar.programmes.views import deliveries, reports, rounds, status

app_name = "programmes"

urlpatterns: list[URLPattern | URLResolver] = [
    *status.urlpatterns,
    *deliveries.urlpatterns,
    *rounds.urlpatterns,
    *reports.urlpatterns,
]
