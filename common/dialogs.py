# mypy: allow-subclassing-any
"""Buttons of admin pages: each opens a dialog, and acts on its POST by one service call."""

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
from unfold.widgets import UnfoldAdminTextInputWidget

from common import clock
from common.admin import StrOrPromise, column
from common.errors import TwotierError

MAX_REASON_LENGTH = 200
PROPOSAL_COLOURS = {
    "proposed": "warning", "agreed": "success", "posted": "success", "refused": "danger",
}  # fmt: skip


class ReasonForm(BaseDialogForm):
    reason = forms.CharField(
        label=_("reason"), max_length=MAX_REASON_LENGTH, widget=UnfoldAdminTextInputWidget
    )


def decision(
    title: StrOrPromise,
    *,
    question: StrOrPromise,
    done: StrOrPromise,
    permission: str = "decide",
    form: type[BaseDialogForm] | None = None,
    back_to_list: bool = False,
    **options: Any,
) -> Callable[[Callable[..., object]], Any]:
    """A button on a row's page. The method gets row, by, at and what the form holds.

    If it answers with words, it came to something else than ``done``, and they are shown as a
    warning. A refusal becomes a message on the page.

    :param question: what the dialog asks
    :param permission: the page's ``has_{permission}_permission`` decides who may press it
    :param options: those of unfold's ``action``
    """

    def decorate(call: Callable[..., object]) -> Any:
        @wraps(call)
        def press(page: Any, request: HttpRequest, filled: Any, object_id: str) -> HttpResponse:
            names = (page.admin_site.name, page.opts.app_label, page.opts.model_name)
            to = reverse("{}:{}_{}_changelist".format(*names))
            row = page.get_object(request, unquote(object_id))
            if row is None:
                messages.warning(request, _("It is not there any more."))
                return htmx_redirect(to)
            held = getattr(filled, "cleaned_data", {}) if form else {}
            given = {name: value for name, value in held.items() if not name.startswith("_")}
            _run_and_notify(
                request, done, lambda: call(page, row, by=request.user, at=clock.now(), **given)
            )
            if not back_to_list:
                to = reverse("{}:{}_{}_change".format(*names), args=[object_id])
            return htmx_redirect(to)

        dialog: dict[str, Any] = {
            "title": title, "description": question, "form_submit_text": title,
        }  # fmt: skip
        if form:
            dialog["form_class"] = form
        return decorators.action(
            description=title, permissions=[permission], dialog=dialog, **options
        )(press)

    return decorate


def _run_and_notify(request: HttpRequest, done: StrOrPromise, call: Callable[[], object]) -> None:
    """Call, and tell the person what it came to."""
    try:
        otherwise = call()
    except TwotierError as refusal:
        messages.error(request, str(refusal))
    else:
        if otherwise:
            messages.warning(request, str(otherwise))
        else:
            messages.success(request, str(done))


def htmx_redirect(to: str) -> HttpResponse:
    # The dialog is posted by htmx, which would put the page of a plain redirect into the dialog.
    return HttpResponse(headers={"HX-Redirect": to})


class ProposalButtons:
    """On the page of a proposal: buttons while it is open, some of them not for who proposed it."""

    hidden_from_proposer: tuple[str, ...]

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        row = self.get_object(request, unquote(str(object_id)))  # type: ignore[attr-defined]
        if row is None or row.decided_at:
            return []
        mine = row.proposer_id == request.user.pk
        found = super().get_actions_detail(request, object_id)  # type: ignore[misc]
        return [
            action for action in found if not (mine and action.path in self.hidden_from_proposer)
        ]

    @column(_("status"))
    def status_label(self, row: Any) -> str:
        return str(row.get_status_display())

    @column(_("status"), label=PROPOSAL_COLOURS)
    def state(self, row: Any) -> tuple[str, str]:
        return row.status, self.status_label(row)
