"""What distributors say is missing or wrong, for operations to answer (佣金申诉)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commissions.models.commission import Commission
from common.base_models import PublicIdField
from members.models import Member, Upload


class ClaimQuerySet(models.QuerySet["Claim"]):
    def open(self) -> ClaimQuerySet:
        return self.filter(status=Claim.Status.OPEN)

    def overdue(self, at: datetime) -> ClaimQuerySet:
        """Return the claims that should have been answered by now."""
        return self.open().filter(due_at__lte=at)

    def with_evidence(self) -> ClaimQuerySet:
        """Load the pictures in their order, in one query for all claims."""
        rows = ClaimEvidence.objects.select_related("upload").order_by("pk")
        return self.prefetch_related(models.Prefetch("evidence", rows))

    def visible_to(self, member: Member) -> ClaimQuerySet:
        """Return a person's own claims."""
        return self.filter(member__in=Member.objects.of_person(member.pk).values("pk"))


class Claim(models.Model):
    """A claim about an order; the answer is final and moves no money by itself.

    An accepted one is corrected by the mall's next report of the order, a retry or an adjustment.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        ACCEPTED = "accepted", pgettext_lazy("claim", "accepted")
        REJECTED = "rejected", _("rejected")

    class Reason(models.TextChoices):
        MISSING = "missing", _("commission is missing")
        AMOUNT = "amount", _("amount is wrong")
        TAKEN_BACK = "taken_back", _("taken back without cause")
        OTHER = "other", _("other")

    COMES_FROM: ClassVar = {
        Status.ACCEPTED: [Status.OPEN],
        Status.REJECTED: [Status.OPEN],
    }
    EDITABLE_IN: ClassVar = (Status.OPEN,)

    public_id = PublicIdField()
    member = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="claims", verbose_name=_("member")
    )
    # Not a foreign key: the order may be the one that never arrived.
    order_number = models.CharField(_("order number"), max_length=64)
    commission = models.ForeignKey(
        Commission, models.PROTECT, null=True, related_name="claims",
        verbose_name=_("commission"),
    )  # fmt: skip
    reason = models.CharField(_("reason"), max_length=10, choices=Reason)
    text = models.CharField(_("text"), max_length=500)
    opened_at = models.DateTimeField(_("opened at"))
    due_at = models.DateTimeField(_("answer due at"))
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.OPEN)
    answer = models.CharField(_("answer"), max_length=200, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True)
    answered_by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("answered by"),
    )  # fmt: skip
    # Their own member (0: none).
    answered_by_member = models.BigIntegerField(null=True, editable=False)

    objects: ClassVar[ClaimQuerySet] = ClaimQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        ordering = ["-id"]
        indexes = [
            models.Index("due_at", condition=Q(status="open"), name="claim_open_due"),
            models.Index(fields=["-answered_at", "due_at", "-id"], name="claim_queue"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "order_number"], condition=Q(status="open"),
                name="claim_open_unique",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "accepted", "rejected"]), name="claim_status_valid"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=["missing", "amount", "taken_back", "other"]),
                name="claim_reason_valid",
            ),
            models.CheckConstraint(
                condition=~Q(order_number="") & ~Q(text=""), name="claim_says_something"
            ),
            models.CheckConstraint(
                condition=Q(
                    status="open", answer="", answered_at=None, answered_by=None,
                    answered_by_member=None,
                )
                | Q(
                    status__in=["accepted", "rejected"], answered_at__isnull=False,
                    answered_by__isnull=False, answered_by_member__isnull=False,
                )
                & ~Q(answer=""),
                name="claim_answer_complete",
            ),
            models.CheckConstraint(
                condition=~Q(answered_by_member=F("member")), name="claim_not_answered_by_oneself"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.order_number} · {self.member}"

    @property
    def pictures(self) -> list[Upload]:
        """The pictures that belong to the claim and are not erased."""
        uploads = (row.upload for row in self.evidence.all())
        return [upload for upload in uploads if upload.status not in Upload.NOT_READABLE]


class ClaimEvidence(models.Model):
    """A picture of a claim. It belongs to one claim, and stays with it."""

    claim = models.ForeignKey(
        Claim, models.PROTECT, related_name="evidence", verbose_name=_("claim")
    )
    upload = models.OneToOneField(
        Upload, models.PROTECT, related_name="+", verbose_name=_("upload")
    )

    class Meta:
        verbose_name = _("picture of a claim")
        verbose_name_plural = _("pictures of claims")
        ordering = ["id"]

    def __str__(self) -> str:
        return str(self.upload)
