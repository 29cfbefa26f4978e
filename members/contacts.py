"""Phone numbers of members: masked on pages, shown with a reason that is recorded."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common import encryption
from common.errors import TwotierError
from events.services import record
from members.events import MEMBERS_CONTACT_UNMASKED
from members.models import Member, User

PERMISSION = "members.unmask_contact"
CHINESE_LENGTH = 11
MAX_REASON = 200


class ContactHidden(TwotierError):
    code = "contact_hidden"
    message = _("You may not see phone numbers. Ask a superuser for the right.")
    status = 403


class UnmaskReasonMissing(TwotierError):
    code = "unmask_reason_missing"
    message = _("Write down why you need the phone number. It was not shown.")


class ContactUnknown(TwotierError):
    code = "contact_unknown"
    message = _("The shop does not know a phone number of this member.")


def masked_phone(member: Member) -> str:
    """Return the phone number with only its first and last digits; empty if none is known."""
    number = encryption.decrypt_or_blank(member.phone_encrypted)
    if len(number) == CHINESE_LENGTH and number.isascii() and number.isdigit():
        return f"{number[:3]}****{number[-4:]}"
    return encryption.masked_number(number) if number else ""


@transaction.atomic
def unmask_phone(*, member: Member, reason: str, by: User, at: datetime) -> str:
    """Return the phone number of a member, and record who saw it and why.

    :raises ContactHidden: the permission is missing
    :raises UnmaskReasonMissing: there is no reason
    :raises ContactUnknown: there is no phone number
    """
    if not by.has_perm(PERMISSION):
        raise ContactHidden
    if not reason.strip():
        raise UnmaskReasonMissing
    if not member.phone_encrypted:
        raise ContactUnknown
    record(MEMBERS_CONTACT_UNMASKED, member, at=at, by=by, reason=reason.strip()[:MAX_REASON])
    return encryption.decrypt(member.phone_encrypted)
