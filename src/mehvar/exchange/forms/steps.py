"""Take from a person what a step in the exchange needs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mehvar.exchange.forms.fields import (
    CODE_HINT,
    Choices,
    Decimal,
    Number,
    Suggesting,
    code_input,
    offer,
    suggest,
)
from mehvar.exchange.rules.checks import LONGEST_TEXT, METHODS
from mehvar.exchange.tables.words import MODES
from mehvar.ui.fields import DayField, area

REASON = _("Reason")


class StepForm(forms.Form):
    """Carry the version of what was read."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class NoteForm(StepForm):
    """Let who acts add a word."""

    note = forms.CharField(label=_("Remark"), max_length=LONGEST_TEXT, required=False, widget=area(2))


class ReasonForm(StepForm):
    """Ask why."""

    reason = forms.CharField(label=REASON, max_length=LONGEST_TEXT, widget=area(3))


class RemarksForm(StepForm):
    """Ask for remarks on a request."""

    note = forms.CharField(label=_("Remarks"), max_length=4_000, widget=area(5))


class NoticeForm(StepForm):
    """Ask what callers are told."""

    notice = forms.CharField(
        label=_("Notice to callers"),
        max_length=500,
        widget=area(3),
        help_text=_("Every refused call carries it: why, and until when."),
    )


class ContactForm(StepForm):
    """Ask who answers for a member."""

    contact_name = forms.CharField(label=_("Who answers for it"), max_length=200, required=False)
    contact_email = forms.EmailField(label=_("E-mail for questions and incidents"), required=False)


class MemberForm(ContactForm):
    """Ask which body applies, and by which name."""

    organisation = forms.ChoiceField(label=_("Body"))
    member_class = forms.ChoiceField(
        label=_("Class"),
        choices=(("GOV", _("Public body")), ("COM", _("Private body")), ("NGO", _("Other body"))),
    )
    code = forms.CharField(label=_("Code"), max_length=60, help_text=CODE_HINT, widget=code_input())
    field_order = ("organisation", "member_class", "code")

    def __init__(self, *args: Any, bodies: Choices, **kwargs: Any) -> None:
        """Offer the bodies for which one speaks."""
        super().__init__(*args, **kwargs)
        offer(self, "organisation", bodies)


class SubsystemForm(StepForm):
    """Ask for a subsystem's name."""

    name = forms.CharField(label=_("Name"), max_length=200)
    description = forms.CharField(
        label=_("What it is for"), max_length=LONGEST_TEXT, required=False, widget=area(3)
    )


class NewSubsystemForm(SubsystemForm):
    """Ask for a new subsystem's code too."""

    code = forms.CharField(label=_("Code"), max_length=60, help_text=CODE_HINT, widget=code_input())
    field_order = ("code", "name", "description")


class ServiceForm(StepForm):
    """Ask what a service is, where it is, and how calls of it are handled."""

    title = forms.CharField(label=_("Title"), max_length=200)
    summary = forms.CharField(
        label=_("What it answers, in plain words"), max_length=4_000, required=False, widget=area(4)
    )
    language = forms.ChoiceField(
        label=_("Language of title and summary"),
        required=False,
        choices=(("", "–"), ("fa", "فارسی"), ("vi", "Tiếng Việt"), ("en", "English")),
    )
    base_url = forms.CharField(
        label=_("Base address"),
        max_length=500,
        widget=code_input(),
        help_text=_("Where the gateway reaches it, for example https://registry.example/api"),
    )
    test_base_url = forms.CharField(
        label=_("Base address of the test instance"), max_length=500, required=False, widget=code_input()
    )
    legal_basis = forms.CharField(
        label=_("Legal basis on which data may be given"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=area(2),
    )
    personal_data = forms.BooleanField(label=_("Answers hold personal data"), required=False, initial=True)
    contact = forms.CharField(label=_("Who helps developers"), max_length=300, required=False)
    mode = forms.ChoiceField(
        label=_("Evidence of calls"), choices=MODES, widget=forms.RadioSelect, initial="durable"
    )
    loss_window_ms = Number(
        label=_("Evidence that a crash may lose (milliseconds)"), initial=200, min_value=1
    )
    connect_timeout_s = Decimal(label=_("Longest time to connect (seconds)"), initial=5)
    answer_timeout_s = Decimal(label=_("Longest wait for an answer (seconds)"), initial=30)
    idle_timeout_s = Decimal(label=_("Longest silence within an answer (seconds)"), initial=30)
    total_timeout_s = Decimal(label=_("Longest whole call (seconds)"), initial=300)
    max_request_bytes = Number(label=_("Largest request (bytes, 0: no limit)"), initial=0)
    max_answer_bytes = Number(label=_("Largest answer (bytes, 0: no limit)"), initial=0)
    max_connections = Number(label=_("Connections to the service at once"), initial=64, min_value=1)
    keep_bodies = forms.BooleanField(
        label=_("Keep small bodies in the part of the evidence that can be redacted"), required=False
    )
    kept_body_bytes = Number(label=_("Largest body that is kept (bytes)"), initial=65_536)
    provider_ca = forms.CharField(
        label=_("Authority of the provider's certificate (PEM)"),
        max_length=20_000,
        required=False,
        widget=area(3, direction="ltr"),
    )


class NewServiceForm(ServiceForm):
    """Ask for a new service's code too."""

    code = forms.CharField(label=_("Code"), max_length=60, help_text=CODE_HINT, widget=code_input())
    field_order = ("title", "code")


class EndpointChangeForm(StepForm):
    """Ask what an endpoint does, and where the person's identifier stands."""

    summary = forms.CharField(label=_("What it does"), max_length=300, required=False)
    subject = forms.CharField(
        label=_("Where the person's identifier stands"),
        max_length=100,
        required=False,
        widget=code_input(),
        help_text=_(
            "query:NAME, header:NAME or path:N (the N-th part of the path, from 1); empty for nowhere."
        ),
    )


class EndpointForm(EndpointChangeForm):
    """Ask for method and path of an endpoint too."""

    method = forms.ChoiceField(label=_("Method"), choices=[(one, one) for one in METHODS])
    path = forms.CharField(
        label=_("Path"),
        max_length=500,
        widget=code_input(),
        help_text=_("For example /parcels/*; * stands for one part, ** for any rest."),
    )
    field_order = ("method", "path")


class DescriptionForm(StepForm):
    """Ask for an OpenAPI document, as a file or as text."""

    file = forms.FileField(label=_("File (JSON or YAML)"), required=False)
    text = forms.CharField(
        label=_("Or its text"), max_length=2 * 1024 * 1024, required=False, widget=area(8, direction="ltr")
    )

    def content(self) -> bytes:
        """Give the document's bytes."""
        found = self.cleaned_data.get("file")
        written = str(self.cleaned_data.get("text", ""))
        return bytes(found.read()) if found else written.encode()


class AgreementForm(StepForm):
    """Ask for the sides and the terms of an agreement."""

    provider = forms.ChoiceField(label=_("Who gives data"))
    consumer = forms.ChoiceField(label=_("Who receives data"), required=False)
    title = forms.CharField(label=_("Title"), max_length=300)
    legal_basis = forms.CharField(label=_("Legal basis"), max_length=LONGEST_TEXT, widget=area(3))
    purpose = forms.CharField(label=_("Purpose"), max_length=500)
    valid_from = DayField(label=_("Valid from"))
    valid_until = DayField(label=_("Last day"), required=False)

    def __init__(self, *args: Any, members: Choices, **kwargs: Any) -> None:
        """Offer the members."""
        super().__init__(*args, **kwargs)
        offer(self, "provider", [("", "–"), *members])
        offer(self, "consumer", [("", _("A group of clients")), *members])


class ExtendForm(StepForm):
    """Ask until when an agreement is extended, and why."""

    valid_until = DayField(label=_("New last day"), required=False)
    reason = forms.CharField(label=REASON, max_length=LONGEST_TEXT, widget=area(3))


class GrantForm(StepForm):
    """Ask under which agreement a request is granted."""

    agreement = forms.ChoiceField(label=_("Under which agreement"), required=False, widget=forms.RadioSelect)
    note = forms.CharField(label=_("Remark"), max_length=4_000, required=False, widget=area(2))

    def __init__(self, *args: Any, agreements: Choices, **kwargs: Any) -> None:
        """Offer the agreements that hold, and a new one of the terms asked for."""
        super().__init__(*args, **kwargs)
        offer(self, "agreement", [("", _("A new one with exactly the terms asked for")), *agreements])


class RightForm(StepForm):
    """Ask who may use a service under which agreement."""

    agreement = forms.ChoiceField(label=_("Under which agreement"))
    client = forms.CharField(
        label=_("Client"),
        max_length=300,
        required=False,
        widget=Suggesting(),
        help_text=_("The whole name of a subsystem; leave it empty for a group."),
    )
    group = forms.ChoiceField(label=_("Or group"), required=False)
    endpoint = forms.ChoiceField(label=_("What"), required=False)

    def __init__(
        self,
        *args: Any,
        agreements: Choices,
        groups: Choices,
        endpoints: Choices,
        clients: Choices,
        **kwargs: Any,
    ) -> None:
        """Offer what there is."""
        super().__init__(*args, **kwargs)
        suggest(self, "client", clients)
        offer(self, "agreement", agreements)
        offer(self, "group", [("", "–"), *groups])
        offer(self, "endpoint", [("", _("The whole service")), *endpoints])


class RotationForm(StepForm):
    """Ask how long something new holds, and what it follows."""

    label = forms.CharField(label=_("Name"), max_length=100, help_text=_("So that you know it again."))
    days = Number(label=_("Holds for (days)"), initial=365, min_value=1)
    replaces = forms.ChoiceField(label=_("Follows"), required=False)
    overlap_days = Number(
        label=_("The old one holds on for (days)"), initial=14, help_text=_("So that no call is dropped.")
    )

    def __init__(self, *args: Any, old: Choices, **kwargs: Any) -> None:
        """Offer what can be followed."""
        super().__init__(*args, **kwargs)
        offer(self, "replaces", [("", _("Nothing: it is one more")), *old])


class PossessionForm(StepForm):
    """Ask for the proof that a private key is held: the signature of a text."""

    challenge = forms.CharField(
        label=_("Text to sign"),
        max_length=300,
        widget=forms.TextInput(attrs={"dir": "ltr", "readonly": "readonly"}),
        help_text=_(
            "Put exactly this text, without a line end, into the file text.txt. Ed25519: openssl pkeyutl -sign -inkey key.pem -rawin"
            " -in text.txt | base64. All others: openssl dgst -sha256 -sign key.pem text.txt | base64. It holds for an hour."
        ),
    )
    proof = forms.CharField(label=_("Signature (base64)"), max_length=3_000, widget=area(2, direction="ltr"))


class KeyForm(PossessionForm, RotationForm):
    """Ask for a public key and the proof that its private half is held."""

    public_key = forms.CharField(
        label=_("Public key (PEM)"), max_length=4_000, widget=area(4, direction="ltr")
    )
    field_order = ("label", "public_key", "challenge", "proof")


class CertificateForm(RotationForm):
    """Ask for a request for a certificate."""

    request = forms.CharField(
        label=_("Request for a certificate (PEM)"),
        max_length=20_000,
        widget=area(6, direction="ltr"),
        help_text=_(
            "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -subj /CN=client"
        ),
    )
    field_order = ("label", "request")


class TrustForm(StepForm):
    """Ask for the certificate of an authority that shall count."""

    label = forms.CharField(label=_("Name"), max_length=100)
    certificate = forms.CharField(
        label=_("Certificate (PEM)"), max_length=20_000, widget=area(6, direction="ltr")
    )


class ForeignCertificateForm(PossessionForm, TrustForm):
    """Ask for a certificate that another authority issued, and the proof that its private key is held."""

    field_order = ("label", "certificate", "challenge", "proof")


class NetworkForm(StepForm):
    """Ask from which network a client calls without a key, and why."""

    network = forms.CharField(label=_("Network"), max_length=64, widget=code_input())
    reason = forms.CharField(label=_("Why no key"), max_length=300)


class QuotaForm(StepForm):
    """Ask how often who may call what."""

    service = forms.ChoiceField(label=_("Service"), required=False)
    client = forms.CharField(
        label=_("Client"),
        max_length=300,
        required=False,
        widget=Suggesting(),
        help_text=_("The whole name of a subsystem; empty: each client is counted apart."),
    )
    calls_per_s = Decimal(
        label=_("Calls per second"),
        min_value=0.001,
        help_text=_("At all gateways together; each of them grants an equal part."),
    )
    burst = Number(label=_("Calls at once"), min_value=1)

    def __init__(self, *args: Any, services: Choices, clients: Choices, **kwargs: Any) -> None:
        """Offer the services, and suggest the clients."""
        super().__init__(*args, **kwargs)
        suggest(self, "client", clients)
        offer(self, "service", services)


class GroupForm(StepForm):
    """Ask for a group's name."""

    name = forms.CharField(label=_("Name"), max_length=200)
    description = forms.CharField(
        label=_("Who belongs to it"), max_length=LONGEST_TEXT, required=False, widget=area(3)
    )


class NewGroupForm(GroupForm):
    """Ask for a new group's code too."""

    code = forms.CharField(label=_("Code"), max_length=60, help_text=CODE_HINT, widget=code_input())
    field_order = ("code", "name", "description")


class ClientForm(StepForm):
    """Ask for a client by its name."""

    client = forms.CharField(
        label=_("Client"), max_length=300, widget=Suggesting(), help_text=_("The whole name of a subsystem.")
    )

    def __init__(self, *args: Any, clients: Choices, **kwargs: Any) -> None:
        """Suggest the clients."""
        super().__init__(*args, **kwargs)
        suggest(self, "client", clients)


class GatewayForm(StepForm):
    """Ask where a gateway is."""

    code = forms.CharField(label=_("Code"), max_length=60, widget=code_input())
    address = forms.CharField(label=_("Address for callers"), max_length=300, widget=code_input())
    status_address = forms.CharField(
        label=_("Address of its state"),
        max_length=300,
        required=False,
        widget=code_input(),
        help_text=_("Reached from this machine, for example http://127.0.0.1:8091"),
    )
    evidence_folder = forms.CharField(
        label=_("Folder of its evidence on this machine"), max_length=500, required=False, widget=code_input()
    )


class ApplicationForm(StepForm):
    """Ask for the code of a firm that is approved."""

    code = forms.CharField(label=_("Code"), max_length=60, help_text=CODE_HINT, widget=code_input())
    note = forms.CharField(label=_("Remark"), max_length=LONGEST_TEXT, required=False, widget=area(2))
