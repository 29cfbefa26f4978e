"""Fetch the pictures that people have at WeChat, for members who have chosen none here.

WeChat names the address at the sign-in on an H5 page, if WECHAT_OAUTH_PROFILE asks for it. A worker
fetches the picture: nobody waits for it, and posters draw what is stored.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from common.errors import TwotierError
from common.fetch import FetchRefused, fetch
from common.locks import lock_rows
from members.avatars import choose_avatar
from members.models import Member, Upload, WeChatAvatar
from members.uploads import Purpose, store_upload

log = structlog.get_logger(__name__)

HOSTS = ("qlogo.cn", "qpic.cn")
MAX_BYTES = 2**20
SECONDS = 5.0
BATCH = 10
LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 4
RETRY = timedelta(minutes=5)
MAX_LENGTH = 500


def note_wechat_avatar(*, member: Member, url: str, at: datetime) -> None:
    """Let a worker fetch the picture at an address that WeChat named, unless it did already."""
    url = f"https://{url.removeprefix('http://')}" if url.startswith("http://") else url
    if not url or len(url) > MAX_LENGTH or _has_chosen(member):
        return
    digest = hashlib.sha256(url.encode()).hexdigest()
    row, is_new = WeChatAvatar.objects.get_or_create(
        member=member, defaults={"url": url, "url_sha256": digest, "due_at": at}
    )
    if not is_new and row.url_sha256 != digest:
        WeChatAvatar.objects.filter(pk=row.pk).update(
            url=url, url_sha256=digest, due_at=at, attempts=0, reason=""
        )


def _has_chosen(member: Member) -> bool:
    rows = Upload.objects.of_person(member).filter(purpose=Purpose.AVATAR)
    return rows.filter(status__in=Upload.OF_AVATARS).exists()


def fetch_wechat_avatars(*, at: datetime) -> int:
    """Fetch pictures that wait, and use them as avatars; return how many were tried."""
    rows = _claim(at=at)
    for row in rows:
        try:
            raw = fetch(row.url, hosts=HOSTS, max_bytes=MAX_BYTES, seconds=SECONDS)
            _use(row.member, raw, at=at)
        except FetchRefused as refused:
            _refuse(row, refused.reason, is_final=not refused.is_temporary, at=at)
        except TwotierError as error:  # no picture, or the account was closed meanwhile
            _refuse(row, error.code, is_final=True, at=at)
        else:
            _finish(row)
    return len(rows)


@transaction.atomic
def _claim(*, at: datetime) -> list[WeChatAvatar]:
    due = WeChatAvatar.objects.filter(due_at__lte=at).order_by("due_at", "pk")
    rows = list(
        due.select_related("member").select_for_update(
            no_key=True, skip_locked=True, of=("self",)
        )[:BATCH]
    )  # fmt: skip
    for row in rows:
        row.attempts += 1
        row.due_at = at + LEASE
    WeChatAvatar.objects.bulk_update(rows, ["attempts", "due_at"])
    return rows


def _use(member: Member, raw: bytes, *, at: datetime) -> None:
    upload = store_upload(member=member, purpose=Purpose.AVATAR, raw=raw, at=at)
    with transaction.atomic():
        lock_rows(Member.objects.filter(pk=member.pk))
        # WeChat checks it like any other: the avatar may have been taken down there meanwhile.
        if not _has_chosen(member):
            choose_avatar(member, upload.public_id)


def _refuse(row: WeChatAvatar, reason: str, *, is_final: bool, at: datetime) -> None:
    log.warning("avatar_not_fetched", member=row.member.public_id, reason=str(reason))
    if is_final or row.attempts >= MAX_ATTEMPTS:
        _finish(row, reason=reason)
    else:
        same = WeChatAvatar.objects.filter(pk=row.pk, url=row.url)
        same.update(due_at=at + RETRY * row.attempts, reason=reason)


def _finish(row: WeChatAvatar, *, reason: str = "") -> None:
    """Forget the address; its hash stays, so that the same one is not fetched again."""
    same = WeChatAvatar.objects.filter(pk=row.pk, url=row.url)  # not one that came meanwhile
    same.update(url="", due_at=None, reason=reason)
