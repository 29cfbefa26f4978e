# mypy: allow-subclassing-any
"""Buttons of admin pages: each opens a dialog, and its POST makes one service call."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold import decorators
from unfold.forms import BaseDialogForm

from backoffice.base import StrOrPromise, label_column, status_column
from backoffice.fields import text_field
from common import clock
from common.errors import TwotierError

PROPOSAL_COLOURS = {
    "proposed": "warning", "agreed": "success", "posted": "success", "refused": "danger",
}  # fmt: skip

OWN_PROPOSAL = _("You proposed this, so a colleague decides.")


class DialogForm(BaseDialogForm):
    """Stays open with what was typed when the service refuses, and says why."""


class ReasonForm(DialogForm):
    reason = text_field(_("reason"))


def action_button(
    title: StrOrPromise,
    *,
    question: StrOrPromise,
    done: StrOrPromise,
    permission: str = "decide",
    form: type[BaseDialogForm] | None = None,
    back_to_list: bool = False,
    **options: Any,
) -> Callable[[Callable[..., object]], Any]:
    """Make a method a button of a row's page. It gets the row, by, at and the form's values.

    A text that it returns is shown as a warning instead of ``done``. A refusal stays in the dialog
    with what was typed; without a form it becomes an error message on the page.

    :param question: the text of the dialog
    :param permission: the page's ``has_{permission}_permission`` decides who gets the button
    :param options: those of unfold's ``action``
    """

    def decorate(call: Callable[..., object]) -> Any:
        @wraps(call)
        def press(page: Any, request: HttpRequest, filled: Any, object_id: str) -> HttpResponse:
            row = page.get_object(request, unquote(object_id))
            if row is None:
                messages.warning(request, _("This no longer exists."))
                return htmx_redirect(page.url("changelist"))
            values = getattr(filled, "cleaned_data", {}) if form else {}
            values = {name: value for name, value in values.items() if not name.startswith("_")}

            def run() -> object:
                return call(page, row, by=request.user, at=clock.now(), **values)

            if not isinstance(filled, DialogForm):
                run_and_notify(request, done, run)
            elif not _run_in_dialog(request, done, filled, run):
                return _same_dialog(request, dialog, filled)
            row_page = _page_of(request) or page.url("change", object_id)
            return htmx_redirect(page.url("changelist") if back_to_list else row_page)

        dialog = _dialog(title, question, form, options.get("variant"))
        return decorators.action(
            description=title, permissions=[permission], dialog=dialog, **options
        )(press)

    return decorate


def _dialog(
    title: StrOrPromise, question: StrOrPromise, form: type[BaseDialogForm] | None, variant: Any
) -> dict[str, Any]:
    """Return a dialog as unfold describes it."""
    dialog = {"title": title, "description": question, "form_submit_text": title}
    extras = {"form_class": form, "variant": variant.value if variant else None}
    return {**dialog, **{name: value for name, value in extras.items() if value}}


def run_and_notify(request: HttpRequest, done: StrOrPromise, call: Callable[[], object]) -> bool:
    """Call, show the result as a message, and return whether the call succeeded."""
    try:
        warning = call()
    except TwotierError as error:
        messages.error(request, str(error))
        return False
    notify(request, done, warning)
    return True


def notify(request: HttpRequest, done: StrOrPromise, warning: object) -> None:
    """Show the text that a call returned as a warning, or that it is done."""
    if warning:
        messages.warning(request, str(warning))
    else:
        messages.success(request, str(done))


def _run_in_dialog(
    request: HttpRequest, done: StrOrPromise, form: DialogForm, call: Callable[[], object]
) -> bool:
    """Call, show the result as a message or a refusal in the form; return whether it succeeded."""
    try:
        warning = call()
    except TwotierError as error:
        form.add_error(None, str(error))
        return False
    notify(request, done, warning)
    return True


def _same_dialog(request: HttpRequest, dialog: dict[str, Any], form: DialogForm) -> HttpResponse:
    """Return the dialog with the errors of its form; htmx puts it in place of the first."""
    context = {"dialog": dialog, "form": form, "form_submit_text": dialog["form_submit_text"]}
    return render(request, "unfold/helpers/dialog.html", context)


def _page_of(request: HttpRequest) -> str:
    """Return the row's page on which the dialog was opened, if it is one of the admin.

    A panel has the buttons of other rows: the person stays on the page of theirs.
    """
    page = urlsplit(request.headers.get("HX-Current-URL", ""))
    is_ours = page.netloc == request.get_host() and page.path.startswith(reverse("admin:index"))
    return page.path if is_ours and page.path.endswith("/change/") else ""


def htmx_redirect(to: str) -> HttpResponse:
    # htmx posts the dialog; the page of a plain redirect would end up inside it.
    return HttpResponse(headers={"HX-Redirect": to})


class ProposalButtons:
    """Shows buttons while a proposal is open; hides some from its proposer, and says so."""

    hidden_from_proposer: tuple[str, ...]
    change_form_before_template: Any = "admin/backoffice/links.html"
    get_object: Any
    status_text = label_column(_("status"), "status")
    status_badge = status_column(PROPOSAL_COLOURS)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, unquote(str(object_id)))
        is_own = row and self.is_open(row) and row.proposer_id == request.user.pk
        context = {**(extra_context or {}), "notices": [OWN_PROPOSAL] if is_own else []}
        page: Any = super()
        response: HttpResponse = page.change_view(request, object_id, form_url, context)
        return response

    def is_open(self, row: Any) -> bool:
        return row.decided_at is None

    def hidden_buttons(self, row: Any, by: Any) -> Collection[str]:
        return self.hidden_from_proposer if row.proposer_id == by.pk else ()
