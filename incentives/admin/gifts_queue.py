"""The queue of gifts: what to send to whom, sent with a note or cancelled with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.base import NOTHING, StrOrPromise
from backoffice.desk import Decision, Desk, Line
from backoffice.desk_pages import open_desk
from backoffice.fields import text_field
from backoffice.forms import ReasonForm
from backoffice.names import staff_name
from backoffice.queues import Queue, Tab
from backoffice.reveals import Reveal
from backoffice.timeline import format_moment
from incentives.models import Award, GiftTask
from incentives.services import gifts as services
from members.admin.person import person_link
from members.contacts import PERMISSION as UNMASK
from members.contacts import masked_phone, unmask_phone
from members.models import User
from members.search import search_members

LIMIT = timedelta(days=3)
Status = GiftTask.Status


class NoteForm(forms.Form):
    note = text_field(
        _("note to the member"), help_text=_("The number of the parcel, or where the gift waits.")
    )


def _prepare(rows: QuerySet[GiftTask]) -> QuerySet[GiftTask]:
    return rows.select_related(
        "award__member__merged_into", "award__version", "sku__product", "done_by"
    )


def _lines(rows: Sequence[GiftTask]) -> list[Line]:
    return [
        Line(str(row.award.member), f"{gift_name(row)} · {row.award.version.name}",
             warning=_warning(row))
        for row in rows
    ]  # fmt: skip


def gift_name(row: GiftTask) -> str:
    return " ".join(filter(None, [row.sku.product.name, row.sku.variety]))


def _warning(row: GiftTask) -> StrOrPromise:
    if row.status != Status.OPEN:
        return ""
    if row.award.status == Award.Status.HELD:
        return _("held: %(reason)s") % {"reason": row.award.get_hold_display()}
    return _("the account is closed") if row.award.member.closed_at else ""


def _outcome(row: GiftTask) -> StrOrPromise:
    if row.done_at is None:
        return ""
    data = {"name": staff_name(row.done_by), "moment": format_moment(row.done_at)}
    if row.status == Status.SENT:
        return _("sent by %(name)s, %(moment)s") % data
    if row.done_by is None:
        return _("cancelled with its award, %(moment)s") % data
    return _("cancelled by %(name)s, %(moment)s") % data


def _context(_request: HttpRequest, row: GiftTask) -> dict[str, Any]:
    award = row.award
    member = award.member
    facts: list[tuple[StrOrPromise, Any]] = [
        (_("member"), person_link(member)),
        (_("phone"), masked_phone(member) or NOTHING),
        (_("area"), f"{member.province} {member.city}".strip() or NOTHING),
        (_("gift"), gift_name(row)),
        (_("SKU"), row.sku.code),
        (_("incentive"), award.version.name),
        (_("reached at"), format_moment(award.reached_at)),
    ]
    if award.rank:
        facts.append((_("place"), award.rank))
    return {"facts": facts, "note": row.note}


def _read_phone(
    row: GiftTask, *, by: User, at: datetime, reason: str
) -> list[tuple[StrOrPromise, str]]:
    number = unmask_phone(member=row.award.member, reason=reason, by=by, at=at)
    return [(_("phone"), number)]


def _own(row: GiftTask, by: User) -> StrOrPromise:
    member = row.award.member
    if by.member_id and by.member_id in (member.pk, member.merged_into_id):
        return services.OwnGiftForbidden.message
    return ""


def _send(row: GiftTask, *, note: str, by: User, at: datetime) -> None:
    services.send_gift(task=row, note=note, by=by, at=at)


def _cancel(row: GiftTask, *, reason: str, by: User, at: datetime) -> None:
    services.cancel_gift(task=row, reason=reason, by=by, at=at)


def _search(rows: QuerySet[GiftTask], term: str) -> QuerySet[GiftTask]:
    return rows.filter(
        Q(award__member__in=search_members(term)) | Q(sku__code=term) | Q(public_id=term.lower())
    )


open_desk(
    Queue(
        name="gifts",
        title=_("Gifts to send"),
        icon="redeem",
        model="incentives.gifttask",
        permission=services.PERMISSION,
        waiting=lambda _user: GiftTask.objects.filter(status=Status.OPEN),
        since="opened_at",
        limit=LIMIT,
        tabs=[
            Tab("sent", _("Sent"), Q(status=Status.SENT)),
            Tab("cancelled", _("Cancelled"), Q(status=Status.CANCELLED)),
        ],
        order=48,
        desk=Desk(
            prepare=_prepare,
            lines=_lines,
            template="admin/incentives/gift_row.html",
            context=_context,
            outcome=_outcome,
            empty=_("No gift is to be sent."),
            seal=lambda row: f"{row.opened_at:%Y%m%d%H%M%S%f}",
            search=_search,
            search_help=_("Nickname, code of the SKU, or whole id"),
            reveal=Reveal(
                _("Show the phone number"), UNMASK, _read_phone,
                lambda row: bool(row.award.member.phone_encrypted),
            ),
            decisions=[
                Decision(
                    "send", _("Sent"), _send, _("Sent, with your note:"), key="a",
                    question=_(
                        "The member reads your note. The gift stays with them, also if an order is"
                        " refunded later."
                    ),
                    variant="primary", form=NoteForm, refusal=_own,
                ),
                Decision(
                    "cancel", _("Cancel"), _cancel, _("Cancelled, with your reason:"), key="r",
                    question=_("The member reads your reason. The gift is not offered again."),
                    variant="danger", form=ReasonForm, refusal=_own,
                ),
            ],
        ),
    )
)  # fmt: skip
