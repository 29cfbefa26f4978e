# mypy: allow-subclassing-any
"""Log failed sign-ins, and lock out a name from an address after too many (django-axes)."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import structlog
from axes.handlers.database import AxesDatabaseHandler
from django.conf import settings
from django.http import HttpRequest

log = structlog.get_logger(__name__)


class LockoutHandler(AxesDatabaseHandler):
    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        log.warning(
            "sign_in_failed",
            username=str(credentials.get("username", ""))[:150],
            address=client_address(request) if request else None,
        )
        super().user_login_failed(sender, credentials, request, **kwargs)


def client_address(request: HttpRequest) -> str | None:
    """Return the address of the client.

    Behind the proxy it is the last entry of ``X-Forwarded-For``, which the proxy has added; the
    client itself may have sent the others.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.BEHIND_TLS_PROXY else ""
    for given in (forwarded.rpartition(",")[2].strip(), request.META.get("REMOTE_ADDR", "")):
        try:
            return str(ip_address(given))
        except ValueError:
            continue
    return None
