"""What members tell about themselves."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from common import encryption
from common.locks import lock_rows
from events.services import record
from members.avatars import choose_avatar
from members.events import MEMBERS_PHONE_CHANGED, MEMBERS_PROFILE_CHANGED
from members.models import Member
from members.nicknames import require_decent_nickname
from members.sessions.services import AccountClosed

PROFILE = ("nickname", "province", "city")


def change_profile(
    *, member: Member, at: datetime, avatar: str | None = None, **texts: str
) -> Member:
    """Change those of ``PROFILE`` that are given, and the avatar.

    :param avatar: the public id of an unused upload; empty: none from now on
    :raises AccountClosed: the member has closed the account
    :raises NicknameRefused: WeChat finds the nickname objectionable
    :raises UploadUnknown: the member has no such upload for an avatar
    :raises WeChatUnavailable: WeChat does not answer about the nickname
    """
    nickname = texts.get("nickname", "")
    if nickname != member.nickname:
        # Before the transaction: none waits for WeChat.
        require_decent_nickname(member, nickname)
    with transaction.atomic():
        current = _locked(member)
        changed = [name for name, text in texts.items() if getattr(current, name) != text]
        for name in changed:
            setattr(current, name, texts[name])
        if changed:
            current.save(update_fields=changed)
        if avatar is not None and choose_avatar(current, avatar):
            changed.append("avatar")
            current.refresh_from_db(fields=["avatar"])
        if changed:
            record(MEMBERS_PROFILE_CHANGED, current, at=at, by=current, fields=sorted(changed))
    return current


@transaction.atomic
def save_phone(*, member: Member, number: str, at: datetime) -> Member:
    """Save the phone number of a member, encrypted.

    :raises AccountClosed: the member has closed the account
    """
    current = _locked(member)
    fingerprint = encryption.fingerprint(number)
    if current.phone_fingerprint != fingerprint:
        current.phone_encrypted = encryption.encrypt(number)
        current.phone_fingerprint = fingerprint
        current.save(update_fields=["phone_encrypted", "phone_fingerprint"])
        record(MEMBERS_PHONE_CHANGED, current, at=at, by=current)
    return current


def delete_fields(member: Member, *fields: str) -> None:
    """Delete fields of the profile, also of the members merged into this one."""
    Member.objects.of_person(member.pk).update(**dict.fromkeys(fields, ""))


def _locked(member: Member) -> Member:
    rows = Member.objects.filter(pk=member.pk)
    lock_rows(rows)
    current = rows.get()
    if current.closed_at:
        raise AccountClosed
    return current
