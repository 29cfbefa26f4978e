"""Send notices to WeChat as subscribe messages, each at most once unless it was not sent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q

from members.models import Identity, Member
from notices.consents import give_back, reset, spend
from notices.models import AVAILABLE, Consent, Message, Notice, NoticeQuerySet, Wording
from notices.scenes import SCENES, fields_of, page_of, template_of
from wechat.errors import MessageInvalid, MessageNotSent, MessageRefused, WeChatUnavailable
from wechat.gateway import Gateway

log = structlog.get_logger(__name__)
Status, Failure = Message.Status, Message.Failure

MAX_ATTEMPTS = 5
WAIT = timedelta(minutes=1)  # doubled after each attempt
MAX_AGE = timedelta(days=1)


def queue_messages(events: Iterable[int]) -> None:
    """Queue the messages of new notices whose members have consented; a repetition adds none.

    :param events: the keys of the notices' events
    """
    kinds = [kind for kind in SCENES if template_of(kind)]
    if not kinds:
        return
    _queue(Notice.objects.filter(event__in=list(events), kind__in=kinds))


def queue_message(notice: Notice) -> None:
    """Queue the message of a trial."""
    _queue(Notice.objects.filter(pk=notice.pk))


def _queue(rows: NoticeQuerySet) -> None:
    notices = rows.filter(Q(wording=None) | Q(wording__channels=Wording.Channels.WECHAT))
    heads = {
        notice: notice.member.merged_into_id or notice.member_id
        for notice in notices.select_related("member").order_by("pk")
    }
    agreed = set(
        Consent.objects.filter(AVAILABLE, member__in=heads.values()).values_list(
            "member", "template"
        )
    )
    Message.objects.bulk_create(
        [
            Message(notice=notice, member_id=head, template=template, due_at=notice.created_at)
            for notice, head in heads.items()
            if (head, template := template_of(notice.kind)) in agreed
        ],
        ignore_conflicts=True,
    )


def send_due(*, gateway: Gateway, at: datetime) -> bool:
    """Send the message that has waited longest; return False if none is due.

    It is claimed in a transaction of its own. Who dies after that leaves it claimed.
    """
    message = claim(at=at)
    if message is None:
        return False
    if message.status == Status.CLAIMED:
        _send(message, gateway, at)
    return True


@transaction.atomic(durable=True)
def claim(*, at: datetime) -> Message | None:
    """Take the message that has waited longest, and the consent it needs; else it lapses."""
    message = (
        Message.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(status=Status.WAITING, due_at__lte=at)
        .select_related("notice__wording")
        .order_by("due_at", "pk")
        .first()
    )
    if message is None:
        return None
    if (message.resent_at or message.notice.created_at) < at - MAX_AGE:
        _lapse(message, Failure.TOO_LATE, at)
    elif not spend(member=message.member_id, template=message.template):
        _lapse(message, Failure.NO_CONSENT, at)
    else:
        message.status, message.ended_at = Status.CLAIMED, None
        message.attempts += 1
    message.save(update_fields=["status", "attempts", "failure", "ended_at"])
    return message


def _lapse(message: Message, reason: Message.Failure, at: datetime) -> None:
    message.status, message.failure, message.ended_at = Status.LAPSED, reason, at


def _send(message: Message, gateway: Gateway, at: datetime) -> None:
    openid = _openid(message.member_id)
    if not openid:
        _end(message, Status.FAILED, Failure.NO_OPENID, at)
        _settle(message)
        return
    try:
        message.wechat_id = gateway.send_message(
            openid=openid, template=message.template, fields=fields_of(message.notice),
            page=page_of(message.notice),
        )[:40]  # fmt: skip
        _end(message, Status.SENT, "", at)
    except MessageRefused:
        _end(message, Status.REFUSED, Failure.REFUSED, at)
    except MessageInvalid as error:
        log.error("subscribe_message_invalid", errcode=str(error), template=message.template)
        code = str(error)
        _end(message, Status.FAILED, code if code in Failure else Failure.FIELDS, at)
    except MessageNotSent:
        log.warning("subscribe_message_not_sent", attempts=message.attempts)
        message.due_at = at + WAIT * 2 ** (message.attempts - 1)
        message.status = Status.WAITING
        if message.attempts >= MAX_ATTEMPTS:
            _end(message, Status.FAILED, Failure.NOT_REACHED, at)
    except WeChatUnavailable:
        _end(message, Status.UNKNOWN, Failure.UNANSWERED, at)
    _settle(message)


def _end(message: Message, end: Message.Status, failure: str, at: datetime) -> None:
    message.status, message.failure, message.ended_at = end, failure, at


@transaction.atomic(durable=True)
def _settle(message: Message) -> None:
    """Store what became of a message; what was certainly not sent spends no consent."""
    claimed = Message.objects.filter(pk=message.pk, status=Status.CLAIMED)
    claimed.update(
        status=message.status, due_at=message.due_at, wechat_id=message.wechat_id,
        failure=message.failure, ended_at=message.ended_at,
    )  # fmt: skip
    if message.status == Status.REFUSED:
        reset(member=message.member_id, templates=[message.template])
    elif message.status in (Status.FAILED, Status.WAITING):
        give_back(member=message.member_id, template=message.template)


def _openid(member: int) -> str:
    rows = Identity.objects.filter(
        member__in=Member.objects.of_person(member), provider=Identity.Provider.WECHAT_MINI
    ).order_by("-pk").values_list("external_id", flat=True)  # fmt: skip
    return rows.first() or ""
