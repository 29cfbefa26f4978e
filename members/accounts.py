"""Lock members out, and let them in again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from common.locks import lock_rows
from common.requirements import require_permission, require_reason
from events.services import record
from members.events import MEMBERS_LOCKED, MEMBERS_UNLOCKED
from members.models import Member, MemberSession, User
from members.sessions.services import end_sessions


class LockUnchanged(TwotierError):
    code = "lock_unchanged"
    message = _("This member was locked or unlocked before, or is closed. Reload the page.")


@transaction.atomic
def lock_member(*, member: Member, by: User, reason: str, at: datetime) -> None:
    """Lock a member out: all sessions end, and none can be opened. Money is not touched.

    :raises PermissionMissing: ``by`` may not lock members
    :raises ReasonRequired: there is no reason, or it is too long
    :raises LockUnchanged: the member is locked or closed already
    """
    require_permission(by, "members.lock_member")
    lock(member=member, by=by, reason=require_reason(reason), at=at)


@transaction.atomic
def lock(*, member: Member, by: User | None, reason: str, at: datetime) -> None:
    """Lock a member out without asking for a right: the system does it as ``None``.

    :raises LockUnchanged: the member is locked or closed already
    """
    lock_rows(Member.objects.filter(pk=member.pk))
    rows = Member.objects.filter(pk=member.pk, locked_at=None, closed_at=None)
    if rows.update(locked_at=at, lock_reason=reason) != 1:
        raise LockUnchanged
    sessions = MemberSession.objects.of_person(member)
    end_sessions(sessions, reason=MemberSession.EndReason.LOCKED, at=at)
    record(MEMBERS_LOCKED, member, at=at, by=by, reason=reason)


@transaction.atomic
def unlock_member(*, member: Member, by: User, at: datetime) -> None:
    """Let a member sign in again.

    :raises PermissionMissing: ``by`` may not lock members
    :raises LockUnchanged: the member is not locked
    """
    require_permission(by, "members.lock_member")
    rows = Member.objects.filter(pk=member.pk, locked_at__isnull=False)
    if rows.update(locked_at=None, lock_reason="") != 1:
        raise LockUnchanged
    record(MEMBERS_UNLOCKED, member, at=at, by=by)
