"""Open claims about commissions, and answer them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from alarms.kinds import CLAIMS_OVERDUE
from alarms.services import close_alarm, sync_alarms
from commissions.earnings import find_commission
from commissions.events import COMMISSIONS_CLAIM_ANSWERED, COMMISSIONS_CLAIM_OPENED
from commissions.models import Claim, ClaimEvidence, Commission
from common import requirements, status
from common.errors import TwotierError
from common.locks import lock_rows
from distribution.queries import distributor_of
from events.models import Reference
from events.services import record
from members.models import Member, Upload, User
from members.uploads import attach_uploads

PERMISSION = "commissions.change_claim"
ANSWER_WITHIN = timedelta(days=3)
MAX_OPEN = 20
OVERDUE = Reference(CLAIMS_OVERDUE.subject, "overdue")


class OwnClaimForbidden(TwotierError):
    code = "own_claim_forbidden"
    message = _("This is your own claim: ask a colleague to answer it. Nothing was changed.")
    status = 403


class TooManyClaims(TwotierError):
    code = "too_many_claims"
    message = _("You have %(limit)s open claims. Wait for an answer before you open another one.")


class CommissionNotFound(TwotierError):
    code = "commission_not_found"
    message = _("You have no commission “%(commission)s”. Claim it by the number of the order.")
    status = 404


@transaction.atomic
def open_claim(
    *, member: Member, reason: str, text: str, at: datetime, order_no: str = "",
    commission: str = "", evidence: Sequence[str] = (),
) -> Claim:  # fmt: skip
    """Claim that a commission is missing or wrong. A member has one open claim about an order.

    :param order_no: the number of the order, also one that never arrived
    :param commission: instead of it, the id of one of the member's commissions
    :param evidence: ids of uploads for claims, which are used by this
    :returns: the claim; the open one as it is if there is one about this order
    :raises NotDistributor: the member is none
    :raises CommissionNotFound: the member has no such commission
    :raises TooManyClaims: too many of the member's claims are open
    :raises TooManyPictures: too many, or one is there twice
    :raises UploadUnknown: the member has no such unused picture for claims
    """
    distributor_of(member)
    about = _commission(member, commission) if commission else None
    number = about.line.order.number if about else order_no
    lock_rows(Member.objects.filter(pk=member.pk))  # so that a repetition finds the first one
    existing = Claim.objects.open().filter(member=member, order_number=number).first()
    if existing:
        return existing
    if Claim.objects.open().filter(member=member).count() >= MAX_OPEN:
        raise TooManyClaims(limit=MAX_OPEN)
    pictures = attach_uploads(member=member, ids=evidence, purpose=Upload.Purpose.CLAIM)
    claim = Claim.objects.create(
        member=member, order_number=number, commission=about, reason=reason, text=text,
        opened_at=at, due_at=at + ANSWER_WITHIN,
    )  # fmt: skip
    ClaimEvidence.objects.bulk_create(
        ClaimEvidence(claim=claim, upload=picture) for picture in pictures
    )
    record(COMMISSIONS_CLAIM_OPENED, claim, at=at, by=member, order=number, reason=reason)
    return claim


@transaction.atomic
def answer_claim(
    *, claim: Claim, outcome: Claim.Status, answer: str, by: User, at: datetime
) -> None:
    """Accept or reject a claim with an answer to the member. It moves no money.

    :raises PermissionMissing: the permission is missing
    :raises OwnClaimForbidden: it is the claim of ``by``
    :raises ReasonRequired: the answer is empty or too long
    :raises WrongStatus: the claim is answered already
    """
    requirements.require_permission(by, PERMISSION)
    if by.member_id in (claim.member_id, claim.member.merged_into_id or 0):
        raise OwnClaimForbidden
    answer = requirements.require_reason(answer)
    before = status.move(
        claim, to=outcome, answer=answer, answered_at=at, answered_by=by,
        answered_by_member=by.member_id or 0,
    )  # fmt: skip
    record(
        COMMISSIONS_CLAIM_ANSWERED, claim, at=at, by=by,
        before={"status": before}, after={"status": outcome.value}, answer=answer,
    )  # fmt: skip
    if not Claim.objects.overdue(at).exists():
        close_alarm(CLAIMS_OVERDUE, OVERDUE, at=at)


def alarm_overdue_claims(*, at: datetime) -> None:
    """Raise one alarm while claims are overdue; close it when none is."""
    count = Claim.objects.overdue(at).count()
    sync_alarms(CLAIMS_OVERDUE, {OVERDUE: {"count": count}} if count else {}, at=at)


def _commission(member: Member, public_id: str) -> Commission:
    try:
        return find_commission(member, public_id)
    except Commission.DoesNotExist:
        raise CommissionNotFound(commission=public_id[:80]) from None
