"""What people post: each with a document, whose number counts once."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.constraints import four_eyes
from common.ids import PublicIdField
from common.proposals import Proposal
from ledger.chart import Asset

MAX_NUMBER_LENGTH = 64


class DocumentQuerySet(models.QuerySet["TreasuryDocument"]):
    def active(self) -> DocumentQuerySet:
        """Those that were not reversed."""
        return self.filter(reversed_at=None)


class TreasuryDocument(models.Model):
    """Money that finance has moved outside, by the number on its document. Amounts in fen."""

    class Kind(models.TextChoices):
        TOP_UP = "top_up", _("topped up at the provider")
        REMITTANCE = "remittance", _("tax remitted")
        WRITE_OFF = "write_off", _("debt written off")
        BANK_PAYMENT = "bank_payment", _("paid by hand from the bank")
        BANK_RETURN = "bank_return", _("come back to the bank")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    number = models.CharField(_("number of the document"), max_length=MAX_NUMBER_LENGTH)
    amount = models.BigIntegerField(_("amount"))
    member = models.ForeignKey(
        "members.Member", models.PROTECT, null=True, related_name="+", verbose_name=_("member")
    )
    attempt = models.ForeignKey(
        "withdrawals.Attempt", models.PROTECT, null=True, related_name="documents",
        verbose_name=_("attempt to pay"),
    )  # fmt: skip
    note = models.CharField(_("note"), max_length=200, blank=True)
    by = models.ForeignKey(
        "members.User", models.PROTECT, related_name="+", db_index=False, verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"))
    # How often the number was posted and reversed before.
    reuse_count = models.PositiveSmallIntegerField(db_default=0, editable=False)
    # A slip of the pen, taken back by somebody else; the number may then be posted anew.
    reversed_by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("reversed by"),
    )  # fmt: skip
    reversed_at = models.DateTimeField(_("reversed at"), null=True)
    reversal_reason = models.CharField(
        _("why it was reversed"), max_length=200, blank=True, db_default=""
    )

    objects: ClassVar[models.Manager[TreasuryDocument]] = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-id"]
        permissions = [("post_documents", _("Can post top-ups, remittances and write-offs"))]
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
                condition=Q(reversed_by=None, reversed_at=None, reversal_reason="")
                | (
                    Q(reversed_by__isnull=False, reversed_at__isnull=False)
                    & ~Q(reversal_reason="")
                    & ~Q(reversed_by=F("by"))
                ),
                name="document_reversed_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    @property
    def key(self) -> str:
        """Of its transfer. A number that is posted anew must not look like another number."""
        return f"{self.kind}#{self.pk}" if self.reuse_count else f"{self.kind}:{self.number}"


class Adjustment(Proposal):
    """A wallet is put right, either way: proposed by one person, decided by another."""

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
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="adjustment_amount_positive"),
            models.CheckConstraint(condition=~Q(reason=""), name="adjustment_reason_not_empty"),
            models.CheckConstraint(
                condition=Q(direction__in=["to_member", "from_member"]), name="adjustment_direction_valid"
            ),
            models.CheckConstraint(
                condition=Q(
                    status="proposed", decider=None, decider_member=None, decided_at=None,
                )
                | Q(
                    status__in=["posted", "refused"], decider__isnull=False,
                    decider_member__isnull=False, decided_at__isnull=False,
                ),
                name="adjustment_decision_complete",
            ),
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
    """A member's bonus of a month, handed over to be paid with the wages. Fen."""

    month = models.DateField(_("month"), help_text=_("Its first day."))
    member = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="+", verbose_name=_("member")
    )
    amount = models.BigIntegerField(_("amount"))
    by = models.ForeignKey(
        "members.User", models.PROTECT, related_name="+", db_index=False, verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("bonus paid with the wages")
        verbose_name_plural = _("bonuses paid with the wages")
        ordering = ["-month", "member"]
        permissions = [("export_payroll", _("Can hand bonuses over to the payroll"))]
        constraints = [
            models.UniqueConstraint(fields=["month", "member"], name="payroll_month_member_unique"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payroll_amount_positive"),
            models.CheckConstraint(condition=Q(month__day=1), name="payroll_month_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.member}"
