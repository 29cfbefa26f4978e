"""The page of one's own sign-in: second factor, recovery codes, another phone, and its history."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import django_otp
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from backoffice import menu, office
from backoffice.menu import Link
from backoffice.office import OfficePage
from common import clock
from common.errors import TwotierError
from events.models import Reference
from members.admin.account_history import lines_of
from members.sign_in.forms import CodeForm
from members.sign_in.second_factor import (
    has_second_factor,
    recovery_codes_left,
    renew_recovery_codes,
    replace_second_factor,
    require_code,
    start_replacement,
    unconfirmed_device,
)
from members.sign_in.views import picture_of

TITLE = _("My sign-in")
REPLACING = "second_factor_replaced_until"
MINUTES = 10
"""So long a person may take to set up another phone after a code of the old one."""
FEW_CODES = 3


def show(request: HttpRequest) -> HttpResponse:
    """Show the second factor of the person who is signed in, and change it."""
    user: Any = request.user
    at = clock.now()
    context: dict[str, Any] = {}
    if request.method == "POST":
        action = request.POST.get("action", "")
        try:
            done = _act(request, user, action, at)
        except TwotierError as error:
            context = {"refused": action, "error": str(error)}
        else:
            if isinstance(done, HttpResponse):
                return done
            context = done
    return office.render(
        request, "admin/members/security.html", title=TITLE, **_state(request, user, at), **context
    )


def _act(
    request: HttpRequest, user: Any, action: str, at: datetime
) -> dict[str, Any] | HttpResponse:
    """Make the one call that a button stands for; return what to show, or where to go."""
    form = CodeForm(request.POST)
    code = form.cleaned_data["code"] if form.is_valid() else ""
    if not has_second_factor(user):
        return HttpResponseRedirect(office.url("security"))
    if action == "codes":
        return {"codes": renew_recovery_codes(user=user, code=code, at=at)}
    if action == "start":
        require_code(user=user, code=code)
        start_replacement(user=user)
        request.session[REPLACING] = (at + timedelta(minutes=MINUTES)).timestamp()
    elif action == "confirm" and _is_replacing(request, at):
        device = replace_second_factor(user=user, code=code, at=at)
        del request.session[REPLACING]
        django_otp.login(request, device)
        messages.success(request, _("The codes of this phone count now. The old one is removed."))
    elif action == "cancel":
        request.session.pop(REPLACING, None)
    return HttpResponseRedirect(office.url("security"))


def _is_replacing(request: HttpRequest, at: datetime) -> bool:
    return bool(request.session.get(REPLACING, 0) > at.timestamp())


def _state(request: HttpRequest, user: Any, at: datetime) -> dict[str, Any]:
    is_set_up = has_second_factor(user)
    left = recovery_codes_left(user) if is_set_up else 0
    replacing = is_set_up and _is_replacing(request, at)
    return {
        "is_set_up": is_set_up,
        "left": left,
        "is_short": left <= FEW_CODES,
        "replacing": picture_of(unconfirmed_device(user)) if replacing else None,
        "minutes": MINUTES,
        "waits_until": user.may_review_from if user.may_review_from > at else None,
        "lines": lines_of(Reference.to(user)),
    }


office.register(OfficePage("security", "my-sign-in", TITLE, (), show, "shield_person"))
menu.register_link("settings", Link(TITLE, "shield_person", "office:security", 80))
