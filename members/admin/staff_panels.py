"""Panels on the page of a member of staff: how safely they sign in, and what happened."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.panels import BODY, Figure, Panel, register
from backoffice.timeline import format_moment
from common import clock
from events.models import Reference
from members.admin.account_history import lines_of
from members.models import User
from members.rights import role_reference
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
    return _lines(Reference.to(user))


def _history_of_role(_request: HttpRequest, group: Group) -> dict[str, Any]:
    return _lines(role_reference(group))


def _lines(subject: Reference) -> dict[str, Any]:
    lines = lines_of(subject)
    return {"lines": lines, "empty": "" if lines else _("Nothing has happened yet.")}


register(Panel("sign_in", gettext_lazy("Sign-in and second factor"), STAFF, "", BODY, _sign_in, 10))
register(
    Panel("history", gettext_lazy("What happened to this account"), STAFF, "", BODY, _history, 900)
)
register(Panel("history", gettext_lazy("changes"), "auth.group", "", BODY, _history_of_role, 900))
