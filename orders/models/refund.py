from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField
from orders.models.order import OrderLine


class RefundQuerySet(models.QuerySet["Refund"]):
    def counted(self) -> RefundQuerySet:
        """Limit to refunds that reduce what is left of their line: done, and no exchange."""
        return self.filter(done_at__isnull=False).exclude(kind=Refund.Kind.EXCHANGE)

    def open(self) -> RefundQuerySet:
        """Limit to refunds without an outcome: they hold the commissions of their line."""
        return self.filter(status__in=Refund.OPEN)

    def overdue(self, since: datetime) -> RefundQuerySet:
        """Limit to refunds approved before ``since`` and not done."""
        return self.filter(status=Refund.Status.APPROVED, approved_at__lte=since)


class Refund(models.Model):
    """What is refunded of one line; the rows of one number belong to one order.

    Its status follows from its times. Its amounts may change until it is done.
    """

    class Kind(models.TextChoices):
        REFUND = "refund", _("refund only")
        RETURN = "return", _("return and refund")
        EXCHANGE = "exchange", _("exchange")
        CORRECTION = "correction", _("correction by staff")

    TOLD_KINDS: ClassVar = (Kind.REFUND, Kind.RETURN, Kind.EXCHANGE)
    """The kinds that a mall may tell."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("requested")
        APPROVED = "approved", _("approved")
        DONE = "done", _("refunded")
        REJECTED = "rejected", _("rejected")
        WITHDRAWN = "withdrawn", _("withdrawn")

    OPEN: ClassVar = (Status.REQUESTED, Status.APPROVED)

    EVENT_TIMES: ClassVar = ("approved_at", "done_at", "rejected_at", "withdrawn_at")

    public_id = PublicIdField()
    number = models.CharField(_("refund number"), max_length=64)
    line = models.ForeignKey(
        OrderLine, models.PROTECT, related_name="refunds", verbose_name=_("order line")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    revision = models.BigIntegerField(_("revision"), null=True)
    quantity = models.PositiveIntegerField(
        _("quantity"), default=0, help_text=_("0: money only, the goods stay.")
    )
    amount = models.BigIntegerField(_("amount"), help_text=_("Goods money, in fen."))
    freight = models.BigIntegerField(_("refunded freight"), default=0, help_text=_("In fen."))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    requested_at = models.DateTimeField(_("requested at"))
    approved_at = models.DateTimeField(_("approved at"), null=True)
    done_at = models.DateTimeField(_("refunded at"), null=True)
    rejected_at = models.DateTimeField(_("rejected at"), null=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)
    overdue_alerted_at = models.DateTimeField(_("overdue alert raised at"), null=True)
    status = models.GeneratedField(
        verbose_name=_("status"),
        expression=Case(
            When(done_at__isnull=False, then=Value("done")),
            When(rejected_at__isnull=False, then=Value("rejected")),
            When(withdrawn_at__isnull=False, then=Value("withdrawn")),
            When(approved_at__isnull=False, then=Value("approved")),
            default=Value("requested"),
        ),
        output_field=models.CharField(max_length=10, choices=Status),
        db_persist=True,
    )

    objects: ClassVar[models.Manager[Refund]] = RefundQuerySet.as_manager()

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["number", "line"], name="refund_number_unique"),
            models.CheckConstraint(
                condition=Q(kind__in=["refund", "return", "exchange", "correction"]),
                name="refund_kind_valid",
            ),
            models.CheckConstraint(
                condition=~Q(kind="exchange") | Q(amount=0, freight=0),
                name="refund_exchange_moves_no_money",
            ),
            models.CheckConstraint(condition=~Q(number=""), name="refund_has_number"),
            models.CheckConstraint(
                condition=Q(amount__gte=0, freight__gte=0, quantity__gte=0)
                & (Q(amount__gt=0) | Q(quantity__gt=0) | Q(freight__gt=0)),
                name="refund_not_empty",
            ),
            # A rejected or withdrawn refund may still be done: then it counts as done.
            models.CheckConstraint(
                condition=Q(rejected_at=None) | Q(withdrawn_at=None),
                name="refund_rejected_or_withdrawn",
            ),
        ]

    def __str__(self) -> str:
        return self.number
