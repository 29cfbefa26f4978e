"""Panels on the page of a member of staff: how safely they sign in, and what happened."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.panels import BODY, Figure, Panel, register
from backoffice.timeline import format_moment
from common import clock
from members.admin.account_history import lines_of
from members.models import User
from members.sign_in.second_factor import has_second_factor, recovery_codes_left

STAFF = "members.user"


def _sign_in(_request: HttpRequest, user: User) -> dict[str, Any]:
    is_set_up = has_second_factor(user)
    waits = user.may_review_from > clock.now()
    last = format_moment(user.last_login) if user.last_login else _("never")
    figures = [
        Figure(_("second factor"), _("set up") if is_set_up else _("not set up")),
        Figure(_("last sign-in"), last),
        Figure(_("reviews"), format_moment(user.may_review_from) if waits else _("at once"),
               _("until then they review and sign nothing") if waits else ""),
    ]  # fmt: skip
    if is_set_up:
        figures.insert(1, Figure(_("recovery codes"), str(recovery_codes_left(user))))
    return {"figures": figures}


def _history(_request: HttpRequest, user: User) -> dict[str, Any]:
    lines = lines_of(user)
    return {"lines": lines, "empty": "" if lines else _("Nothing has happened yet.")}


register(Panel("sign_in", gettext_lazy("sign-in"), STAFF, "", BODY, _sign_in, 10))
register(
    Panel("history", gettext_lazy("What happened to this account"), STAFF, "", BODY, _history, 900)
)
