"""Sign members in with WeChat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from api.errors import FeatureOff
from common.errors import TwotierError
from members.models import Identity, Member
from members.profiles import save_phone
from members.services import join_person
from members.sessions.services import open_session
from members.sessions.tokens import Tokens
from members.wechat_avatars import note_wechat_avatar
from wechat.gateway import Gateway, WeChatUser, gateway

Provider = Identity.Provider


class UnknownApp(TwotierError):
    code = "unknown_app"
    message = _("The shop has no app with this app id.")
    status = 400


@dataclass(frozen=True, slots=True)
class Visit:
    """How the person came: stored with the session, for the room that counts visits."""

    share: str = ""
    anonymous_id: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    member: Member
    tokens: Tokens
    is_new: bool


def wechat() -> Gateway:
    """Return the gateway to WeChat.

    :raises FeatureOff: the shop does not use WeChat
    """
    if (found := gateway()) is None:
        raise FeatureOff
    return found


def official_account() -> Gateway:
    """Return the gateway to WeChat of a shop that has an official account.

    :raises FeatureOff: the shop has none
    """
    found = wechat()
    if not found.official_app:
        raise FeatureOff
    return found


def sign_in_by_mini_program(
    *, code: str, phone_code: str = "", app_id: str = "", visit: Visit, at: datetime
) -> SignedIn:
    """Sign in who has this code of ``wx.login``; create the member at first sight.

    :param phone_code: a code of the phone button, whose number is saved
    :raises FeatureOff: the shop does not use WeChat
    :raises UnknownApp: ``app_id`` is not that of the mini-program
    :raises WeChatCodeInvalid: WeChat does not accept a code
    :raises WeChatUserBlocked: WeChat sees a risk
    :raises WeChatUnavailable: WeChat does not answer
    :raises AccountLocked: the staff has locked the member out
    """
    gateway = wechat()
    if app_id and app_id != gateway.mini_app:
        raise UnknownApp
    # Ask WeChat first: no transaction waits for it.
    user = gateway.mini_program_user(code)
    phone = gateway.phone_number(phone_code) if phone_code else ""
    return _sign_in(Provider.WECHAT_MINI, user, phone=phone, visit=visit, at=at)


def sign_in_by_official_account(*, code: str, visit: Visit, at: datetime) -> SignedIn:
    """Sign in who has this code of a page in WeChat; create the member at first sight.

    :raises FeatureOff: the shop has no official account
    :raises WeChatCodeInvalid: WeChat does not accept the code
    :raises WeChatUnavailable: WeChat does not answer
    :raises AccountLocked: the staff has locked the member out
    """
    user = official_account().official_account_user(code)
    return _sign_in(Provider.WECHAT_OFFICIAL, user, phone="", visit=visit, at=at)


def add_phone(*, member: Member, code: str, at: datetime) -> Member:
    """Save the phone number of a code of the phone button.

    :raises FeatureOff: the shop does not use WeChat
    :raises WeChatCodeInvalid: WeChat does not accept the code
    :raises WeChatUnavailable: WeChat does not answer
    """
    return save_phone(member=member, number=wechat().phone_number(code), at=at)


def _sign_in(
    provider: Identity.Provider, user: WeChatUser, *, phone: str, visit: Visit, at: datetime
) -> SignedIn:
    identities = {provider: user.openid}
    if user.unionid:
        identities[Provider.WECHAT_UNION] = user.unionid
    member, is_new = join_person(identities, at=at)
    _session, tokens = open_session(
        member=member, at=at, app_id=user.app_id, device=visit.device, share=visit.share,
        anonymous_id=visit.anonymous_id,
    )  # fmt: skip
    note_wechat_avatar(member=member, url=user.avatar_url, at=at)
    if phone:
        member = save_phone(member=member, number=phone, at=at)
    return SignedIn(member, tokens, is_new)
