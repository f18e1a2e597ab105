"""Give every page of the room its address."""

from django.urls import URLPattern, URLResolver, include, path

from mehvar.directives.views import (
    aftermath,
    approval,
    cascade,
    consultation,
    council,
    council_papers,
    coverage,
    directives,
    duties,
    editor,
    imports,
    lifecycle,
    opinions,
    promulgation,
    public,
    resolutions,
    review,
    revision,
)

app_name = "directives"

pages: list[URLPattern | URLResolver] = [
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
    *promulgation.urlpatterns,
    *aftermath.urlpatterns,
    *cascade.urlpatterns,
    *coverage.urlpatterns,
    *public.urlpatterns,
    *directives.urlpatterns,
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("directives/", include(pages)),
    path("d/", include(public.short_urlpatterns)),
]
