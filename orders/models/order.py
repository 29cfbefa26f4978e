from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Prefetch, Q, Value, When
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from common.ids import PublicIdField

if TYPE_CHECKING:
    from orders.models.refund import Refund


class OrderQuerySet(models.QuerySet["Order"]):
    def protection_over(self, at: datetime) -> OrderQuerySet:
        """Received, and the protection period has passed, but nobody has noted it yet."""
        return self.filter(release_at__lte=at, completed_at=None, paid_at__isnull=False)

    def with_lines(self) -> OrderQuerySet:
        """With ``all_lines``, and ``all_refunds`` of each."""
        refunds = Prefetch("refunds", to_attr="all_refunds")
        lines = OrderLine.objects.select_related("sku").prefetch_related(refunds)  # type: ignore[no-redef]
        return self.prefetch_related(Prefetch("lines", lines, to_attr="all_lines"))  # type: ignore[no-redef]


class Order(models.Model):
    """The times at which things happened to an order: each is set once, in any order.

    ``status`` follows from them, in the database.
    """

    class Status(models.TextChoices):
        PLACED = "placed", _("placed")
        PAID = "paid", _("paid")
        SHIPPED = "shipped", _("shipped")
        RECEIVED = "received", _("received")
        COMPLETED = "completed", _("completed")
        CLOSED = "closed", _("closed")

    # Of an instance: inserted by this very transaction, with all that was inserted in memory.
    just_placed = False

    EVENT_TIMES: ClassVar = ("paid_at", "shipped_at", "received_at", "closed_at")

    public_id = PublicIdField()
    number = models.CharField(_("order number"), max_length=64)
    buyer = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="orders", verbose_name=_("buyer"),
        db_index=False,
    )  # fmt: skip
    placed_at = models.DateTimeField(_("placed at"))
    paid_at = models.DateTimeField(_("paid at"), null=True)
    shipped_at = models.DateTimeField(_("shipped at"), null=True)
    received_at = models.DateTimeField(_("received at"), null=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    # Fixed at receipt: a later change of the setting does not touch it.
    release_at = models.DateTimeField(_("protected until"), null=True)
    completed_at = models.DateTimeField(_("completed at"), null=True)
    contact = models.JSONField(_("contact hashes"), default=dict, blank=True)
    status = models.GeneratedField(
        verbose_name=_("status"),
        expression=Case(
            When(closed_at__isnull=False, then=Value("closed")),
            When(completed_at__isnull=False, then=Value("completed")),
            When(received_at__isnull=False, then=Value("received")),
            When(shipped_at__isnull=False, then=Value("shipped")),
            When(paid_at__isnull=False, then=Value("paid")),
            default=Value("placed"),
        ),
        output_field=models.CharField(max_length=10, choices=Status),
        db_persist=True,
    )

    objects: ClassVar[models.Manager[Order]] = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["buyer", "-placed_at"], name="order_of_buyer"),
            models.Index(
                "release_at",
                condition=Q(completed_at=None, release_at__isnull=False),
                name="order_under_protection",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="order_number_unique"),
            models.CheckConstraint(condition=~Q(number=""), name="order_has_number"),
            models.CheckConstraint(
                condition=Q(received_at=None, release_at=None)
                | Q(received_at__isnull=False, release_at__gte=F("received_at")),
                name="order_release_follows_receipt",
            ),
            models.CheckConstraint(
                condition=Q(completed_at=None)
                | Q(completed_at__gte=F("release_at"), paid_at__isnull=False),
                name="order_completed_after_protection",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @cached_property
    def all_lines(self) -> list[OrderLine]:
        """Read once; ``with_lines`` reads those of many orders at once."""
        return list(self.lines.all())

    def done_refunds(self) -> Iterator[Refund]:
        for line in self.all_lines:
            yield from (refund for refund in line.all_refunds if refund.done_at)


class OrderLine(models.Model):
    """Goods of an order, frozen as they were placed; only what is refunded is added up.

    All amounts in fen. ``paid`` is what was paid for the line's goods: after discounts, without
    shipping.
    """

    order = models.ForeignKey(
        Order, models.PROTECT, related_name="lines", verbose_name=_("order"), db_index=False
    )
    number = models.PositiveSmallIntegerField(_("line"))
    sku = models.ForeignKey(
        "catalog.Sku", models.PROTECT, related_name="+", verbose_name=_("SKU"), db_index=False
    )
    product = models.ForeignKey(
        "catalog.Product", models.PROTECT, related_name="+", verbose_name=_("product"),
        db_index=False,
    )  # fmt: skip
    categories = ArrayField(
        models.BigIntegerField(), verbose_name=_("categories, the nearest first")
    )
    quantity = models.PositiveIntegerField(_("quantity"))
    unit_price = models.BigIntegerField(_("unit price"))
    discount = models.BigIntegerField(_("discount of the line"), default=0)
    shipping = models.BigIntegerField(_("shipping of the line"), default=0)
    unit_cost = models.BigIntegerField(_("unit cost"), null=True)
    paid = models.GeneratedField(
        verbose_name=_("paid for goods"),
        expression=F("unit_price") * F("quantity") - F("discount"),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )
    refunded_quantity = models.PositiveIntegerField(_("refunded quantity"), default=0)
    refunded_amount = models.BigIntegerField(_("refunded amount"), default=0)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["order_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="order_line_unique"),
            models.CheckConstraint(
                condition=Q(number__gt=0, quantity__gt=0), name="order_line_counts_positive"
            ),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0, discount__gte=0, shipping__gte=0),
                name="order_line_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(unit_cost__gte=0), name="order_line_cost_not_negative"
            ),
            models.CheckConstraint(condition=Q(paid__gte=0), name="order_line_paid_not_negative"),
            models.CheckConstraint(
                condition=Q(refunded_quantity__gte=0)
                & Q(refunded_quantity__lte=F("quantity"))
                & Q(refunded_amount__gte=0)
                & Q(refunded_amount__lte=F("paid")),
                name="order_line_refunds_within_paid",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order}/{self.number}"

    @cached_property
    def all_refunds(self) -> list[Refund]:
        """Read once; see ``OrderQuerySet.with_lines``."""
        return list(self.refunds.all())

    @property
    def remaining_quantity(self) -> int:
        return self.quantity - self.refunded_quantity

    @property
    def remaining_paid(self) -> int:
        """Fen: what was paid for goods and not given back."""
        return int(self.paid - self.refunded_amount)
