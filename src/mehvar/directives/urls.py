"""Give every page of the room its address."""

from django.urls import URLPattern, URLResolver

from mehvar.directives.views import (
    approval,
    consultation,
    council,
    council_papers,
    directives,
    duties,
    editor,
    imports,
    lifecycle,
    opinions,
    resolutions,
    review,
    revision,
)

app_name = "directives"

urlpatterns: list[URLPattern | URLResolver] = [
    *imports.urlpatterns,
    *review.urlpatterns,
    *duties.urlpatterns,
    *editor.urlpatterns,
    *resolutions.urlpatterns,
    *council_papers.urlpatterns,
    *council.urlpatterns,
    *consultation.urlpatterns,
    *opinions.urlpatterns,
    *lifecycle.urlpatterns,
    *revision.urlpatterns,
    *approval.urlpatterns,
    *directives.urlpatterns,
]
