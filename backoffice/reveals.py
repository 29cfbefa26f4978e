"""Show personal data for one decision: with one reason a session, and each look on record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.base import StrOrPromise
from backoffice.fields import text_field

SESSION_KEY = "reveal_reason"
Values = Sequence[tuple[StrOrPromise, str]]


@dataclass(frozen=True)
class Reveal:
    """Masked values of a row that a person may see in full.

    :param read: gets the row, ``by``, ``at`` and the reason; records the access and returns the
        values with their labels
    :param applies: whether a row has such values
    """

    title: StrOrPromise
    permission: str
    read: Callable[..., Values]
    applies: Callable[[Any], bool]

    def is_offered(self, request: HttpRequest, row: Any) -> bool:
        return request.user.has_perm(self.permission) and self.applies(row)


class ReasonForm(forms.Form):
    """Asks for the reason for which this session sees personal data."""

    reveal_reason = text_field(
        _("reason to see it"),
        help_text=_("Asked once a session. Your name and the reason are recorded for each person."),
    )


def session_reason(request: HttpRequest) -> str:
    """Return the reason that was given in this session, if one was."""
    return str(request.session.get(SESSION_KEY, ""))


def read_reason(request: HttpRequest) -> tuple[str, ReasonForm | None]:
    """Return the reason of this session or of this POST, else the form with what is wrong."""
    if SESSION_KEY in request.session and "reveal_reason" not in request.POST:
        return session_reason(request), None
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return "", form
    request.session[SESSION_KEY] = form.cleaned_data["reveal_reason"]
    return session_reason(request), None


def values(reveal: Reveal, row: Any, *, by: Any, at: datetime, reason: str) -> list[Any]:
    """Read the values of a row for a person; the access is on record."""
    return list(reveal.read(row, by=by, at=at, reason=reason))
