"""Give every page of the room its address."""

from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView

from mehvar.exchange.views import descriptions

app_name = "exchange"


def _recorded(route: str, name: str, subject: str) -> URLPattern:
    """Lead from a thing's address to what is on record about it."""
    return path(route, RedirectView.as_view(url=f"/ledger/{subject}/%(public_id)s/"), name=name)


urlpatterns: list[URLPattern | URLResolver] = [
    *descriptions.urlpatterns,
    _recorded("members/<slug:public_id>/", "member", "exchange-member"),
    _recorded("services/<slug:public_id>/", "service", "exchange-service"),
    _recorded("agreements/<slug:public_id>/", "agreement", "exchange-agreement"),
    _recorded("requests/<slug:public_id>/", "request", "exchange-request"),
]
