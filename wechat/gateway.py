"""What Twotier asks of WeChat, and the gateway that answers it.

``settings.WECHAT_GATEWAY`` chooses: ``wechat`` calls WeChat, ``sandbox`` answers by itself for
development and tests, ``off`` is for shops without WeChat.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Protocol

from django.conf import settings


@dataclass(frozen=True, slots=True)
class WeChatUser:
    """A person as WeChat knows them in one app."""

    app_id: str
    openid: str
    unionid: str = ""
    """The same in all apps of the shop; empty if they are not bound to an open platform account."""
    avatar_url: str = ""
    """The address of their picture, if they let the shop see their profile."""


@dataclass(frozen=True, slots=True)
class JsConfig:
    """What ``wx.config`` of the JS-SDK needs."""

    app_id: str
    timestamp: int
    nonce: str
    signature: str


@dataclass(frozen=True, slots=True)
class PictureCheck:
    """A check that WeChat has begun."""

    trace_id: str
    is_fine: bool | None = None
    """``None``: WeChat tells it later, in an event ``wxa_media_check`` with this trace id."""


class Gateway(Protocol):
    """Every method may raise ``WeChatUnavailable``."""

    mini_app: str
    """The app id of the mini-program."""
    official_app: str
    """The app id of the official account; empty if there is none."""

    def mini_program_user(self, code: str) -> WeChatUser:
        """Return who has this code of ``wx.login``.

        :raises WeChatCodeInvalid: it was used or has expired
        :raises WeChatUserBlocked: WeChat sees a risk
        """

    def official_account_user(self, code: str) -> WeChatUser:
        """Return who has this code, with which WeChat returned to our page.

        :raises WeChatCodeInvalid: it was used or has expired
        """

    def authorize_url(self, *, return_to: str, state: str) -> str:
        """Return WeChat's address that returns to ours with ``code`` and ``state``."""

    def phone_number(self, code: str) -> str:
        """Return the phone number of a code of the phone button, outside China with +.

        :raises WeChatCodeInvalid: it was used or has expired
        """

    def js_config(self, url: str, *, at: datetime) -> JsConfig:
        """Return the signature of a page's address, without its fragment, for the JS-SDK."""

    def is_decent(self, text: str, *, openid: str) -> bool:
        """Return whether WeChat finds nothing objectionable in a text of a profile.

        :param openid: that of its author in the mini-program
        :raises WeChatUserAway: the author has not used the mini-program for two hours
        """

    def check_picture(self, url: str, *, openid: str) -> PictureCheck:
        """Let WeChat check the picture at a public address.

        :param openid: that of its author in the mini-program
        :raises WeChatUserAway: the author has not used the mini-program for two hours
        """

    def send_message(
        self, *, openid: str, template: str, fields: Mapping[str, str], page: str
    ) -> str:
        """Send a subscribe message of the mini-program, and return WeChat's id of it, if any.

        ``WeChatUnavailable`` means here that nobody knows whether it was sent.

        :param page: what a tap opens; empty: nothing
        :raises MessageRefused: the recipient does not want it
        :raises MessageInvalid: WeChat will never send it
        :raises MessageNotSent: it was certainly not sent
        """

    def mini_program_code(self, *, scene: str, page: str, env: str) -> bytes:
        """Return a JPEG or PNG that opens a page of the mini-program with a scene.

        :param scene: at most 32 characters; ``page``: its path, without / in front
        :param env: ``release``, ``trial`` or ``develop``
        :raises MiniCodeRefused: WeChat gives none now; 45009: too many in this minute
        """


def gateway() -> Gateway | None:
    """Return the gateway; ``None`` if the shop does not use WeChat."""
    return _gateway(settings.WECHAT_GATEWAY)


@cache
def _gateway(name: str) -> Gateway | None:
    from wechat.client import WeChatGateway  # noqa: PLC0415 - they need the values above
    from wechat.sandbox import SandboxGateway  # noqa: PLC0415

    if name == "off":
        return None
    return SandboxGateway() if name == "sandbox" else WeChatGateway.from_settings()
