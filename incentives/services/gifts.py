"""Gifts to send: opened and cancelled with their award, sent by operations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common import status
from common.errors import TwotierError
from common.requirements import MAX_REASON_LENGTH, require_permission, require_reason
from events.services import record
from incentives.events import (
    INCENTIVES_GIFT_CANCELLED,
    INCENTIVES_GIFT_OPENED,
    INCENTIVES_GIFT_SENT,
)
from incentives.models import Award, GiftTask
from members.models import User

PERMISSION = "incentives.change_gifttask"
Status = GiftTask.Status


class OwnGiftForbidden(TwotierError):
    code = "own_gift_forbidden"
    message = _("This gift is for yourself: ask a colleague. Nothing was changed.")
    status = 403


class GiftNoteRequired(TwotierError):
    code = "gift_note_required"
    message = _(
        "Say in at most %(limit)s characters how the gift arrives, such as the number of the"
        " parcel: the member reads it. Nothing was changed."
    )
    status = 400


@transaction.atomic
def open_task(*, award: Award, at: datetime) -> GiftTask:
    """Return the task to send the gift of an award; open it if there is none.

    A task that was cancelled with its award opens again with it. One that was sent stays sent, and
    one that a person cancelled stays cancelled: no award is sent twice.

    :param award: of kind gift, locked by the caller
    """
    gift = award.reward.gift
    assert gift, "the database requires it of this kind"
    task, created = GiftTask.objects.get_or_create(
        award=award, defaults={"sku": gift, "opened_at": at}
    )
    if created:
        _record_opening(task, at=at)
    elif task.status == Status.CANCELLED and task.done_by_id is None:
        status.move(task, to=Status.OPEN, opened_at=at, done_at=None)
        _record_opening(task, at=at)
    return task


@transaction.atomic
def cancel_task(*, award: Award, at: datetime) -> bool:
    """Cancel the gift of an award that is taken back, unless it was sent.

    :param award: locked by the caller
    :returns: whether nothing is sent; False: the gift was sent and stays
    """
    task = GiftTask.objects.select_for_update(no_key=True).filter(award=award).first()
    if task is None or task.status == Status.CANCELLED:
        return True
    if task.status == Status.SENT:
        return False
    status.move(task, to=Status.CANCELLED, done_at=at)
    record(INCENTIVES_GIFT_CANCELLED, task, at=at, reason=None, **_facts(task))
    return True


@transaction.atomic
def send_gift(*, task: GiftTask, note: str, by: User, at: datetime) -> None:
    """Record that a gift was sent. It stays with the member, whatever becomes of the award.

    :param note: what the member reads: the number of the parcel, or where it waits
    :raises PermissionMissing: the permission is missing
    :raises OwnGiftForbidden: the gift is for ``by``
    :raises GiftNoteRequired: the note is empty or too long
    :raises WrongStatus: it was sent or cancelled already
    """
    _require_other_person(task, by)
    note = " ".join(note.split())
    if not 0 < len(note) <= MAX_REASON_LENGTH:
        raise GiftNoteRequired(limit=MAX_REASON_LENGTH)
    before = status.move(task, to=Status.SENT, note=note, done_at=at, done_by=by)
    record(
        INCENTIVES_GIFT_SENT, task, at=at, by=by, before={"status": before},
        after={"status": Status.SENT}, note=note, **_facts(task),
    )  # fmt: skip


@transaction.atomic
def cancel_gift(*, task: GiftTask, reason: str, by: User, at: datetime) -> None:
    """Cancel a gift that cannot be sent. The task does not open again.

    :param reason: what the member reads
    :raises PermissionMissing: the permission is missing
    :raises OwnGiftForbidden: the gift is for ``by``
    :raises ReasonRequired: the reason is empty or too long
    :raises WrongStatus: it was sent or cancelled already
    """
    _require_other_person(task, by)
    reason = require_reason(reason)
    before = status.move(task, to=Status.CANCELLED, note=reason, done_at=at, done_by=by)
    record(
        INCENTIVES_GIFT_CANCELLED, task, at=at, by=by, before={"status": before},
        after={"status": Status.CANCELLED}, reason=reason, **_facts(task),
    )  # fmt: skip


def _require_other_person(task: GiftTask, by: User) -> None:
    require_permission(by, PERMISSION)
    member = task.award.member
    if by.member_id and by.member_id in (member.pk, member.merged_into_id):
        raise OwnGiftForbidden


def _record_opening(task: GiftTask, *, at: datetime) -> None:
    record(INCENTIVES_GIFT_OPENED, task, at=at, **_facts(task))


def _facts(task: GiftTask) -> dict[str, Any]:
    member = task.award.member
    person = member.merged_into or member
    return {"member": person.public_id, "sku": task.sku.code, "award": task.award.public_id}
