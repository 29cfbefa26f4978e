from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField
from withdrawals.models.base import OwnedQuerySet, member_field, staff_field
from withdrawals.models.people import Payee

MAX_KEY_LENGTH = 64
REVIEWS = ("ops", "finance", "second")
# For the constraints, which cannot see the class that they belong to.
OPEN = ["requested", "ops_approved", "finance_approved", "ready_to_collect", "paying"]
ENDED = ["paid", "rejected", "cancelled", "failed", "returned"]


def _review_complete(review: str) -> models.CheckConstraint:
    """Require all fields of a review or none, and the content hash that it approved."""
    nothing = {"reviewer": None, "reviewer_member": None, "reviewed_at": None, "content_hash": ""}
    absent = Q(**{f"{review}_{name}": value for name, value in nothing.items()})
    set_fields = {
        f"{review}_{name}__isnull": False for name, value in nothing.items() if value is None
    }
    present = Q(**set_fields, **{f"{review}_content_hash": F("content_hash")})
    return models.CheckConstraint(
        condition=absent | present, name=f"withdrawal_{review}_review_complete"
    )


def _other_member(review: str, other: str) -> Q:
    """Require that two reviews are by different members; 0 is an account without a member."""
    member = f"{review}_reviewer_member"
    return Q((member, 0)) | ~Q((member, F(f"{other}_reviewer_member")))


class WithdrawalQuerySet(OwnedQuerySet["Withdrawal"]):
    def open(self) -> WithdrawalQuerySet:
        """Return the withdrawals whose money is held."""
        return self.filter(status__in=Withdrawal.OPEN)


class Withdrawal(models.Model):
    """A member's request to pay cash out. Amounts in fen: gross = net + tax + fee.

    An approval is bound to ``content_hash``, the hash of payee, amounts and tax: none of these can
    change while the approval stands.
    """

    class Status(models.TextChoices):
        REQUESTED = "requested", _("requested")
        OPS_APPROVED = "ops_approved", _("approved by operations")
        FINANCE_APPROVED = "finance_approved", _("approved by finance")
        READY_TO_COLLECT = "ready_to_collect", _("ready to collect")
        PAYING = "paying", _("paying")
        PAID = "paid", _("paid")
        REJECTED = "rejected", _("rejected")
        CANCELLED = "cancelled", _("cancelled")
        FAILED = "failed", _("failed")
        RETURNED = "returned", _("returned")

    class EndReason(models.TextChoices):
        """Why a withdrawal ended without being rejected by a reviewer."""

        MEMBER = "member", _("by the member")
        DEBT = "debt", _("the member owes money after a refund")
        UNCOLLECTED = "uncollected", _("not collected in time")
        PAYOUT = "payout", _("the provider could not pay")

    IN_REVIEW: ClassVar = (Status.REQUESTED, Status.OPS_APPROVED)
    BEFORE_PAYING: ClassVar = (*IN_REVIEW, Status.FINANCE_APPROVED, Status.READY_TO_COLLECT)
    OPEN: ClassVar = (*BEFORE_PAYING, Status.PAYING)
    COMES_FROM: ClassVar = {
        Status.REQUESTED: [
            Status.REQUESTED, Status.OPS_APPROVED, Status.FINANCE_APPROVED,
            Status.READY_TO_COLLECT,
        ],
        Status.OPS_APPROVED: [Status.REQUESTED, Status.OPS_APPROVED],
        Status.FINANCE_APPROVED: [Status.OPS_APPROVED],
        Status.READY_TO_COLLECT: [Status.FINANCE_APPROVED, Status.PAYING],
        Status.PAYING: [Status.FINANCE_APPROVED, Status.READY_TO_COLLECT],
        Status.PAID: [Status.PAYING],
        Status.REJECTED: [*BEFORE_PAYING],
        Status.CANCELLED: [*BEFORE_PAYING],
        Status.FAILED: [Status.PAYING],
        Status.RETURNED: [Status.PAID],
    }  # fmt: skip
    EDITABLE_IN: ClassVar = BEFORE_PAYING

    public_id = PublicIdField()
    key = models.CharField(_("key"), max_length=MAX_KEY_LENGTH)
    member = member_field(related_name="withdrawals", db_index=False)
    payee = models.ForeignKey(
        Payee, models.PROTECT, related_name="withdrawals", verbose_name=_("payee")
    )
    gross = models.BigIntegerField(_("amount"))
    fee = models.BigIntegerField(_("fee"))
    tax = models.BigIntegerField(_("tax"))
    net = models.BigIntegerField(_("net"))
    content_hash = models.CharField(_("hash of the approved content"), max_length=64)
    needs_second_finance = models.BooleanField(_("needs two finance reviewers"), default=False)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.REQUESTED)
    requested_at = models.DateTimeField(_("requested at"))

    # A review: the reviewer, the reviewer's own member (0: none), the time and the content.
    ops_reviewer = staff_field(_("reviewer of operations"))
    ops_reviewer_member = models.BigIntegerField(null=True, editable=False)
    ops_reviewed_at = models.DateTimeField(_("reviewed by operations at"), null=True)
    ops_content_hash = models.CharField(max_length=64, blank=True, editable=False)
    finance_reviewer = staff_field(_("reviewer of finance"))
    finance_reviewer_member = models.BigIntegerField(null=True, editable=False)
    finance_reviewed_at = models.DateTimeField(_("reviewed by finance at"), null=True)
    finance_content_hash = models.CharField(max_length=64, blank=True, editable=False)
    second_reviewer = staff_field(_("second reviewer of finance"))
    second_reviewer_member = models.BigIntegerField(null=True, editable=False)
    second_reviewed_at = models.DateTimeField(_("reviewed a second time at"), null=True)
    second_content_hash = models.CharField(max_length=64, blank=True, editable=False)

    ready_at = models.DateTimeField(_("ready at"), null=True)
    start_failed_at = models.DateTimeField(_("payment could not start at"), null=True)
    """When a fault that kept the payment from starting was last reported."""
    ended_at = models.DateTimeField(_("ended at"), null=True)
    end_reason = models.CharField(_("end reason"), max_length=12, choices=EndReason, blank=True)
    rejection_reason = models.ForeignKey(
        "withdrawals.RejectionReason", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("reason for the rejection"),
    )  # fmt: skip
    note = models.CharField(_("note to the member"), max_length=200, blank=True)

    objects: ClassVar[models.Manager[Withdrawal]] = WithdrawalQuerySet.as_manager()

    class Meta:
        verbose_name = _("withdrawal")
        verbose_name_plural = _("withdrawals")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["member", "-id"], name="withdrawal_member_idx"),
            models.Index(fields=["status", "id"], name="withdrawal_status_idx"),
        ]
        permissions = [
            ("review_as_operations", _("Can review withdrawals for operations")),
            ("review_as_finance", _("Can review withdrawals for finance")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["member", "key"], name="withdrawal_key_unique"),
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(status__in=OPEN),
                name="withdrawal_open_unique",
            ),
            models.CheckConstraint(
                condition=Q(gross=F("net") + F("tax") + F("fee"))
                & Q(net__gt=0, tax__gte=0, fee__gte=0),
                name="withdrawal_amounts_balance",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[*OPEN, *ENDED]), name="withdrawal_status_valid"
            ),
            *map(_review_complete, REVIEWS),
            # Law 10: four eyes, by account and by member.
            models.CheckConstraint(
                condition=~Q(ops_reviewer_member=F("member"))
                & ~Q(finance_reviewer_member=F("member"))
                & ~Q(second_reviewer_member=F("member")),
                name="withdrawal_not_self_reviewed",
            ),
            models.CheckConstraint(
                condition=~Q(ops_reviewer=F("finance_reviewer"))
                & ~Q(ops_reviewer=F("second_reviewer"))
                & ~Q(finance_reviewer=F("second_reviewer")),
                name="withdrawal_reviewers_differ",
            ),
            models.CheckConstraint(
                condition=_other_member("ops", "finance")
                & _other_member("ops", "second")
                & _other_member("finance", "second"),
                name="withdrawal_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["requested", "rejected", "cancelled"])
                | Q(ops_reviewer__isnull=False),
                name="withdrawal_ops_review_required",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["requested", "ops_approved", "rejected", "cancelled"])
                | Q(finance_reviewer__isnull=False, needs_second_finance=False)
                | Q(finance_reviewer__isnull=False, second_reviewer__isnull=False),
                name="withdrawal_finance_review_required",
            ),
            models.CheckConstraint(
                condition=Q(status="requested", ops_reviewer=None, finance_reviewer=None)
                | ~Q(status="requested"),
                name="withdrawal_requested_unreviewed",
            ),
            models.CheckConstraint(
                condition=Q(status="rejected", rejection_reason__isnull=False)
                | (~Q(status="rejected") & Q(rejection_reason=None)),
                name="withdrawal_rejection_has_reason",
            ),
            models.CheckConstraint(
                condition=(Q(status__in=ENDED) & Q(ended_at__isnull=False))
                | (Q(status__in=OPEN) & Q(ended_at=None)),
                name="withdrawal_ended_at_matches_status",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)
