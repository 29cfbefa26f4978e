"""Send notices to WeChat as subscribe messages, each at most once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from members.models import Identity, Member
from notices.consents import give_back, reset, spend
from notices.models import AVAILABLE, Consent, Message, Notice
from notices.scenes import SCENES, fields_of, page_of, template_of
from wechat.errors import MessageInvalid, MessageNotSent, MessageRefused, WeChatUnavailable
from wechat.gateway import Gateway

log = structlog.get_logger(__name__)
Status = Message.Status

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
    notices = Notice.objects.filter(event__in=list(events), kind__in=kinds)
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
        .select_related("notice")
        .order_by("due_at", "pk")
        .first()
    )
    if message is None:
        return None
    is_late = message.notice.created_at < at - MAX_AGE
    if is_late or not spend(member=message.member_id, template=message.template):
        message.status = Status.LAPSED
    else:
        message.status = Status.CLAIMED
        message.attempts += 1
    message.save(update_fields=["status", "attempts"])
    return message


def _send(message: Message, gateway: Gateway, at: datetime) -> None:
    openid = _openid(message.member_id)
    try:
        if not openid:
            raise MessageInvalid("no openid")
        message.wechat_id = gateway.send_message(
            openid=openid, template=message.template, fields=fields_of(message.notice),
            page=page_of(message.notice),
        )[:40]  # fmt: skip
        message.status = Status.SENT
    except MessageRefused:
        message.status = Status.REFUSED
    except MessageInvalid as error:
        log.error("subscribe_message_invalid", errcode=str(error), template=message.template)
        message.status = Status.FAILED
    except MessageNotSent:
        is_last = message.attempts >= MAX_ATTEMPTS
        message.status = Status.FAILED if is_last else Status.WAITING
        message.due_at = at + WAIT * 2 ** (message.attempts - 1)
        log.warning("subscribe_message_not_sent", attempts=message.attempts)
    except WeChatUnavailable:
        message.status = Status.UNKNOWN
    _settle(message)


@transaction.atomic(durable=True)
def _settle(message: Message) -> None:
    """Store what became of a message; what was certainly not sent spends no consent."""
    claimed = Message.objects.filter(pk=message.pk, status=Status.CLAIMED)
    claimed.update(
        status=message.status, due_at=message.due_at, wechat_id=message.wechat_id
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
