"""Follow what WeChat reports: withdrawn consent, cancelled accounts, and results of checks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common import encryption
from common.locks import advisory_lock
from events.services import record
from members.accounts import lock
from members.avatars import delete_avatar, settle_check
from members.closing import CloseBlocked, close_member
from members.events import MEMBERS_CONSENT_REVOKED
from members.models import Identity, Member, Upload, WeChatMessage
from members.profiles import delete_fields
from members.uploads import remove_uploads
from wechat.client import passed
from wechat.gateway import Gateway
from wechat.messages import WeChatEvent

# WeChat's numbers in RevokeInfo; everything else we do not store. Below 200 those of mini-programs:
# https://developers.weixin.qq.com/miniprogram/dev/server/event_push/platform/authorized_user_information_changes
# from 201 those of official accounts:
# https://developers.weixin.qq.com/doc/service/guide/h5/authorization_change.html
REVOCABLE = {
    "6": ("nickname", "avatar"),
    "205": ("nickname", "avatar"),
    "19": ("nickname",),  # the nickname chosen in the keyboard
    "20": ("avatar",),  # the avatar chosen in the component
    "8": ("phone_encrypted", "phone_fingerprint"),
    "14": ("avatar", "uploads"),  # chosen pictures
    "207": ("avatar", "uploads"),
}
ALL_FIELDS = tuple(sorted({name for names in REVOCABLE.values() for name in names}))


@transaction.atomic
def handle_event(*, event: WeChatEvent, gateway: Gateway, at: datetime) -> bool:
    """Store a message of WeChat and do what it demands; return False for a repetition."""
    advisory_lock(f"wechat:{event.key}")
    if WeChatMessage.objects.filter(key=event.key).exists():
        return False
    member = _member_of(event, gateway)
    WeChatMessage.objects.create(
        key=event.key, event=event.name[:80], member=member, received_at=at,
        content_encrypted=encryption.encrypt(json.dumps(event.content)),
    )  # fmt: skip
    if event.name == "wxa_media_check" and event.app_id == gateway.mini_app:
        _settle_check(event.content, at)
    elif member and not member.closed_at:
        if event.name == "user_authorization_revoke":
            _revoke_consent(member, str(event.content.get("RevokeInfo") or ""), at)
        elif event.name == "user_authorization_cancellation":
            _end_account(member, at)
    return True


def _settle_check(content: Mapping[str, Any], at: datetime) -> None:
    """Take in the result of a check; after a failure WeChat is asked again."""
    result, is_failure = content.get("result"), str(content.get("errcode") or "0") != "0"
    if isinstance(result, Mapping) and not is_failure:
        trace_id = str(content.get("trace_id") or "")
        settle_check(trace_id=trace_id, is_fine=passed(result), at=at)


def _member_of(event: WeChatEvent, gateway: Gateway) -> Member | None:
    is_mini = event.app_id == gateway.mini_app
    provider = Identity.Provider.WECHAT_MINI if is_mini else Identity.Provider.WECHAT_OFFICIAL
    rows = Identity.objects.filter(provider=provider, external_id=event.openid)
    row = rows.select_related("member__merged_into").first()
    return (row.member.merged_into or row.member) if row else None


def _revoke_consent(member: Member, numbers: str, at: datetime) -> None:
    """Delete the fields of the withdrawn consent; all of them if WeChat does not say which."""
    given = [number.strip() for number in numbers.split(",") if number.strip()]
    fields = {name for number in given for name in REVOCABLE.get(number, ())}
    deleted = sorted(fields) if given else list(ALL_FIELDS)
    if deleted:
        _delete(member, deleted)
        record(MEMBERS_CONSENT_REVOKED, member, at=at, by=member, fields=deleted)


def _delete(member: Member, fields: Sequence[str]) -> None:
    """Delete fields of the profile, the avatar, and the uploads that nothing refers to yet."""
    delete_fields(member, *(name for name in fields if name not in ("avatar", "uploads")))
    if "avatar" in fields:
        delete_avatar(member)
    if "uploads" in fields:
        unused = Upload.objects.of_person(member).filter(status=Upload.Status.STORED)
        remove_uploads(unused)


def _end_account(member: Member, at: datetime) -> None:
    """Close the account; if something stands against it, lock it until the staff has decided."""
    try:
        with transaction.atomic():
            close_member(member=member, at=at)
    except CloseBlocked:
        if not member.locked_at:
            lock(member=member, by=None, reason=_("The WeChat account was cancelled."), at=at)
        _delete(member, ALL_FIELDS)
