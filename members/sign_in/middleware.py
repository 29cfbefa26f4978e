"""End idle sessions, and ask for the second factor before anything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from common import clock
from members.sign_in.second_factor import has_second_factor

LAST_REQUEST = "last_request_at"
WRITE_SECONDS = 60  # so that not every request writes the session

# The pages of the admin that need no second factor.
OPEN_PAGES = {
    "second_factor", "admin:login", "admin:logout", "admin:jsi18n", "admin_password_reset",
    "password_reset_done", "password_reset_confirm", "password_reset_complete",
}  # fmt: skip


class SecondFactorMiddleware:
    """Leads staff to the second factor first, wherever in the admin they want to go."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        user: Any = request.user
        if (
            not request.path.startswith(reverse("admin:index"))
            or (request.resolver_match and request.resolver_match.view_name in OPEN_PAGES)
            or not user.is_authenticated
            or user.is_verified()
            # Where it is not required, it counts for those who have set one up.
            or not (settings.STAFF_TOTP or has_second_factor(user))
        ):
            return None
        return redirect_to_login(request.get_full_path(), reverse("second_factor"))


class IdleEndMiddleware:
    """Signs out who may release money and has sent no request for ``STAFF_IDLE_MINUTES``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        if user.is_authenticated and any(map(user.has_perm, settings.STAFF_IDLE_PERMISSIONS)):
            self._end_or_extend(request)
        return self.get_response(request)

    def _end_or_extend(self, request: HttpRequest) -> None:
        now = clock.now().timestamp()
        idle = now - request.session.get(LAST_REQUEST, 0)
        is_new = LAST_REQUEST not in request.session
        if not is_new and idle > settings.STAFF_IDLE_MINUTES * 60:
            logout(request)
            messages.warning(
                request,
                _("You were signed out after %(minutes)s minutes without activity.")
                % {"minutes": settings.STAFF_IDLE_MINUTES},
            )
        elif is_new or idle > WRITE_SECONDS:
            request.session[LAST_REQUEST] = now
