"""Close a member's account as the member wants it.

A higher room says what stands against it in its ``AppConfig.ready``: ``closing.register(find)``,
where ``find(member)`` returns the blockers, such as money in the wallets. One that holds personal
data registers their deletion: ``closing.on_close(delete)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from common.locks import lock_rows
from events.services import record
from members.events import MEMBERS_CLOSED
from members.models import (
    Identity,
    Member,
    MemberSession,
    Upload,
    User,
    WeChatAvatar,
    WeChatMessage,
)
from members.persons import hold_rows
from members.profiles import PROFILE, delete_fields
from members.sessions.services import AccountClosed, end_sessions
from members.uploads import remove_uploads

OF_WECHAT = (
    Identity.Provider.WECHAT_MINI,
    Identity.Provider.WECHAT_OFFICIAL,
    Identity.Provider.WECHAT_UNION,
)


@dataclass(frozen=True, slots=True)
class CloseBlocker:
    """A reason why an account cannot be closed yet: a stable code, and a sentence."""

    code: str
    message: str | Promise

    def as_data(self) -> dict[str, Any]:
        return {"code": self.code, "message": str(self.message)}


Finder = Callable[[Member], Iterable[CloseBlocker]]
_FINDERS: list[Finder] = []
Deleter = Callable[[Member], object]
_DELETERS: list[Deleter] = []


class CloseBlocked(TwotierError):
    """``data["blockers"]`` lists each reason with its code and a sentence."""

    code = "close_blocked"
    message = _("The account cannot be closed yet. See the blockers.")


def register(find: Finder) -> None:
    """Add what may stand against closing an account."""
    if find not in _FINDERS:
        _FINDERS.append(find)


def on_close(delete: Deleter) -> None:
    """Add what deletes personal data of a member whose account is closed, in its transaction."""
    if delete not in _DELETERS:
        _DELETERS.append(delete)


def close_blockers(member: Member) -> list[CloseBlocker]:
    """Return why the account cannot be closed now."""
    return [blocker for find in _FINDERS for blocker in find(member)]


def hold_open(member: Member) -> None:
    """Keep an account from being closed until the transaction ends; many may do so at once.

    For what must not come after the deletion of everything personal.

    :raises AccountClosed: it is closed already
    """
    if hold_rows([member.pk])[member.pk]:
        raise AccountClosed


@transaction.atomic
def close_member(*, member: Member, at: datetime) -> None:
    """Close an account finally: profile, pictures and WeChat's ids are deleted, all sessions end.

    Orders, commissions and payouts stay, because the law and other people's commissions need them.
    Who signs in with WeChat again is a new member.

    :raises AccountClosed: it is closed already
    :raises CloseBlocked: something stands against it
    """
    rows = Member.objects.filter(pk=member.pk)
    lock_rows(rows)
    if rows.get().closed_at:
        raise AccountClosed
    if blockers := close_blockers(member):
        raise CloseBlocked(blockers=[blocker.as_data() for blocker in blockers])
    delete_fields(member, *PROFILE, "avatar", "phone_encrypted", "phone_fingerprint")
    remove_uploads(Upload.objects.of_person(member))
    for delete in _DELETERS:
        delete(member)
    persons = Member.objects.of_person(member.pk)
    Identity.objects.filter(member__in=persons, provider__in=OF_WECHAT).delete()
    WeChatAvatar.objects.filter(member__in=persons).delete()
    # They name the ids, too; their keys still tell repetitions.
    WeChatMessage.objects.filter(member__in=persons).update(content_encrypted="")
    rows.update(closed_at=at)
    reason = MemberSession.EndReason.CLOSED
    end_sessions(MemberSession.objects.of_person(member), reason=reason, at=at)
    record(MEMBERS_CLOSED, member, at=at, by=member)


def _staff_account(member: Member) -> Iterable[CloseBlocker]:
    if User.objects.filter(member=member).exists():
        yield CloseBlocker("staff_account", _("This member works for the shop."))


register(_staff_account)
