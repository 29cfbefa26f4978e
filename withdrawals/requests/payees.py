"""Find the account that a member is paid to."""

from __future__ import annotations

from datetime import datetime

from common import encryption
from members.models import Member
from withdrawals.gateways import STORE_CREDIT
from withdrawals.models import Payee
from withdrawals.requests.fingerprints import account_fingerprint


def find_payee(member: Member, channel: str, *, at: datetime) -> Payee | None:
    """Return the member's current payee of a channel, or none.

    Store credit needs no account: before the first request its payee is not saved yet.

    :param channel: any outside of the shop if empty
    """
    if channel == STORE_CREDIT:
        return Payee.objects.filter(member=member, channel=channel).first() or _own_wallet(
            member, at
        )
    payees = Payee.objects.current(member)
    return (payees.filter(channel=channel) if channel else payees).first()


def _own_wallet(member: Member, at: datetime) -> Payee:
    return Payee(
        member=member,
        channel=STORE_CREDIT,
        account_encrypted=encryption.encrypt(member.public_id),
        account_fingerprint=account_fingerprint(STORE_CREDIT, member.public_id),
        since=at,
    )
