"""Give the addresses of a person's own pages and of signing in."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from mehvar.accounts import views

own: list[URLPattern | URLResolver] = [
    path("profile/", views.profile, name="profile"),
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/<int:token_id>/revoke/", views.token_revoke, name="token_revoke"),
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/read/", views.notifications_read, name="notifications_read"),
    path("notifications/<int:notification_id>/", views.notification, name="notification"),
]

closed: list[URLPattern | URLResolver] = [
    path("email/", RedirectView.as_view(pattern_name="accounts:profile"), name="account_email"),
    path(
        "confirm-email/",
        RedirectView.as_view(pattern_name="account_login"),
        name="account_email_verification_sent",
    ),
    path(
        "confirm-email/<str:key>/", RedirectView.as_view(url="/accounts/login/"), name="account_confirm_email"
    ),
    path(
        "login/code/confirm/",
        RedirectView.as_view(pattern_name="account_login"),
        name="account_confirm_login_code",
    ),
]
"""Pages of the sign-in library that an invited person has no use for: addresses are set by administrators."""

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((own, "accounts"))),
    *closed,
    path("", include("allauth.urls")),
]
