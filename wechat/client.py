"""Ask WeChat, over wechatpy.

``wechatpy`` builds the requests and reads the answers. It has no timeout for tokens, fetches a
token for logins that need none, repeats calls without end when a new token is refused, too, and
its errors carry the request with our secret: this module sets timeouts, sends what each call
needs, repeats once, and raises errors of its own.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Self, TypeVar

import redis
import requests
import structlog
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError
from wechatpy import WeChatClient
from wechatpy.client.api import WeChatJSAPI
from wechatpy.exceptions import WeChatException
from wechatpy.oauth import WeChatOAuth
from wechatpy.session.redisstorage import RedisStorage

from common.errors import TwotierError
from wechat.errors import (
    MessageInvalid,
    MessageNotSent,
    MessageRefused,
    MiniCodeRefused,
    WeChatCodeInvalid,
    WeChatUnavailable,
    WeChatUserAway,
    WeChatUserBlocked,
)
from wechat.gateway import JsConfig, PictureCheck, WeChatUser

log = structlog.get_logger(__name__)
T = TypeVar("T")

TIMEOUT = (3, 5)  # seconds to connect and to wait for data
PROFILE_SCOPE = "snsapi_userinfo"
CODE_INVALID = {40029, 40163, 41008, 42003}
USER_BLOCKED = 40226
USER_AWAY = 61010
PROFILE_SCENE, PICTURE, CHECK_VERSION = 1, 2, 2  # of the content check
TOKEN_EXPIRED = {40001, 40014, 42001}
MESSAGE_REFUSED = 43101
MESSAGE_INVALID = {40003, 40037, 41030, 43108, 47003}  # openid, template, page, type, fields
MESSAGE_LIMITED = {45009, 45011}
CODE_WIDTH = 430  # pixels
CHINA = "86"
TOKEN_MARGIN = 300  # seconds


class TimeLimit(HTTPAdapter):
    """Limits the time of every request, also of those that ask for no limit."""

    def send(self, *arguments: Any, **options: Any) -> requests.Response:
        return super().send(*arguments, **{**options, "timeout": TIMEOUT})


class Client(WeChatClient):  # type: ignore[misc] # the library carries no types
    """The library's client with the stable token, which does not end the token of others."""

    def __init__(self, app_id: str, secret: str, *, base_url: str, store: Any) -> None:
        storage = RedisStorage(store, prefix="wechat")
        super().__init__(app_id, secret, session=storage, auto_retry=False)
        self.base_url = base_url
        self.API_BASE_URL = f"{base_url}/cgi-bin/"
        self._http.mount(base_url, TimeLimit())

    @property
    def access_token(self) -> str:
        return self.session.get(self.access_token_key) or self.fetch_access_token()

    def fetch_access_token(self) -> str:
        answer = self._http.post(
            f"{self.API_BASE_URL}stable_token",
            json={
                "grant_type": "client_credential", "appid": self.appid, "secret": self.secret,
            },
        ).json()  # fmt: skip
        if "access_token" not in answer:
            raise WeChatException(answer.get("errcode"), "")
        token = str(answer["access_token"])
        lifetime = max(60, int(answer["expires_in"]) - TOKEN_MARGIN)
        self.session.set(self.access_token_key, token, lifetime)
        return token

    def with_token(self, call: Callable[[], T]) -> T:
        """Make a call that needs the token, again with a new one if WeChat refuses the stored."""
        try:
            return call()
        except WeChatException as refusal:
            if refusal.errcode not in TOKEN_EXPIRED:
                raise
        self.session.delete(self.access_token_key)
        return call()


class WeChatGateway:
    """WeChat's own servers."""

    def __init__(
        self, *, mini: tuple[str, str], official: tuple[str, str], base_url: str, store: Any
    ) -> None:
        (self.mini_app, _), (self.official_app, _) = mini, official
        self._mini = Client(*mini, base_url=base_url, store=store)
        self._official = Client(*official, base_url=base_url, store=store)

    @classmethod
    def from_settings(cls) -> Self:
        url = settings.REDIS_URL or settings.SERVER_PAIR.redis_url
        return cls(
            mini=(settings.WECHAT_MINI_APP, settings.WECHAT_MINI_SECRET),
            official=(settings.WECHAT_OFFICIAL_APP, settings.WECHAT_OFFICIAL_SECRET),
            base_url=settings.WECHAT_URL.rstrip("/"),
            store=redis.Redis.from_url(url),
        )

    def mini_program_user(self, code: str) -> WeChatUser:
        return self._login(
            self._mini, "sns/jscode2session", js_code=code, grant_type="authorization_code"
        )

    def official_account_user(self, code: str) -> WeChatUser:
        return self._login(
            self._official, "sns/oauth2/access_token", code=code, grant_type="authorization_code"
        )

    def _avatar_url(self, answer: Mapping[str, Any]) -> str:
        """Return the address of the picture of who has just signed in, if they let us see it."""
        if PROFILE_SCOPE not in str(answer.get("scope", "")).split(","):
            return ""
        try:
            profile = self._official._http.get(
                f"{self._official.base_url}/sns/userinfo",
                params={"access_token": answer["access_token"], "openid": answer["openid"]},
            ).json()
            return str(profile.get("headimgurl") or "")
        except (requests.RequestException, AttributeError, ValueError) as failure:
            # They are signed in without it.
            log.warning("wechat_profile_not_read", error=type(failure).__name__)
            return ""

    def authorize_url(self, *, return_to: str, state: str) -> str:
        scope = PROFILE_SCOPE if settings.WECHAT_OAUTH_PROFILE else "snsapi_base"
        oauth = WeChatOAuth(self.official_app, "", return_to, scope, state)
        return str(oauth.authorize_url)

    def phone_number(self, code: str) -> str:
        url = f"{self._mini.base_url}/wxa/business/getuserphonenumber"

        def call() -> tuple[str, str]:
            phone = self._mini.post(url, data={"code": code})["phone_info"]
            return str(phone["purePhoneNumber"]), str(phone["countryCode"])

        number, country = _ask(partial(self._mini.with_token, call))
        return number if country == CHINA else f"+{country}{number}"

    def is_decent(self, text: str, *, openid: str) -> bool:
        return passed(self._check("msg_sec_check", "result", content=text, openid=openid))

    def check_picture(self, url: str, *, openid: str) -> PictureCheck:
        trace_id = self._check(
            "media_check_async", "trace_id", media_url=url, media_type=PICTURE, openid=openid
        )
        return PictureCheck(str(trace_id))

    def _check(self, name: str, answer: str, /, **fields: Any) -> Any:
        url = f"{self._mini.base_url}/wxa/{name}"
        body = {**fields, "version": CHECK_VERSION, "scene": PROFILE_SCENE}

        def call() -> Any:
            return self._mini.post(url, data=body)[answer]

        return _ask(partial(self._mini.with_token, call))

    def send_message(
        self, *, openid: str, template: str, fields: Mapping[str, str], page: str
    ) -> str:
        body = {
            "touser": openid, "template_id": template,
            "data": {name: {"value": value} for name, value in fields.items()},
        } | ({"page": page} if page else {})  # fmt: skip
        # Nothing is sent without a token, whatever fails.
        _ask(lambda: self._mini.access_token, lambda _error: MessageNotSent())

        def call() -> str:
            answer = self._mini.post("message/subscribe/send", data=body)
            if answer["errcode"] != 0:
                raise ValueError
            return str(answer.get("msgid") or "")

        return _ask(partial(self._mini.with_token, call), _error_of_message)

    def mini_program_code(self, *, scene: str, page: str, env: str) -> bytes:
        url = f"{self._mini.base_url}/wxa/getwxacodeunlimit"
        body = {
            "scene": scene, "page": page, "env_version": env, "width": CODE_WIDTH,
            "check_path": env == "release",
        }  # fmt: skip

        def call() -> bytes:
            answer = self._mini.post(url, data=body)
            # The library returns the response itself if it is no JSON, but a picture.
            if not isinstance(answer, requests.Response) or not answer.content:
                raise ValueError
            return bytes(answer.content)

        return _ask(partial(self._mini.with_token, call), _error_of_code)

    def js_config(self, url: str, *, at: datetime) -> JsConfig:
        get_ticket = self._official.jsapi.get_jsapi_ticket
        ticket = _ask(partial(self._official.with_token, get_ticket))
        return sign_page(self.official_app, ticket, url, at)

    def _login(self, client: Client, path: str, **parameters: str) -> WeChatUser:
        # The library's own calls for this fetch an access token first, or have no timeout.
        oauth = WeChatOAuth(client.appid, client.secret, "")
        oauth._http = client._http
        parameters |= {"appid": client.appid, "secret": client.secret}

        def call() -> WeChatUser:
            answer = oauth._get(f"{client.base_url}/{path}", params=parameters)
            return WeChatUser(
                client.appid, str(answer["openid"]), str(answer.get("unionid", "")),
                avatar_url=self._avatar_url(answer),
            )  # fmt: skip

        return _ask(call)


def passed(result: Any) -> bool:
    """Return whether a content check suggests to accept, not to review or to refuse."""
    return isinstance(result, Mapping) and result.get("suggest") == "pass"


def sign_page(app_id: str, ticket: str, url: str, at: datetime) -> JsConfig:
    """Sign the address of a page with the ticket of the JS-SDK."""
    nonce, timestamp = secrets.token_hex(8), int(at.timestamp())
    signature = WeChatJSAPI().get_jsapi_signature(nonce, ticket, timestamp, url)
    return JsConfig(app_id, timestamp, nonce, str(signature))


def _ask(call: Callable[[], T], error_of: Callable[[Exception], Exception] | None = None) -> T:
    """Make a call, and raise our errors for WeChat's.

    Ours are raised outside the handlers: the library's exceptions carry the request with our
    secret, and must not be the context of an error that a log shows.
    """
    error: Exception
    try:
        return call()
    except (
        WeChatException, requests.RequestException, redis.RedisError, LookupError, TypeError,
        ValueError,
    ) as e:  # fmt: skip
        error = (error_of or _error_of)(e)
    raise error


def _error_of(error: Exception) -> TwotierError:
    if not isinstance(error, WeChatException):
        log.warning("wechat_unavailable", error=type(error).__name__)
        return WeChatUnavailable()
    code = error.errcode
    if code in CODE_INVALID:
        return WeChatCodeInvalid()
    if code == USER_BLOCKED:
        return WeChatUserBlocked()
    if code == USER_AWAY:
        return WeChatUserAway()
    log.warning("wechat_unavailable", errcode=code)
    return WeChatUnavailable()


def _error_of_message(error: Exception) -> Exception:
    """Return whether the message was refused, certainly not sent, or perhaps sent."""
    code = error.errcode if isinstance(error, WeChatException) else None
    if code == MESSAGE_REFUSED:
        return MessageRefused()
    if code in MESSAGE_INVALID:
        return MessageInvalid(code)
    if code in MESSAGE_LIMITED | TOKEN_EXPIRED or _never_connected(error):
        return MessageNotSent()
    return _error_of(error)


def _error_of_code(error: Exception) -> Exception:
    if isinstance(error, WeChatException) and error.errcode is not None:
        return MiniCodeRefused(error.errcode)
    return _error_of(error)


def _never_connected(error: Exception) -> bool:
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if isinstance(error, requests.ConnectionError) and error.args else None
    return isinstance(getattr(cause, "reason", None), NewConnectionError)
