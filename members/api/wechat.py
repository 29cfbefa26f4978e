"""Sign in with WeChat, and sign pages for its JS-SDK."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urldefrag

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import StrictSerializer, Text
from api.throttling import CallerThrottle, ExpensiveCalls
from api.views import PublicEndpoint
from common import clock
from common.errors import TwotierError
from members.api.profile import Profile
from members.api.transport import PATH, CookieChoice, NewTokens, answer_with
from members.sessions.wechat import (
    SignedIn,
    Visit,
    official_account,
    sign_in_by_mini_program,
    sign_in_by_official_account,
)

STATE_COOKIE = "twotier_wechat_state"
STATE_LIFETIME = timedelta(minutes=10)
SALT = "members.wechat.state"


class AddressNotAllowed(TwotierError):
    code = "address_not_allowed"
    message = _("This is not an address of our pages. The shop lists its hosts in H5_HOSTS.")
    status = 400


class WeChatStateInvalid(TwotierError):
    code = "wechat_state_invalid"
    message = _("This sign-in was begun in another browser or too long ago. Begin again.")
    status = 400


class VisitFields(CookieChoice):
    share = Text(required=False, max_length=64, help_text="The code of the share that was opened.")
    anonymous_id = Text(required=False, max_length=64, help_text="Of the visits before.")
    device = Text(required=False, max_length=120, help_text="How the device calls itself.")


class LoginBody(VisitFields):
    code = Text(max_length=128, help_text="Of wx.login; valid once.")
    phone_code = Text(required=False, max_length=128, help_text="Of the phone button.")
    app_id = Text(required=False, max_length=64)


class OAuthBody(VisitFields):
    code = Text(max_length=128)
    state = Text(max_length=128)


class AddressQuery(StrictSerializer):
    return_to = Text(max_length=2000, help_text="An address of our pages, or a path of this host.")


class PageQuery(StrictSerializer):
    url = Text(max_length=2000, help_text="The page's whole address; its fragment is cut off.")


class LoggedIn(NewTokens):
    member = Profile()
    is_new = serializers.BooleanField(help_text="The member was created now.")


class LoggedInPage(LoggedIn):
    return_to = serializers.CharField()


class AuthorizeAnswer(serializers.Serializer):
    url = serializers.CharField(help_text="Open it; WeChat returns with code and state.")
    state = serializers.CharField()


class JsConfigAnswer(serializers.Serializer):
    app_id = serializers.CharField()
    timestamp = serializers.IntegerField()
    nonce = serializers.CharField()
    signature = serializers.CharField()


class AsksWeChat(PublicEndpoint):
    """A call for which WeChat is asked; many people may share an address."""

    throttle_classes = [CallerThrottle, ExpensiveCalls]
    throttle_scope = "wechat"
    calls_a_minute = 600


class Login(AsksWeChat):
    """Sign in from the mini-program."""

    @extend_schema(
        operation_id="auth_wechat_login",
        summary="Sign in with the mini-program",
        description=(
            "Creates the member at first sight. WeChat accepts a code once: after a lost answer"
            " call wx.login again. No passwords and no SMS."
        ),
        request=LoginBody,
        responses=LoggedIn,
    )
    def post(self, request: Request) -> Response:
        body = self.validated(LoginBody, request.data)
        signed_in = sign_in_by_mini_program(
            code=body["code"], phone_code=body.get("phone_code", ""),
            app_id=body.get("app_id", ""), visit=visit_of(body), at=clock.now(),
        )  # fmt: skip
        return answer_signed_in(signed_in, cookie=body["cookie"])


class Authorize(PublicEndpoint):
    """Where a page in WeChat goes to sign in."""

    @extend_schema(
        operation_id="auth_wechat_authorize",
        summary="Begin to sign in on an H5 page in WeChat",
        description="Sets a cookie of 10 minutes, without which the state is not accepted.",
        parameters=[AddressQuery],
        responses=AuthorizeAnswer,
    )
    def get(self, request: Request) -> Response:
        gateway = official_account()
        address = self.validated(AddressQuery, request.query_params.dict())["return_to"]
        address = own_address(request, address)
        state = secrets.token_hex(16)  # WeChat takes letters and digits only
        response = Response(
            {"url": gateway.authorize_url(return_to=address, state=state), "state": state}
        )
        response.set_cookie(
            STATE_COOKIE, signing.dumps({"state": state, "return_to": address}, salt=SALT),
            max_age=int(STATE_LIFETIME.total_seconds()), path=PATH,
            secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax",
        )  # fmt: skip
        return response


class OAuth(AsksWeChat):
    """Sign in from an H5 page in WeChat."""

    @extend_schema(
        operation_id="auth_wechat_oauth",
        summary="Sign in on an H5 page in WeChat",
        request=OAuthBody,
        responses=LoggedInPage,
    )
    def post(self, request: Request) -> Response:
        body = self.validated(OAuthBody, request.data)
        return_to = _check_state(request.COOKIES, body["state"])
        signed_in = sign_in_by_official_account(
            code=body["code"], visit=visit_of(body), at=clock.now()
        )
        response = answer_signed_in(signed_in, cookie=body["cookie"], return_to=return_to)
        response.delete_cookie(STATE_COOKIE, path=PATH, samesite="Lax")
        return response


class PageSignature(PublicEndpoint):
    """Signatures for the JS-SDK: share cards, scanning, collecting a payout."""

    @extend_schema(
        operation_id="wechat_js_config",
        summary="Sign a page for WeChat's JS-SDK",
        parameters=[PageQuery],
        responses=JsConfigAnswer,
    )
    def get(self, request: Request) -> Response:
        gateway = official_account()
        url = self.validated(PageQuery, request.query_params.dict())["url"]
        if not url.startswith(("https://", "http://")):
            raise AddressNotAllowed
        config = gateway.js_config(urldefrag(own_address(request, url)).url, at=clock.now())
        return Response(JsConfigAnswer(config).data)


def answer_signed_in(signed_in: SignedIn, *, cookie: bool, **more: Any) -> Response:
    """Return the tokens and the profile of a member who has signed in."""
    return answer_with(
        signed_in.tokens, cookie=cookie, member=Profile(signed_in.member).data,
        is_new=signed_in.is_new, **more,
    )  # fmt: skip


def own_address(request: Request, address: str) -> str:
    """Return an address of our pages in full.

    :raises AddressNotAllowed: it is on another host
    """
    hosts = {request.get_host(), *settings.H5_HOSTS}
    if not url_has_allowed_host_and_scheme(address, hosts, require_https=request.is_secure()):
        raise AddressNotAllowed
    return str(request.build_absolute_uri(address))


def visit_of(body: Mapping[str, Any]) -> Visit:
    """Return how the person came, from the valid fields of ``VisitFields``."""
    return Visit(**{name: body.get(name, "") for name in ("share", "anonymous_id", "device")})


def _check_state(cookies: Mapping[str, str], state: str) -> str:
    """Return the address to which the sign-in returns."""
    try:
        begun = signing.loads(cookies.get(STATE_COOKIE, ""), salt=SALT, max_age=STATE_LIFETIME)
    except signing.BadSignature:
        raise WeChatStateInvalid from None
    if not constant_time_compare(begun["state"], state):
        raise WeChatStateInvalid
    return str(begun["return_to"])
