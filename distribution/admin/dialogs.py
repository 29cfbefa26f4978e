"""Buttons of the admin whose dialog asks for more than a yes: above all, for the reason."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold import decorators
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from common import clock
from common.admin import Words
from common.errors import TwotierError
from distribution.admin.rows import members_with_id
from distribution.models import Distributor, Level, Segment
from distribution.services.applications import UnknownCode
from distribution.services.reasons import LONGEST
from members.models import Member


class ReasonForm(BaseDialogForm):  # type: ignore[misc]  # unfold brings no types
    field_order = ("level", "segment", "code", "reason")
    reason = forms.CharField(
        label=_("reason"), max_length=LONGEST, widget=UnfoldAdminTextInputWidget
    )


class LevelForm(ReasonForm):
    level = forms.ModelChoiceField(
        Level.objects.all(), label=_("level"), required=False, empty_label=_("none"),
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip


class SegmentForm(ReasonForm):
    segment = forms.ModelChoiceField(
        Segment.objects.all(), label=_("segment"), required=False, empty_label=_("none"),
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip


class UplineForm(ReasonForm):
    code = forms.CharField(
        label=_("invite code of the new upline"), max_length=12, widget=UnfoldAdminTextInputWidget
    )


class MoveForm(forms.Form):
    """``UplineForm`` on a page of its own, for many members."""

    code = forms.CharField(
        label=_("invite code of the new upline"), max_length=12, widget=UnfoldAdminTextInputWidget
    )
    reason = forms.CharField(
        label=_("reason"), max_length=LONGEST, widget=UnfoldAdminTextInputWidget
    )

    def clean_code(self) -> Distributor:
        try:
            return distributor_of(self.cleaned_data["code"])
        except UnknownCode as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from None


class AssignForm(MoveForm):
    """The same for one member who has no upline yet."""

    field_order = ("member", "code", "reason")
    member = forms.CharField(
        label=_("whole id of the member"), max_length=128, widget=UnfoldAdminTextInputWidget
    )

    def clean_member(self) -> Member:
        term = self.cleaned_data["member"].strip()
        found = list(members_with_id(term)[:2])
        if len(found) != 1:
            raise forms.ValidationError(
                _("“%(id)s” is the whole id of no member, or of more than one."),
                params={"id": term[:40]},
            )
        return found[0]


def distributor_of(code: str) -> Distributor:
    """Whose invite code it is.

    :raises UnknownCode: nobody's who could be an upline
    """
    found = Distributor.objects.active().filter(code=code.strip().lower()).first()
    if found is None:
        raise UnknownCode(invite_code=code.strip()[:40])
    return found


def decision(
    title: Words,
    *,
    question: Words,
    done: Words,
    form: type[BaseDialogForm] = ReasonForm,
    **options: Any,
) -> Callable[[Callable[..., None]], Any]:
    """``common.admin.button`` with a form: the method gets row, by, at and what the form holds.

    The page's ``has_decide_permission`` decides who may press it. (Not has_change_permission: that
    would open the form of the row.)
    """

    def decorate(call: Callable[..., None]) -> Any:
        @wraps(call)
        def press(page: Any, request: HttpRequest, filled: Any, object_id: str) -> HttpResponse:
            names = (page.admin_site.name, page.opts.app_label, page.opts.model_name)
            row = page.get_object(request, unquote(object_id))
            if row is None:
                messages.warning(request, _("It is not there any more."))
                return _go(reverse("{}:{}_{}_changelist".format(*names)))
            given = {
                name: value
                for name, value in filled.cleaned_data.items()
                if not name.startswith("_")
            }
            try:
                call(page, row, by=request.user, at=clock.now(), **given)
            except TwotierError as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, str(done))
            return _go(reverse("{}:{}_{}_change".format(*names), args=[object_id]))

        dialog = {
            "title": title,
            "description": question,
            "form_class": form,
            "form_submit_text": title,
        }
        return decorators.action(
            description=title, permissions=["decide"], dialog=dialog, **options
        )(press)

    return decorate


def _go(to: str) -> HttpResponse:
    # The dialog is posted by htmx, which would put the page of a plain redirect into the dialog.
    return HttpResponse(headers={"HX-Redirect": to})
