"""Give every page of the room its address."""

from django.urls import URLPattern, URLResolver

from mehvar.exchange.views import (
    agreements,
    applications,
    calls,
    catalogue,
    descriptions,
    gateways,
    home,
    member_steps,
    members,
    requests,
    rights,
    services,
)

app_name = "exchange"

urlpatterns: list[URLPattern | URLResolver] = [
    *home.urlpatterns,
    *catalogue.urlpatterns,
    *calls.urlpatterns,
    *descriptions.urlpatterns,
    *member_steps.urlpatterns,
    *members.urlpatterns,
    *applications.urlpatterns,
    *services.urlpatterns,
    *requests.urlpatterns,
    *agreements.urlpatterns,
    *rights.urlpatterns,
    *gateways.urlpatterns,
]
