"""How a refresh token travels: in the body, or in a cookie that scripts cannot read.

A client chooses with ``cookie`` in each body. The cookie is used only for requests of our own
pages: browsers send it by themselves, and it must not serve another site.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import NotSignedIn
from api.serializers import StrictSerializer, Text
from common.errors import TwotierError
from members.sessions.services import LIFETIME
from members.sessions.tokens import Tokens

COOKIE = "twotier_refresh"
PATH = "/api/v1/auth"
MAX_TOKEN_LENGTH = 200


class CrossOrigin(TwotierError):
    code = "cross_origin"
    message = _("The cookie is accepted from our own pages only. Send the token in the body.")
    status = 403


class CookieChoice(StrictSerializer):
    cookie = serializers.BooleanField(
        required=False, default=False, help_text="Keep the refresh token in a cookie, for H5."
    )


class RefreshBody(CookieChoice):
    """Either the token or ``cookie``."""

    refresh = Text(required=False, max_length=MAX_TOKEN_LENGTH)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs.get("refresh")) == attrs["cookie"]:
            raise ValidationError(
                {"refresh": _("Send the refresh token, or cookie: true; not both.")}, "invalid"
            )
        return attrs


class NewTokens(serializers.Serializer):
    access = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds until the access token expires.")
    refresh = serializers.CharField(required=False, help_text="Absent if it is in the cookie.")


def require_own_page(request: Request) -> None:
    """Check that a page of this origin sent a request.

    Browsers send ``Sec-Fetch-Site``, and older ones ``Origin`` with every POST.

    :raises CrossOrigin: another site did, or it is not known
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is None:
        own = f"{request.scheme}://{request.get_host()}"
        site = "same-origin" if request.headers.get("Origin") == own else "cross-site"
    if site != "same-origin":
        raise CrossOrigin


def given_token(request: Request, body: dict[str, Any]) -> str:
    """Return the refresh token of a request.

    :raises CrossOrigin: it is in the cookie, and another site sent the request
    :raises NotSignedIn: there is no cookie
    """
    if not body["cookie"]:
        return str(body["refresh"])
    require_own_page(request)
    token = request.COOKIES.get(COOKIE)
    if not token:
        raise NotSignedIn
    return str(token)


def answer_with(tokens: Tokens, *, cookie: bool, **more: Any) -> Response:
    """Return tokens to the client, the refresh token as the client chose."""
    body = {"access": tokens.access, "expires_in": tokens.expires_in, **more}
    if not cookie:
        return Response({**body, "refresh": tokens.refresh})
    response = Response(body)
    response.set_cookie(
        COOKIE, tokens.refresh, max_age=int(LIFETIME.total_seconds()), path=PATH,
        secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Strict",
    )  # fmt: skip
    return response


def without_cookie(response: Response) -> Response:
    """Delete the cookie of the client."""
    response.delete_cookie(COOKIE, path=PATH, samesite="Strict")
    return response
