"""The queue of proofs: the picture, who handed it in, and whether it was seen before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice import queues
from backoffice.base import NOTHING, StrOrPromise
from backoffice.desk import Decision, Desk, Line
from backoffice.desk_pages import open_desk
from backoffice.names import staff_name
from backoffice.queues import Queue, Tab
from backoffice.timeline import format_moment
from common import clock
from common.requirements import MAX_REASON_LENGTH
from incentives.admin.names import with_incentive_name
from incentives.models import Proof
from incentives.services import proofs as services
from incentives.services.proof_periods import decide_before, is_closed
from members.admin.person import person_link
from members.models import Upload, User
from members.search import search_members

LIMIT = timedelta(days=2)
MAX_WORDS = 120
Status = Proof.Status
REASONS = (
    _("The picture does not show what the incentive asks for."),
    _("The picture cannot be read."),
    _("The picture was changed."),
    _("The picture is not of your own account."),
    _("The picture is from another time."),
    _("The period is closed already."),
)


class RejectForm(forms.Form):
    """Asks for a common reason, own words or both; the member reads them."""

    common = forms.ChoiceField(
        label=_("reason"), required=False, widget=UnfoldAdminSelectWidget,
        choices=[("", "–"), *((str(place), text) for place, text in enumerate(REASONS))],
    )  # fmt: skip
    words = forms.CharField(
        label=_("own words"), required=False, max_length=MAX_WORDS,
        widget=UnfoldAdminTextInputWidget,
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Join both to one reason."""
        values = super().clean() or {}
        common, words = values.get("common"), values.get("words")
        texts = [translate(str(REASONS[int(common)])) if common else "", words or ""]
        reason = " ".join(filter(None, texts))
        if not reason:
            raise forms.ValidationError(_("Choose a reason, or write one."), code="required")
        return {"reason": reason[:MAX_REASON_LENGTH]}


def _prepare(rows: QuerySet[Proof]) -> QuerySet[Proof]:
    shown = rows.select_related("member__merged_into", "incentive", "upload", "decided_by")
    return with_incentive_name(shown)


def _lines(rows: Sequence[Proof]) -> list[Line]:
    return [Line(str(row.member), row.incentive_name or "") for row in rows]  # type: ignore[attr-defined]


def _outcome(row: Proof) -> StrOrPromise:
    if row.decided_at is None:
        return ""
    return _("%(status)s by %(name)s, %(moment)s") % {
        "status": row.get_status_display(), "name": staff_name(row.decided_by),
        "moment": format_moment(row.decided_at),
    }  # fmt: skip


def _context(_request: HttpRequest, row: Proof) -> dict[str, Any]:
    facts: list[tuple[StrOrPromise, Any]] = [
        (_("member"), person_link(row.member)),
        (_("incentive"), row.incentive_name),  # type: ignore[attr-defined]
        (_("handed in at"), format_moment(row.handed_in_at)),
        (_("earlier proofs"), _earlier(row)),
    ]
    if row.status == Status.OPEN and (closes := decide_before(row)):
        facts.append((_("decide before the close"), format_moment(closes)))
    if row.reason:
        facts.append((_("reason"), row.reason))
    has_file = row.upload.status not in Upload.NOT_READABLE
    return {
        "facts": facts,
        "picture": reverse("member_upload", args=[row.upload.public_id]) if has_file else "",
        "repeats": _repeats(row),
        "warning": _warning(row),
    }


def _warning(row: Proof) -> StrOrPromise:
    """Say that the period of an open proof closes soon: what is approved later gives nothing."""
    closes = decide_before(row) if row.status == Status.OPEN else None
    if closes is None or is_closed(row) or closes - clock.now() > LIMIT:
        return ""
    return _("The period of this proof closes on %(at)s. Approved later, it gives nothing.") % {
        "at": format_moment(closes)
    }


def _earlier(row: Proof) -> StrOrPromise:
    """Return how the member's other proofs were decided."""
    others = Proof.objects.visible_to(row.member).exclude(pk=row.pk)
    counts = dict(others.order_by().values_list("status").annotate(Count("pk")))
    if not counts:
        return NOTHING
    return _("%(approved)s approved, %(rejected)s rejected, %(open)s open") % {
        status: counts.get(status, 0) for status in Status.values
    }


def _repeats(row: Proof) -> str:
    """Return the proofs that this picture was rejected with."""
    return format_html_join(
        "", '<li><a href="{}"><bdi>{}</bdi></a> · {} · {}</li>',
        (
            (queues.url(QUEUE, row=other.pk, tab=other.status), other.member,
             format_moment(other.handed_in_at), other.reason or other.get_status_display())
            for other in services.earlier_uses(row)
        ),
    )  # fmt: skip


def _own(row: Proof, by: User) -> StrOrPromise:
    if by.member_id and by.member_id in (row.member_id, row.member.merged_into_id):
        return services.OwnProofForbidden.message
    return ""


def _not_approved(row: Proof, by: User) -> StrOrPromise:
    """Return why this person cannot approve a proof; empty if they can."""
    if own := _own(row, by):
        return own
    return services.ProofTooLate.message if is_closed(row) else ""


def _approve(row: Proof, *, by: User, at: datetime) -> None:
    services.approve_proof(proof=row, by=by, at=at)


def _reject(row: Proof, *, reason: str, by: User, at: datetime) -> None:
    services.reject_proof(proof=row, reason=reason, by=by, at=at)


def _search(rows: QuerySet[Proof], term: str) -> QuerySet[Proof]:
    return rows.filter(Q(member__in=search_members(term)) | Q(public_id=term.lower()))


QUEUE = open_desk(
    Queue(
        name="proofs",
        title=_("Proofs"),
        icon="add_photo_alternate",
        model="incentives.proof",
        permission=services.PERMISSION,
        waiting=lambda _user: Proof.objects.open(),
        since="handed_in_at",
        limit=LIMIT,
        tabs=[
            Tab("approved", _("Approved"), Q(status=Status.APPROVED)),
            Tab("rejected", _("Rejected"), Q(status=Status.REJECTED)),
        ],
        order=46,
        desk=Desk(
            prepare=_prepare,
            lines=_lines,
            template="admin/incentives/proof_row.html",
            context=_context,
            outcome=_outcome,
            empty=_("No proof waits for a decision."),
            search=_search,
            search_help=_("Nickname, or whole id"),
            styles=["twotier/admin/contests.css"],
            decisions=[
                Decision(
                    "approve", _("Approve"), _approve, _("It counts now:"), key="a",
                    question=_("It counts, and the member gets what the incentive gives for it."),
                    variant="primary", refusal=_not_approved,
                ),
                Decision(
                    "reject", _("Reject"), _reject, _("Rejected, with your reason:"), key="r",
                    question=_("The member reads your reason and may hand in another picture."),
                    variant="danger", form=RejectForm, refusal=_own,
                ),
            ],
        ),
    )
)  # fmt: skip
