"""Forms of dialogs and pages that ask for more than a yes."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.dialogs import ReasonForm
from backoffice.fields import text_field
from common.requirements import MAX_REASON_LENGTH
from distribution.models import Distributor, Level, Segment
from distribution.services.applications import UnknownInviteCode
from members.search import MemberField


class LevelForm(ReasonForm):
    field_order = ("level", "reason")
    level = forms.ModelChoiceField(
        Level.objects.all(), label=_("level"), required=False, empty_label=_("none"),
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip


class SegmentForm(ReasonForm):
    field_order = ("segment", "reason")
    segment = forms.ModelChoiceField(
        Segment.objects.all(), label=_("segment"), required=False, empty_label=_("none"),
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip


class UplineForm(ReasonForm):
    field_order = ("code", "reason")
    code = text_field(_("invite code of the new upline"), 12)


class ReassignForm(forms.Form):
    """``UplineForm`` on a page, for many members."""

    code = text_field(_("invite code of the new upline"), 12)
    reason = text_field(_("reason"), MAX_REASON_LENGTH)

    def clean_code(self) -> Distributor:
        try:
            return distributor_by_code(self.cleaned_data["code"])
        except UnknownInviteCode as error:
            raise forms.ValidationError(str(error), code=error.code) from None


class AssignForm(ReassignForm):
    """The same for a member without an upline."""

    field_order = ("member", "code", "reason")
    member = MemberField(label=_("whole id of the member"), max_length=128)


def distributor_by_code(code: str) -> Distributor:
    """Return the active distributor with this invite code.

    :raises UnknownInviteCode: there is none
    """
    distributor = Distributor.objects.active().filter(code=code.strip().lower()).first()
    if distributor is None:
        raise UnknownInviteCode(invite_code=code.strip()[:40])
    return distributor
