"""What WeChat refuses, and that it does not answer."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError


class WeChatCodeInvalid(TwotierError):
    code = "wechat_code_invalid"
    message = _("WeChat does not accept this code: it was used or has expired. Get a new one.")
    status = 400


class WeChatUserBlocked(TwotierError):
    code = "wechat_user_blocked"
    message = _("WeChat has blocked this user because of a risk.")
    status = 403


class WeChatUserAway(TwotierError):
    code = "wechat_user_away"
    message = _("WeChat checks only what is by people who used the mini-program within two hours.")


class MessageRefused(Exception):
    """The recipient does not want messages of this template, or gave no consent."""


class MessageInvalid(Exception):
    """WeChat will never send this message; the argument is its code."""


class MessageNotSent(Exception):
    """WeChat has certainly not sent the message; it may be tried again later."""


class MiniCodeRefused(Exception):
    """WeChat gives no code of the mini-program now; ``reason`` is its code, or what was wrong."""

    code = "mini_code_refused"

    def __init__(self, reason: object) -> None:
        super().__init__(str(reason))
        self.reason = str(reason)


class WeChatUnavailable(TwotierError):
    """WeChat does not answer, limits us or refuses our credentials; the log has its code."""

    code = "wechat_unavailable"
    message = _("WeChat does not answer. Repeat this in a moment, with a new code.")
    status = 503
    retry_after = 5
