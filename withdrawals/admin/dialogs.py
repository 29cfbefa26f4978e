# mypy: allow-subclassing-any, allow-any-generics
"""Forms of the withdrawals' dialogs and pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from backoffice.base import NOTHING, StrOrPromise
from backoffice.fields import text_field
from backoffice.impacts import row_of
from common.money import format_yuan
from withdrawals.admin.display import format_blockers, format_regime, format_risk
from withdrawals.gateways import gateway
from withdrawals.gateways.ledger import LEDGER
from withdrawals.models import Channel, Policy, RejectionReason, Withdrawal
from withdrawals.queries import assessments, blockers

REVIEW_RESTARTED = _("The tax has changed since the approval. The withdrawal goes back to review.")


class ApprovalForm(BaseDialogForm):
    """Shows the withdrawal and posts its hash, so that a changed one is refused."""

    form_before_template = "admin/withdrawals/approval_summary.html"
    content_hash = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        rows = Withdrawal.objects.select_related("member__person", "payee")
        self.row = row_of(rows, self.object_id)
        # The same read as for the summary.
        self.fields["content_hash"].initial = self.row.content_hash if self.row else ""

    def get_before_template_context(self, *args: Any) -> dict[str, Any]:
        row = self.row
        if row is None:
            return {"values": []}
        policy = Policy.current()
        person = getattr(row.member, "person", None)
        values: list[tuple[StrOrPromise, Any]] = [
            (_("member"), row.member),
            (_("real name"), person.name_mask if person else NOTHING),
            (_("payee"), row.payee),
            (_("amount"), format_yuan(row.gross)),
            (_("fee"), format_yuan(row.fee)),
            (_("tax"), format_yuan(row.tax)),
            (_("net"), format_yuan(row.net)),
            (_("tax regime"), format_regime(policy.regime, policy.regime_version)),
            (_("risk"), format_risk(assessments([row])[row.pk])),
            (_("blocked by"), format_blockers(blockers([row])[row.pk]) or NOTHING),
        ]
        return {"values": values}


class NoteForm(BaseDialogForm):
    note = text_field(_("message to the member"), required=False)


class RejectForm(NoteForm):
    field_order = ("rejection", "note")
    rejection = forms.ModelChoiceField(
        RejectionReason.objects.filter(is_active=True), label=_("reason for the rejection"),
        help_text=_("Finance maintains the list under Reasons for rejections."),
        to_field_name="code", empty_label="–", widget=UnfoldAdminSelectWidget,
    )  # fmt: skip


class ReasonPageForm(forms.Form):
    """Asks for a reason on a page."""

    reason = text_field(_("reason"))


class PauseForm(ReasonPageForm):
    field_order = ("channel", "reason")
    channel = forms.ChoiceField(label=_("channel"), widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Only this installation's gateway can be paused here, and the ledger.
        name = gateway().name
        channel: Any = self.fields["channel"]
        channel.choices = [
            (name, name),
            (LEDGER, _("store credit")),
            (Channel.ALL, _("all: the kill switch")),
        ]


class VoucherForm(forms.Form):
    voucher = forms.FileField(
        label=_("voucher"), help_text=_("A JPEG, PNG or PDF file of at most 10 MB."),
        widget=UnfoldAdminFileFieldWidget,
    )  # fmt: skip
