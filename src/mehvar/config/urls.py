"""Compose the rooms' pages under one address."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from mehvar.config.api.docs import docs
from mehvar.config.api.root import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("mehvar.home.urls")),
    path("programmes/", include("mehvar.programmes.urls")),
    path("", include("mehvar.directives.urls")),
    path("exchange/", include("mehvar.exchange.urls")),
    path("organisations/", include("mehvar.organisations.urls")),
    path("accounts/", include("mehvar.accounts.urls")),
    path("ledger/", include("mehvar.ledger.urls")),
    path("ui/", include("mehvar.ui.urls")),
    path("language/", set_language, name="set_language"),
    path("admin/", admin.site.urls),
    path("api/", RedirectView.as_view(pattern_name="api_docs")),
    path("api/v1/", RedirectView.as_view(pattern_name="api_docs")),
    path("api/v1/docs", docs, name="api_docs"),
    path("api/v1/", api.urls),
]
