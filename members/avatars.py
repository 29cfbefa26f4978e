"""Choose avatars, let WeChat check them, and show those that it approves."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from common.errors import TwotierError
from common.locks import lock_rows
from events.services import record
from members.events import MEMBERS_AVATAR_CHECKED
from members.models import Identity, Member, Upload
from members.uploads import Purpose, Status, UploadUnknown, remove_uploads
from wechat.gateway import Gateway, gateway

log = structlog.get_logger(__name__)

FOLDER = "avatars"
ASK_AGAIN = timedelta(hours=1)
"""WeChat answers within half an hour."""
BATCH = 100
NO_AVATAR = ""


def avatar_url(member: Member) -> str:
    """Return the public address of a member's approved avatar, empty if there is none."""
    return file_url(member.avatar) if member.avatar else NO_AVATAR


def file_url(path: str) -> str:
    return f"{settings.PUBLIC_URL}/media/{path}"


def avatar_status(member: Member) -> str:
    """Return the status of the avatar that a member chose last, empty if there is none."""
    chosen = Upload.objects.filter(member=member, status__in=Upload.OF_AVATARS)
    return chosen.order_by("-pk").values_list("status", flat=True).first() or NO_AVATAR


def shown_avatar(path: str) -> Upload | None:
    """Return the avatar at a path, also while WeChat checks it."""
    shown = (Status.PENDING, Status.APPROVED)
    return Upload.objects.filter(path=path, purpose=Purpose.AVATAR, status__in=shown).first()


def choose_avatar(member: Member, upload: str) -> bool:
    """Use an upload as avatar, or none if ``upload`` is empty; return whether that is a change.

    The member's row is locked already.

    Others see it once WeChat has approved it; until then they see the one before. Without the
    mini-program WeChat checks nothing, and it is shown at once.

    :raises UploadUnknown: the upload is not the member's, is no avatar, is used or was swept
    """
    if not upload:
        return delete_avatar(member)
    rows = Upload.objects.filter(member=member, purpose=Purpose.AVATAR, public_id=upload)
    chosen = rows.exclude(status__in=Upload.NOT_READABLE).first()
    if chosen is None:
        raise UploadUnknown(upload=upload)
    if chosen.status != Status.STORED:
        return False  # a repetition
    remove_uploads(_chosen(member, Status.PENDING, Status.BLOCKED))
    if not rows.filter(status=Status.STORED).update(status=Status.PENDING):
        raise UploadUnknown(upload=upload)  # swept at this moment
    if openid_of(member) is None:
        _show(chosen)
    return True


def delete_avatar(member: Member) -> bool:
    """Remove the avatars that a member has chosen; return whether there were any."""
    chosen = _chosen(member, *Upload.OF_AVATARS)
    remove_uploads(chosen)
    Member.objects.of_person(member.pk).exclude(avatar="").update(avatar="")
    return bool(chosen)


def _chosen(member: Member, *statuses: str) -> list[Upload]:
    return list(Upload.objects.of_person(member).filter(status__in=statuses))


def openid_of(member: Member) -> str | None:
    """Return whom WeChat knows as the author of what a member writes, if it checks anything."""
    if gateway() is None:
        return None
    persons = Member.objects.of_person(member.pk)
    rows = Identity.objects.filter(member__in=persons, provider=Identity.Provider.WECHAT_MINI)
    return rows.order_by("pk").values_list("external_id", flat=True).first()


def check_avatars(*, gateway: Gateway, at: datetime) -> int:
    """Let WeChat check chosen avatars, again those without an answer; return how many."""
    waiting = Upload.objects.filter(status=Status.PENDING)
    due = waiting.filter(Q(asked_at=None) | Q(asked_at__lt=at - ASK_AGAIN))
    uploads = list(due.select_related("member__merged_into").order_by("pk")[:BATCH])
    for upload in uploads:
        # First, so that one that WeChat refuses does not block the others.
        waiting.filter(pk=upload.pk).update(asked_at=at)
        _ask(upload, gateway, at)
    return len(uploads)


def _ask(upload: Upload, gateway: Gateway, at: datetime) -> None:
    openid = openid_of(upload.member.merged_into or upload.member)
    if openid is None:
        settle_avatar(upload, is_fine=True, at=at)
        return
    try:
        check = gateway.check_picture(file_url(upload.path), openid=openid)
    except TwotierError as failure:
        log.warning("avatar_not_checked", upload=upload.public_id, error=failure.code)
        return
    Upload.objects.filter(pk=upload.pk).update(trace_id=check.trace_id[:64])
    if check.is_fine is not None:
        settle_avatar(upload, is_fine=check.is_fine, at=at)


def settle_check(*, trace_id: str, is_fine: bool, at: datetime) -> None:
    """Take in what WeChat found in the check of this id; an unknown one changes nothing."""
    rows = Upload.objects.filter(trace_id=trace_id, status=Status.PENDING)
    if trace_id and (upload := rows.select_related("member").first()):
        settle_avatar(upload, is_fine=is_fine, at=at)


@transaction.atomic
def settle_avatar(upload: Upload, *, is_fine: bool, at: datetime) -> None:
    """Show an avatar that is being checked, or block it; any other stays as it is."""
    lock_rows(Member.objects.filter(pk=upload.member_id))
    pending = Upload.objects.filter(pk=upload.pk, status=Status.PENDING)
    if not pending.exists():
        return
    if is_fine:
        _show(upload)
    else:
        pending.update(status=Status.BLOCKED)
    record(MEMBERS_AVATAR_CHECKED, upload.member, at=at, upload=upload.public_id, is_fine=is_fine)


def _show(upload: Upload) -> None:
    """Put an avatar in the place of the one before."""
    remove_uploads(_chosen(upload.member, Status.APPROVED))
    Upload.objects.filter(pk=upload.pk).update(status=Status.APPROVED)
    Member.objects.filter(pk=upload.member_id).update(avatar=upload.path)
