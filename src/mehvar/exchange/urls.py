"""Give every page of the room its address."""

from django.urls import URLPattern, URLResolver

from mehvar.exchange.views import (
    about,
    agreements,
    applications,
    authorisations,
    calls,
    catalogue,
    descriptions,
    documents,
    events,
    gateways,
    home,
    inquiries,
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
    *authorisations.urlpatterns,
    *inquiries.urlpatterns,
    *about.urlpatterns,
    *calls.urlpatterns,
    *descriptions.urlpatterns,
    *member_steps.urlpatterns,
    *members.urlpatterns,
    *applications.urlpatterns,
    *services.urlpatterns,
    *requests.urlpatterns,
    *agreements.urlpatterns,
    *documents.urlpatterns,
    *rights.urlpatterns,
    *gateways.urlpatterns,
    *events.urlpatterns,
]
