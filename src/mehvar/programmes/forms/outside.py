"""Ask people without an account, one question a page, what is in their way.

No field takes HTML; sizes are bounded here, in the rules, and before the request is read.
"""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from mehvar.programmes.data import ObstacleKind
from mehvar.programmes.tables.obstacle_words import CAUSES
from mehvar.ui.outside import PlainField

KINDS = (
    (ObstacleKind.OBSTACLE.value, _("Something is in my way: a rule, a permit, a body, a missing decision")),
    (ObstacleKind.PRODUCT_GAP.value, _("A product is missing on the market")),
)
LINE, SHORT, LONG = 200, 300, 4_000


class KindPage(forms.Form):
    """Ask what it is about."""

    kind = forms.ChoiceField(label=_("What do you want to tell?"), choices=KINDS, widget=forms.RadioSelect)


class WhatPage(forms.Form):
    """Ask what is in the way."""

    title = PlainField(label=_("In one sentence"), limit=SHORT)
    text = PlainField(
        label=_("What happens?"),
        limit=LONG,
        rows=7,
        help_text=_("Since when, with which office, what you have tried. Leave out names of people."),
    )


class CausePage(forms.Form):
    """Ask why, and what would help."""

    cause = forms.ChoiceField(
        label=_("What is the cause, as far as you see?"), choices=CAUSES, widget=forms.RadioSelect
    )
    decision_needed = PlainField(label=_("What would help?"), limit=LONG, rows=3, required=False)


class GapPage(forms.Form):
    """Ask who needs the product, how much, and who could make it."""

    product_need = PlainField(label=_("Who needs it, and what for?"), limit=LONG, rows=4)
    market_size = PlainField(label=_("How much is needed?"), limit=SHORT, required=False)
    could_make = PlainField(label=_("Who could make it?"), limit=SHORT, required=False)


class WherePage(forms.Form):
    """Ask in which province."""

    province = forms.ChoiceField(label=_("In which province?"), required=False)

    def __init__(self, *args: Any, provinces: list[tuple[str, Any]], **kwargs: Any) -> None:
        """Offer the provinces."""
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["province"]).choices = [
            ("", _("In the whole country, or I do not know")),
            *provinces,
        ]


class WhoPage(forms.Form):
    """Ask who speaks, if they want to say it."""

    name = PlainField(label=_("Your firm or your name"), limit=LINE, required=False)
    contact = PlainField(
        label=_("How can we reach you?"),
        limit=LINE,
        required=False,
        help_text=_("A telephone number or an address."),
    )
    email = forms.EmailField(
        label=_("E-mail address for a receipt"),
        required=False,
        max_length=200,
        help_text=_("We send your tracking code there, once. Officers who work on it can see the address."),
    )


class WordForm(forms.Form):
    """Ask who raised an obstacle for a word to it."""

    reason = PlainField(label=_("Why"), limit=LONG, rows=3, required=False)
