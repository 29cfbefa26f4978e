"""Count what members consent to, from what their phones and WeChat report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from django.conf import settings
from django.db.models import F

from common import clock
from members.models import Member
from notices.models import AVAILABLE, Consent, Message

log = structlog.get_logger(__name__)
ACCEPTED = {"accept", "acceptWithAudio", "acceptWithAlert", "acceptWithForcePush"}
RESULTS = (*sorted(ACCEPTED), "reject", "ban", "filter")


def consents(member: Member) -> list[dict[str, Any]]:
    """Return for each scene of the settings how many messages the member accepts."""
    counts = {row.template: row.available for row in Consent.objects.filter(member=member)}
    return [
        {"scene": scene, "template_id": template, "count": counts.get(template, 0)}
        for scene, template in settings.WECHAT_TEMPLATES.items()
    ]


def has_consent(*, member: int, template: str) -> bool:
    """Return whether a member accepts one more message of a template.

    :param member: the key of a member that is not merged into another
    """
    return Consent.objects.filter(AVAILABLE, member=member, template=template).exists()


def report_consents(*, member: Member, results: Mapping[str, str]) -> None:
    """Count the consents that the member's phone reports.

    :param results: WeChat's answer to the phone for each template
    """
    accepted = [template for template, result in results.items() if result in ACCEPTED]
    _count(member, "reported", accepted)


def spend(*, member: int, template: str) -> bool:
    """Take one consent; return False if there is none. Safe in parallel."""
    rows = Consent.objects.filter(member=member, template=template)
    available = rows.filter(AVAILABLE)
    return bool(available.update(spent=F("spent") + 1))


def give_back(*, member: int, template: str) -> None:
    """Undo a spending whose message WeChat did not send."""
    rows = Consent.objects.filter(member=member, template=template, spent__gt=0)
    rows.update(spent=F("spent") - 1)


def reset(*, member: int, templates: Iterable[str]) -> None:
    """Forget all consents: the member does not want these messages."""
    for template in sorted(templates):
        rows = Consent.objects.filter(member=member, template=template)
        rows.update(reported=0, confirmed=0, spent=0)


def on_popup(member: Member, content: Mapping[str, Any]) -> None:
    """Count what the member accepted when WeChat asked.

    A refusal leaves earlier consents as they are.
    """
    accepted = [
        row["TemplateId"]
        for row in _rows(content, "SubscribeMsgPopupEvent")
        if row.get("SubscribeStatusString") in ACCEPTED
    ]
    _count(member, "confirmed", accepted)


def on_change(member: Member, content: Mapping[str, Any]) -> None:
    """Forget the consents of templates that the member has switched off in WeChat."""
    rows = _rows(content, "SubscribeMsgChangeEvent")
    refused = {r["TemplateId"] for r in rows if r.get("SubscribeStatusString") == "reject"}
    reset(member=member.pk, templates=refused)


def on_sent(member: Member, content: Mapping[str, Any]) -> None:
    """Note that WeChat did not deliver a message after all; it is not sent again."""
    for row in _rows(content, "SubscribeMsgSentEvent"):
        code = str(row.get("ErrorCode") or "0")
        if code == "0":
            continue
        log.warning("subscribe_message_not_delivered", errcode=code[:20])
        is_refusal = "refuse" in str(row.get("ErrorStatus"))
        sent = Message.objects.filter(
            member__in=Member.objects.of_person(member.pk), status=Message.Status.SENT,
            wechat_id=str(row.get("MsgID") or "-")[:40],
        )  # fmt: skip
        if is_refusal:
            ended = {"status": Message.Status.REFUSED, "failure": Message.Failure.REFUSED}
        else:
            ended = {"status": Message.Status.FAILED, "failure": Message.Failure.NOT_DELIVERED}
        sent.update(ended_at=clock.now(), **ended)
        if is_refusal:
            reset(member=member.pk, templates=[row["TemplateId"]])


def delete_consents(member: Member) -> None:
    """Delete consents and messages of a member whose account is closed."""
    persons = Member.objects.of_person(member.pk)
    Message.objects.filter(member__in=persons).delete()
    Consent.objects.filter(member__in=persons).delete()


def _count(member: Member, field: str, templates: Iterable[str]) -> None:
    known = sorted(set(templates) & set(settings.WECHAT_TEMPLATES.values()))
    new = [Consent(member=member, template=template) for template in known]
    Consent.objects.bulk_create(new, ignore_conflicts=True)
    for template in known:
        Consent.objects.filter(member=member, template=template).update(**{field: F(field) + 1})


def _rows(content: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return the list of an event, which JSON has at the top; one row may stand without a list."""
    holder = content.get(name)
    listed = (holder if isinstance(holder, Mapping) else content).get("List")
    rows = listed if isinstance(listed, list) else [listed]
    return [
        row for row in rows if isinstance(row, Mapping) and isinstance(row.get("TemplateId"), str)
    ]
