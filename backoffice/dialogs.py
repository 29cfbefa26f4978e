# mypy: allow-subclassing-any
"""Buttons of admin pages: each opens a dialog, and its POST makes one service call."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
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


class ReasonForm(BaseDialogForm):
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

    A text that it returns is shown as a warning instead of ``done``; a refusal becomes an error
    message on the page.

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
            run_and_notify(
                request, done, lambda: call(page, row, by=request.user, at=clock.now(), **values)
            )
            if back_to_list:
                return htmx_redirect(page.url("changelist"))
            return htmx_redirect(page.url("change", object_id))

        dialog: dict[str, Any] = {
            "title": title, "description": question, "form_submit_text": title,
        }  # fmt: skip
        if form:
            dialog["form_class"] = form
        if variant := options.get("variant"):
            dialog["variant"] = variant.value
        return decorators.action(
            description=title, permissions=[permission], dialog=dialog, **options
        )(press)

    return decorate


def run_and_notify(request: HttpRequest, done: StrOrPromise, call: Callable[[], object]) -> bool:
    """Call, show the result as a message, and return whether the call succeeded."""
    try:
        warning = call()
    except TwotierError as error:
        messages.error(request, str(error))
        return False
    if warning:
        messages.warning(request, str(warning))
    else:
        messages.success(request, str(done))
    return True


def htmx_redirect(to: str) -> HttpResponse:
    # htmx posts the dialog; the page of a plain redirect would end up inside it.
    return HttpResponse(headers={"HX-Redirect": to})


class ProposalButtons:
    """Shows buttons while a proposal is open, some of them hidden from its proposer."""

    hidden_from_proposer: tuple[str, ...]
    status_text = label_column(_("status"), "status")
    status_badge = status_column(PROPOSAL_COLOURS)

    def is_open(self, row: Any) -> bool:
        return row.decided_at is None

    def hidden_buttons(self, row: Any, by: Any) -> Collection[str]:
        return self.hidden_from_proposer if row.proposer_id == by.pk else ()
