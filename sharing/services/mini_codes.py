"""Fetch codes of the mini-program from WeChat: claim, commit, ask, record.

WeChat gives 5,000 codes a minute for an app. No request and no transaction waits for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO

import structlog
from django.db import transaction
from PIL import Image

from alarms.kinds import MINI_CODES_REFUSED
from alarms.services import close_alarm, raise_alarm
from api.throttling import count
from common.locks import lock_rows
from common.media import save_once
from events.models import Reference
from events.services import record
from sharing.events import SHARING_CODE_STORED
from sharing.links import code_version
from sharing.models import CodeFetching, MiniProgramCode, Share
from wechat.errors import MiniCodeRefused, WeChatUnavailable
from wechat.gateway import Gateway, gateway

log = structlog.get_logger(__name__)

Channel = Share.Channel
WITHOUT_CODE = frozenset({Channel.CHAT, Channel.MOMENTS, Channel.GROUP})
"""In these channels WeChat shows a card of the mini-program; the others need a code to scan."""
CODES_A_MINUTE = 4_500
LEASE = timedelta(minutes=2)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=32)
ALARM_AFTER = timedelta(minutes=30)
SUBJECT = Reference("sharing.codefetching", "wechat")
FOLDER = "codes"
MAX_BYTES, MIN_EDGE, MAX_EDGE = 500_000, 280, 1_280
EXTENSIONS = {"JPEG": "jpg", "PNG": "png"}


def request_code(share: Share, *, at: datetime) -> None:
    """Let a worker fetch the code of a share, once; without WeChat nothing happens."""
    wechat = gateway()
    if wechat is None or share.channel in WITHOUT_CODE:
        return
    version = code_version(wechat.mini_app)
    if MiniProgramCode.objects.filter(share=share, **version).exists():
        return
    row = MiniProgramCode(share=share, **version, requested_at=at, next_at=at)
    MiniProgramCode.objects.bulk_create([row], ignore_conflicts=True)


def fetch_codes(*, at: datetime, limit: int = 100) -> int:
    """Fetch codes that are due; return how many were stored.

    The first refusal ends the run and pauses all workers, longer each time: WeChat's limits and
    faults concern the app, not a share. A code that was refused is tried after the others.
    """
    wechat = gateway()
    if wechat is None or _is_paused(at):
        return 0
    fetched = 0
    for row in _claim(wechat, at=at, limit=limit):
        usage = count("wechat-codes", CODES_A_MINUTE)
        if usage and usage.used > usage.limit:
            break
        try:
            content = wechat.mini_program_code(scene=row.share.code, page=row.page, env=row.env)
            path = _store(content)
        except (MiniCodeRefused, WeChatUnavailable) as refusal:
            _pause(row, str(getattr(refusal, "reason", "") or refusal.code), at=at)
            break
        _finish(row, path, at=at)
        fetched += 1
    return fetched


def _is_paused(at: datetime) -> bool:
    until = CodeFetching.current().paused_until
    return until is not None and until > at


@transaction.atomic
def _claim(wechat: Gateway, *, at: datetime, limit: int) -> Sequence[MiniProgramCode]:
    """Lease rows that are due, for two minutes: after that another worker may take them."""
    due = MiniProgramCode.objects.filter(
        fetched_at=None, next_at__lte=at, **code_version(wechat.mini_app)
    ).order_by("next_at", "pk")
    keys = list(
        due.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)[:limit]
    )
    MiniProgramCode.objects.filter(pk__in=keys).update(next_at=at + LEASE)
    rows = MiniProgramCode.objects.filter(pk__in=keys).select_related("share")
    return list(rows.order_by("pk"))


def _store(content: bytes) -> str:
    """Save a picture under its hash, once; return its path in the storage.

    :raises MiniCodeRefused: it is no square JPEG or PNG within the bounds
    """
    extension = _extension(content)
    path = f"{FOLDER}/{hashlib.sha256(content).hexdigest()}.{extension}"
    save_once(path, content)
    return path


def _extension(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise MiniCodeRefused("too_large")
    try:
        with Image.open(BytesIO(content), formats=tuple(EXTENSIONS)) as image:
            width, height = image.size
            image.verify()
            extension = EXTENSIONS[str(image.format)]
    except Exception:  # noqa: BLE001 - Pillow's decoders raise many
        raise MiniCodeRefused("unreadable") from None
    if width != height or not MIN_EDGE <= width <= MAX_EDGE:
        raise MiniCodeRefused("wrong_size")
    return extension


@transaction.atomic
def _finish(row: MiniProgramCode, path: str, *, at: datetime) -> None:
    waiting = MiniProgramCode.objects.filter(pk=row.pk, fetched_at=None)
    if waiting.update(path=path, fetched_at=at):
        record(SHARING_CODE_STORED, row.share, at=at)
    failing = CodeFetching.objects.filter(pk=1, failing_since__isnull=False)
    if failing.update(paused_until=None, failing_since=None, failures=0, last_error=""):
        close_alarm(MINI_CODES_REFUSED, SUBJECT, at=at)


@transaction.atomic
def _pause(row: MiniProgramCode, error: str, *, at: datetime) -> None:
    lock_rows(CodeFetching.objects.filter(pk=1))
    state = CodeFetching.current()
    state.failures += 1
    state.failing_since = state.failing_since or at
    pause = min(FIRST_PAUSE * 2 ** min(state.failures - 1, 10), LONGEST_PAUSE)
    state.paused_until, state.last_error = at + pause, error[:80]
    state.save()
    behind = at + pause + LEASE * min(row.attempts + 1, 30)
    MiniProgramCode.objects.filter(pk=row.pk).update(attempts=row.attempts + 1, next_at=behind)
    log.warning("mini_code_refused", error=error, paused_until=str(state.paused_until))
    if at - state.failing_since >= ALARM_AFTER:
        raise_alarm(MINI_CODES_REFUSED, SUBJECT, at=at, error=error)
