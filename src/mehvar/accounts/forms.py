"""Take what people say about themselves."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mehvar.accounts.data import NotificationChoice
from mehvar.kernel.calendars import Calendar


class ProfileForm(forms.Form):
    """Take a person's name, language, calendar and wish for e-mails."""

    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=200)
    language = forms.ChoiceField(label=_("Language"), required=False)
    calendar = forms.ChoiceField(
        label=_("Calendar"),
        required=False,
        help_text=_("Pages in Persian show dates in this calendar."),
        choices=[
            ("", _("As usual in the language")),
            (Calendar.JALALI.value, _("Solar Hijri (Jalali)")),
            (Calendar.GREGORIAN.value, _("Gregorian")),
        ],
    )
    notification = forms.ChoiceField(
        label=_("E-mails about what waits for you"),
        choices=[
            (NotificationChoice.EACH.value, _("As soon as something waits")),
            (NotificationChoice.DAILY.value, _("Once a day, all together")),
            (NotificationChoice.NONE.value, _("None")),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the languages of the installation."""
        super().__init__(*args, **kwargs)
        languages = self.fields["language"]
        assert isinstance(languages, forms.ChoiceField)  # noqa: S101 - tells the type checker
        languages.choices = [("", _("As the browser asks")), *settings.LANGUAGES]


class TokenForm(forms.Form):
    """Take the wish for a token with which a program acts for the person."""

    label = forms.CharField(
        label=_("What it is for"),
        max_length=120,
        help_text=_("For example: nightly export to the statistics office."),
    )
    may_write = forms.BooleanField(
        label=_("The program may also change things"),
        required=False,
        help_text=_("Without it the program can only read what you can read."),
    )
    valid_days = forms.IntegerField(
        label=_("Valid for how many days"), min_value=1, max_value=366, help_text=_("At most 366.")
    )
