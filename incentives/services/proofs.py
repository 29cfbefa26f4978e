"""Proofs: pictures that members hand in, and that operations approve or reject."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import BinaryField, F, Func, QuerySet, Value
from django.utils.translation import gettext_lazy as _

from common import status
from common.errors import TwotierError
from common.locks import advisory_lock
from common.requirements import require_permission, require_reason
from events.services import record
from incentives import pictures
from incentives.events import (
    INCENTIVES_PROOF_APPROVED,
    INCENTIVES_PROOF_HANDED_IN,
    INCENTIVES_PROOF_REJECTED,
)
from incentives.metrics.proofs import has_sold
from incentives.models import Incentive, Metric, Proof, Version
from incentives.overview.audience import audience_condition
from incentives.pictures import Picture
from incentives.services.catching_up import catch_up_locked_proof, scope_of_proof
from incentives.services.locks import keep_periods_open, lock_found
from incentives.services.proof_periods import is_closed
from members.models import Member, Upload, User
from members.persons import survivor_of
from members.reviews import require_may_review
from members.uploads import UploadUnknown, attach_uploads, open_upload

PERMISSION = "incentives.decide_proof"
MAX_OPEN = 5
MAX_TEXT = 200
LOCK = "incentives.proofs"
Status = Proof.Status


class NoProofsWanted(TwotierError):
    code = "no_proofs_wanted"
    message = _("This incentive does not run now, takes no proofs, or is not for you.")


class ProofNeedsSale(TwotierError):
    code = "proof_needs_sale"
    message = _(
        "A proof counts once an order of a buyer whom you referred is completed. Hand it in then."
    )


class PictureUsed(TwotierError):
    code = "proof_picture_used"
    message = _(
        "This picture was handed in before, by you or somebody else. Hand in another picture."
    )


class TooManyProofs(TwotierError):
    code = "too_many_proofs"
    message = _("%(limit)s of your proofs wait for an answer. Hand in the next one after it.")


class ProofTooLate(TwotierError):
    code = "proof_too_late"
    message = _(
        "The period in which this proof was handed in is closed, so it would give nothing. Reject"
        " it with this reason. Nothing was changed."
    )


class ProofWithoutSale(TwotierError):
    code = "proof_without_sale"
    message = _(
        "No order that this member sold to somebody else is completed any more, so it would give"
        " nothing. Reject it with this reason. Nothing was changed."
    )


class OwnProofForbidden(TwotierError):
    code = "own_proof_forbidden"
    message = _("This is your own proof: ask a colleague to decide. Nothing was changed.")
    status = 403


def hand_in(
    *, incentive: Incentive, member: Member, upload: str, text: str = "", at: datetime
) -> Proof:
    """Hand in a picture as proof. Each picture serves once, also in another size or quality.

    The same upload again is the same proof. The file is read before the transaction.

    :param upload: the id of one of the member's unused uploads for proofs
    :param text: the member's own words, cut to 200 characters
    :raises UploadUnknown: the member has no such unused upload
    :raises NoProofsWanted: the incentive takes no proofs of this member now
    :raises ProofNeedsSale: no own order of the member is completed
    :raises TooManyProofs: ``MAX_OPEN`` proofs of the member wait for an answer
    :raises PictureUsed: the picture was handed in before and not rejected
    """
    stored = _upload(member, upload)
    if repeated := Proof.objects.filter(upload=stored, incentive=incentive).first():
        return repeated
    if stored.status != Upload.Status.STORED:
        raise UploadUnknown(upload=upload)
    with open_upload(stored) as file:
        picture = pictures.read(file)
    return _hand_in(
        incentive=incentive, member=member, upload=stored, picture=picture, text=text, at=at
    )


@transaction.atomic
def _hand_in(
    *, incentive: Incentive, member: Member, upload: Upload, picture: Picture, text: str,
    at: datetime,
) -> Proof:  # fmt: skip
    # One after the other: no row says yet that another one is just handing in the same picture.
    advisory_lock(LOCK)
    if repeated := Proof.objects.filter(upload=upload, incentive=incentive).first():
        return repeated
    _require_wanted(incentive, member, at)
    open_proofs = Proof.objects.open().visible_to(member)
    if open_proofs.count() >= MAX_OPEN:
        raise TooManyProofs(limit=MAX_OPEN)
    if any(proof.status != Status.REJECTED for proof in _with_picture(picture)):
        raise PictureUsed
    attach_uploads(member=member, ids=[upload.public_id], purpose=Upload.Purpose.PROOF)
    proof = Proof.objects.create(
        incentive=incentive, member=member, upload=upload, picture_hash=picture.picture_hash,
        picture_cells=picture.cells, brightness=picture.brightness,
        text=" ".join(text.split())[:MAX_TEXT], handed_in_at=at,
    )  # fmt: skip
    record(INCENTIVES_PROOF_HANDED_IN, proof, at=at, by=member, **_facts(proof))
    return proof


@transaction.atomic
def approve_proof(*, proof: Proof, by: User, at: datetime) -> None:
    """Approve a proof, and give what it reaches, before its period can close.

    :raises PermissionMissing, ReviewTooEarly: nothing was changed
    :raises OwnProofForbidden: it is the proof of ``by``
    :raises ProofTooLate: the period in which it was handed in is closed
    :raises ProofWithoutSale: no own order of the member is completed any more
    :raises WrongStatus: it is decided already
    """
    _require_other_person(proof, by)
    scope = lock_found(partial(scope_of_proof, proof))
    keep_periods_open([proof.incentive_id])
    status.expect(proof, Status.OPEN, to=Status.APPROVED)
    if is_closed(proof):
        raise ProofTooLate
    if not has_sold(survivor_of(proof.member).pk):
        raise ProofWithoutSale
    before = status.move(proof, to=Status.APPROVED, decided_at=at, decided_by=by)
    record(
        INCENTIVES_PROOF_APPROVED, proof, at=at, by=by, before={"status": before},
        after={"status": Status.APPROVED}, **_facts(proof),
    )  # fmt: skip
    catch_up_locked_proof(proof=proof, scope=scope, at=at)


@transaction.atomic
def reject_proof(*, proof: Proof, reason: str, by: User, at: datetime) -> None:
    """Reject a proof. The picture may be handed in again, such as for another incentive.

    :param reason: what the member reads
    :raises PermissionMissing, ReviewTooEarly: nothing was changed
    :raises OwnProofForbidden: it is the proof of ``by``
    :raises ReasonRequired: the reason is empty or too long
    :raises WrongStatus: it is decided already
    """
    _require_other_person(proof, by)
    reason = require_reason(reason)
    before = status.move(proof, to=Status.REJECTED, reason=reason, decided_at=at, decided_by=by)
    record(
        INCENTIVES_PROOF_REJECTED, proof, at=at, by=by, before={"status": before},
        after={"status": Status.REJECTED}, reason=reason, **_facts(proof),
    )  # fmt: skip


def earlier_uses(proof: Proof) -> list[Proof]:
    """Return the other proofs with the same picture, the latest first: they were rejected."""
    picture = _picture(proof)
    return sorted(
        (other for other in _with_picture(picture) if other.pk != proof.pk),
        key=lambda other: -other.pk,
    )


def _require_wanted(incentive: Incentive, member: Member, at: datetime) -> None:
    person = survivor_of(member)
    wanted = Version.objects.running(at).filter(incentive=incentive, metric=Metric.PROOF)
    if not wanted.filter(audience_condition(person)).exists():
        raise NoProofsWanted
    if not has_sold(person.pk):
        raise ProofNeedsSale


def _with_picture(picture: Picture) -> Iterator[Proof]:
    """Return the proofs with this picture, whatever became of them."""
    darkest = picture.brightness - pictures.BRIGHTNESS_TOLERANCE
    brightest = picture.brightness + pictures.BRIGHTNESS_TOLERANCE
    rows: QuerySet[Proof] = Proof.objects.filter(brightness__range=(darkest, brightest))
    for place in pictures.PROBES:
        rows = _with_shade(rows, place, picture.cells[place])
    for proof in rows.select_related("upload", "member", "incentive"):
        if pictures.is_same(picture, _picture(proof)):
            yield proof


def _with_shade(rows: QuerySet[Proof], place: int, shade: int) -> QuerySet[Proof]:
    cell = Func(
        F("picture_cells"), Value(place + 1), Value(1), function="substr",
        output_field=BinaryField(),
    )  # fmt: skip
    darkest = bytes([max(0, shade - pictures.TOLERANCE)])
    brightest = bytes([min(255, shade + pictures.TOLERANCE)])
    name = f"cell_{place}"
    found = rows.alias(**{name: cell})
    return found.filter(**{f"{name}__gte": darkest, f"{name}__lte": brightest})


def _picture(proof: Proof) -> Picture:
    upload = proof.upload
    return Picture(
        proof.picture_hash, bytes(proof.picture_cells), proof.brightness,
        upload.width / upload.height,
    )  # fmt: skip


def _upload(member: Member, public_id: str) -> Upload:
    uploads = Upload.objects.of_person(member).readable().filter(purpose=Upload.Purpose.PROOF)
    if upload := uploads.filter(public_id=public_id).first():
        return upload
    raise UploadUnknown(upload=public_id)


def _require_other_person(proof: Proof, by: User) -> None:
    require_permission(by, PERMISSION)
    require_may_review(by.pk)
    if by.member_id and by.member_id in (proof.member_id, proof.member.merged_into_id):
        raise OwnProofForbidden


def _facts(proof: Proof) -> dict[str, Any]:
    return {"member": proof.member.public_id, "incentive": proof.incentive.public_id}
