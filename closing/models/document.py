"""Manual postings: treasury documents, adjustments and payroll."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.base_models import Proposal, PublicIdField, decision_complete, four_eyes
from ledger.chart import Asset

MAX_NUMBER_LENGTH = 64


class DocumentQuerySet(models.QuerySet["TreasuryDocument"]):
    def active(self) -> DocumentQuerySet:
        """Return documents that are not reversed."""
        return self.filter(reversed_at=None)


class TreasuryDocument(models.Model):
    """A movement of money outside the system, by the number of its document. In fen."""

    class Kind(models.TextChoices):
        TOP_UP = "top_up", _("provider top-up")
        REMITTANCE = "remittance", _("tax remittance")
        WRITE_OFF = "write_off", _("debt write-off")
        BANK_PAYMENT = "bank_payment", _("manual bank payment")
        BANK_RETURN = "bank_return", _("returned bank payment")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    number = models.CharField(_("document number"), max_length=MAX_NUMBER_LENGTH)
    amount = models.BigIntegerField(_("amount"))
    member = models.ForeignKey(
        "members.Member", models.PROTECT, null=True, related_name="+", verbose_name=_("member")
    )
    attempt = models.ForeignKey(
        "withdrawals.Attempt", models.PROTECT, null=True, related_name="documents",
        verbose_name=_("payment attempt"),
    )  # fmt: skip
    note = models.CharField(_("note"), max_length=200, blank=True)
    by = models.ForeignKey(
        "members.User", models.PROTECT, related_name="+", db_index=False, verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"))
    # The member of ``by`` (0: none): two accounts of one member are one person.
    by_member = models.BigIntegerField(editable=False)
    # How often the same number was posted and reversed before.
    reuse_count = models.PositiveSmallIntegerField(db_default=0, editable=False)
    # After a reversal by another person the number may be posted again.
    reversed_by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("reversed by"),
    )  # fmt: skip
    reversed_by_member = models.BigIntegerField(null=True, editable=False)
    reversed_at = models.DateTimeField(_("reversed at"), null=True)
    reversal_reason = models.CharField(
        _("reversal reason"), max_length=200, blank=True, db_default=""
    )

    objects: ClassVar[models.Manager[TreasuryDocument]] = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-id"]
        permissions = [("post_documents", _("Can post treasury documents"))]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "number"],
                condition=Q(reversed_at=None),
                name="document_number_unique",
            ),
            models.UniqueConstraint(
                fields=["kind", "attempt"],
                condition=Q(reversed_at=None),
                name="document_attempt_unique",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="document_amount_positive"),
            models.CheckConstraint(condition=~Q(number=""), name="document_number_not_empty"),
            models.CheckConstraint(
                condition=Q(kind__in=["top_up", "remittance"], member=None, attempt=None)
                | (Q(kind="write_off", member__isnull=False, attempt=None) & ~Q(note=""))
                | Q(kind__in=["bank_payment", "bank_return"], member=None, attempt__isnull=False),
                name="document_kind_fields",
            ),
            models.CheckConstraint(
                condition=Q(
                    reversed_by=None, reversed_by_member=None, reversed_at=None, reversal_reason=""
                )
                | (
                    Q(
                        reversed_by__isnull=False,
                        reversed_by_member__isnull=False,
                        reversed_at__isnull=False,
                    )
                    & ~Q(reversal_reason="")
                ),
                name="document_reversal_complete",
            ),
            four_eyes(
                "document_reversed_four_eyes",
                ("by", "by_member"),
                ("reversed_by", "reversed_by_member"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    @property
    def key(self) -> str:
        """The key of its transfer, unique even if a reversed number is posted again."""
        return f"{self.kind}#{self.pk}" if self.reuse_count else f"{self.kind}:{self.number}"


class Adjustment(Proposal):
    """A correction of a wallet: proposed by one person, decided by another."""

    class Direction(models.TextChoices):
        TO_MEMBER = "to_member", _("to the member")
        FROM_MEMBER = "from_member", _("from the member")

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        POSTED = "posted", _("posted")
        REFUSED = "refused", _("refused")

    COMES_FROM: ClassVar = {
        Status.POSTED: [Status.PROPOSED],
        Status.REFUSED: [Status.PROPOSED],
    }
    EDITABLE_IN: ClassVar = (Status.PROPOSED,)

    public_id = PublicIdField()
    key = models.CharField(_("key"), max_length=MAX_NUMBER_LENGTH, unique=True)
    member = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="+", verbose_name=_("member")
    )
    asset = models.CharField(_("asset"), max_length=12, choices=Asset)
    direction = models.CharField(_("direction"), max_length=12, choices=Direction)
    amount = models.BigIntegerField(_("amount"))
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.PROPOSED)

    class Meta:
        verbose_name = _("adjustment")
        verbose_name_plural = _("adjustments")
        ordering = ["-id"]
        permissions = [
            ("propose_adjustment", _("Can propose adjustments")),
            ("decide_adjustment", _("Can decide on adjustments")),
        ]
        indexes = [
            models.Index(
                fields=["proposed_at"], condition=Q(status="proposed"), name="adjustment_waiting"
            )
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="adjustment_amount_positive"),
            models.CheckConstraint(condition=~Q(reason=""), name="adjustment_reason_not_empty"),
            models.CheckConstraint(
                condition=Q(direction__in=["to_member", "from_member"]),
                name="adjustment_direction_valid",
            ),
            decision_complete("adjustment_decision_complete", "posted", "refused"),
            four_eyes(
                "adjustment_four_eyes",
                ("proposer", "proposer_member"), ("decider", "decider_member"),
            ),
            models.CheckConstraint(
                condition=~Q(proposer_member=F("member"))
                & ~Q(decider_member=F("member")),
                name="adjustment_not_own_wallet",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.public_id)


class Payroll(models.Model):
    """A member's bonus of a month, handed over to payroll. In fen."""

    month = models.DateField(_("month"), help_text=_("First day of the month."))
    member = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="+", verbose_name=_("member")
    )
    amount = models.BigIntegerField(_("amount"))
    by = models.ForeignKey(
        "members.User", models.PROTECT, related_name="+", db_index=False, verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("payroll bonus")
        verbose_name_plural = _("payroll bonuses")
        ordering = ["-month", "member"]
        permissions = [("export_payroll", _("Can hand over bonuses to payroll"))]
        constraints = [
            models.UniqueConstraint(fields=["month", "member"], name="payroll_month_member_unique"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payroll_amount_positive"),
            models.CheckConstraint(condition=Q(month__day=1), name="payroll_month_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.member}"
