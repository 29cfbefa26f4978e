"""What members tell about themselves."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from common import encryption
from common.locks import lock_rows
from events.services import record
from members.events import MEMBERS_PHONE_CHANGED, MEMBERS_PROFILE_CHANGED
from members.models import Member
from members.sessions.services import AccountClosed

PROFILE = ("nickname", "province", "city")


@transaction.atomic
def change_profile(*, member: Member, at: datetime, **texts: str) -> Member:
    """Change those of ``PROFILE`` that are given.

    :raises AccountClosed: the member has closed the account
    """
    current = _locked(member)
    changed = [name for name, text in texts.items() if getattr(current, name) != text]
    for name in changed:
        setattr(current, name, texts[name])
    if changed:
        current.save(update_fields=changed)
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
