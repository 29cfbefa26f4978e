"""Buttons of the admin whose dialog asks for more than a yes: above all, for the reason."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from common.dialogs import ReasonForm
from common.requirements import MAX_REASON_LENGTH
from distribution.admin.base import members_by_id
from distribution.models import Distributor, Level, Segment
from distribution.services.applications import UnknownInviteCode
from members.models import Member


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
    code = forms.CharField(
        label=_("invite code of the new upline"), max_length=12, widget=UnfoldAdminTextInputWidget
    )


class ReassignForm(forms.Form):
    """``UplineForm`` on a page of its own, for many members."""

    code = forms.CharField(
        label=_("invite code of the new upline"), max_length=12, widget=UnfoldAdminTextInputWidget
    )
    reason = forms.CharField(
        label=_("reason"), max_length=MAX_REASON_LENGTH, widget=UnfoldAdminTextInputWidget
    )

    def clean_code(self) -> Distributor:
        try:
            return distributor_by_code(self.cleaned_data["code"])
        except UnknownInviteCode as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from None


class AssignForm(ReassignForm):
    """The same for one member who has no upline yet."""

    field_order = ("member", "code", "reason")
    member = forms.CharField(
        label=_("whole id of the member"), max_length=128, widget=UnfoldAdminTextInputWidget
    )

    def clean_member(self) -> Member:
        term = self.cleaned_data["member"].strip()
        found = list(members_by_id(term)[:2])
        if len(found) != 1:
            raise forms.ValidationError(
                _("“%(id)s” is the whole id of no member, or of more than one."),
                params={"id": term[:40]},
            )
        return found[0]


def distributor_by_code(code: str) -> Distributor:
    """Whose invite code it is.

    :raises UnknownCode: nobody's who could be an upline
    """
    found = Distributor.objects.active().filter(code=code.strip().lower()).first()
    if found is None:
        raise UnknownInviteCode(invite_code=code.strip()[:40])
    return found
