from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import (
    Case,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Prefetch,
    Q,
    Value,
    When,
)
from django.db.models.functions import Collate, Greatest, Reverse
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField
from members.models import Member, User

if TYPE_CHECKING:
    from orders.models.conflict import OrderConflictQuerySet
    from orders.models.refund import Refund


def _conflicts() -> OrderConflictQuerySet:
    # Not imported: conflicts refer to orders.
    rows: OrderConflictQuerySet = apps.get_model("orders", "OrderConflict").objects.all()
    return rows


class OrderQuerySet(models.QuerySet["Order"]):
    def protection_over(self, at: datetime) -> OrderQuerySet:
        """Limit to paid orders whose protection is over and that are not completed yet."""
        return self.filter(release_at__lte=at, completed_at=None, paid_at__isnull=False)

    def unpaid(self) -> OrderQuerySet:
        """Limit to orders that are neither paid nor closed."""
        return self.filter(paid_at=None, closed_at=None)

    def not_received_since(self, shipped_by: datetime) -> OrderQuerySet:
        """Limit to paid orders shipped by then, neither received nor closed."""
        return self.filter(
            shipped_at__lte=shipped_by, paid_at__isnull=False, received_at=None,
            assumed_received_at=None, closed_at=None,
        )  # fmt: skip

    def awaiting_closure_decision(self) -> OrderQuerySet:
        """Limit to paid orders that were closed while goods are left, without a decision."""
        left = OrderLine.objects.filter(order=OuterRef("pk"), refunded_amount__lt=F("paid"))
        return self.filter(
            Exists(left), closed_at__isnull=False, paid_at__isnull=False, closure_decision=None
        )

    def with_conflict_flags(self) -> OrderQuerySet:
        """Set ``has_conflicts`` and ``has_open_conflict``."""
        conflicts = _conflicts().filter(order=OuterRef("pk"))
        return self.annotate(  # type: ignore[no-redef]  # a new order has the attributes, too
            has_conflicts=Exists(conflicts), has_open_conflict=Exists(conflicts.open())
        )

    def in_conflict(self) -> OrderQuerySet:
        """Limit to orders with an open conflict: their commissions are held."""
        return self.filter(Exists(_conflicts().open().filter(order=OuterRef("pk"))))

    def with_lines(self) -> OrderQuerySet:
        """Prefetch the lines with their SKUs and refunds."""
        lines = OrderLine.objects.select_related("sku").prefetch_related("refunds")
        return self.prefetch_related(Prefetch("lines", lines))

    def visible_to(self, person: User | Member) -> OrderQuerySet:
        """Limit to what a person may see: staff by permission, members the orders they bought."""
        if isinstance(person, Member):
            return self.filter(buyer__in=Member.objects.of_person(person.pk).values("pk"))
        return self.all() if person.has_perm("orders.view_order") else self.none()


def _protected_from(receipt: str) -> Q:
    """Return the condition that the days of protection count from this receipt.

    As a difference of times: adding days to a time depends on the session's time zone.
    """
    started = Greatest("placed_at", "paid_at", receipt)
    days = ExpressionWrapper(
        F("protection_days") * Value(timedelta(days=1)), models.DurationField()
    )
    return Q(**{f"{receipt}__isnull": False}) & Q(Exact(F("release_at") - started, days))


class Order(models.Model):
    """An order with the times of its events, each set once; the database derives ``status``."""

    class Status(models.TextChoices):
        PLACED = "placed", _("placed")
        PAID = "paid", _("paid")
        SHIPPED = "shipped", _("shipped")
        RECEIVED = "received", _("received")
        COMPLETED = "completed", _("completed")
        CLOSED = "closed", _("closed")

    EVENT_TIMES: ClassVar = ("paid_at", "shipped_at", "received_at", "closed_at")
    """Set by ``orders.intake`` alone: with a new order, or later when a snapshot first has them."""

    has_conflicts = has_open_conflict = False
    """Read from the database by ``with_conflict_flags``; a new order has no conflict."""

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
    # Set by ``orders.services.assume_receipts``; a receipt that is told counts instead.
    assumed_received_at = models.DateTimeField(_("assumed to be received at"), null=True)
    # Fixed at receipt: later changes of the policy do not apply.
    protection_days = models.PositiveSmallIntegerField(_("days of protection"), null=True)
    release_at = models.DateTimeField(_("protected until"), null=True)
    completed_at = models.DateTimeField(_("completed at"), null=True)
    completion_failed_at = models.DateTimeField(_("completion failed at"), null=True)
    contact = models.JSONField(_("contact hashes"), default=dict, blank=True)
    revision = models.BigIntegerField(_("revision"), null=True)
    share = models.CharField(_("share"), max_length=64, blank=True)
    region = models.CharField(_("region"), max_length=60, blank=True)
    metadata = models.JSONField(_("metadata of the mall"), null=True, blank=True)
    status = models.GeneratedField(
        verbose_name=_("status"),
        expression=Case(
            When(closed_at__isnull=False, then=Value("closed")),
            When(completed_at__isnull=False, then=Value("completed")),
            When(
                Q(received_at__isnull=False) | Q(assumed_received_at__isnull=False),
                then=Value("received"),
            ),
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
            models.Index(fields=["placed_at"], name="order_by_day"),
            # For ``orders.search``: outside the C collation, LIKE needs an operator class.
            models.Index(
                fields=["number"],
                opclasses=["varchar_pattern_ops"],
                name="order_by_start_of_number",
            ),
            models.Index(Collate(Reverse("number"), "C"), name="order_by_end_of_number"),
            models.Index(
                "release_at",
                condition=Q(completed_at=None, release_at__isnull=False),
                name="order_under_protection",
            ),
            models.Index(
                "shipped_at",
                condition=Q(shipped_at__isnull=False, received_at=None, closed_at=None),
                name="order_on_its_way",
            ),
            models.Index(
                "id", condition=Q(paid_at=None, closed_at=None), name="order_not_paid_yet"
            ),
            models.Index(
                "closed_at",
                condition=Q(closed_at__isnull=False, paid_at__isnull=False),
                name="order_closed_after_payment",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="order_number_unique"),
            models.CheckConstraint(condition=~Q(number=""), name="order_has_number"),
            models.CheckConstraint(
                condition=Q(received_at=None, assumed_received_at=None, protection_days=None)
                | (Q(received_at__isnull=False) | Q(assumed_received_at__isnull=False))
                & Q(protection_days__isnull=False),
                name="order_protection_fixed_at_receipt",
            ),
            models.CheckConstraint(
                condition=(Q(received_at=None, assumed_received_at=None) | Q(paid_at=None))
                & Q(release_at=None)
                | Q(paid_at__isnull=False, release_at__isnull=False)
                & (_protected_from("received_at") | _protected_from("assumed_received_at")),
                name="order_release_ends_protection",
            ),
            models.CheckConstraint(
                condition=Q(completed_at=None)
                | Q(completed_at__gte=F("release_at"), paid_at__isnull=False),
                name="order_completed_after_protection",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def done_refunds(self) -> Iterator[Refund]:
        """Return the refunds that are done; prefetch them by ``with_lines``."""
        for line in self.lines.all():
            yield from (refund for refund in line.refunds.all() if refund.done_at)


class OrderLine(models.Model):
    """A line of an order, fixed once the order is paid except for its refund sums.

    All amounts in fen. ``paid`` is paid for the goods: after discounts, without shipping. The
    refund sums are those of refunds that are done, and may exceed what was bought.
    Its triggers are in orders/guards/order_lines.sql.
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
                condition=Q(refunded_quantity__gte=0, refunded_amount__gte=0),
                name="order_line_refunds_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order}/{self.number}"

    @property
    def remaining_quantity(self) -> int:
        return max(0, self.quantity - self.refunded_quantity)

    @property
    def remaining_paid(self) -> int:
        """Return the amount paid for goods and not refunded, in fen."""
        return max(0, int(self.paid) - self.refunded_amount)

    @property
    def compensation(self) -> int:
        """Return the amount refunded beyond what was paid for the goods, in fen."""
        return max(0, self.refunded_amount - int(self.paid))
