"""What sources reported of orders that contradicts what is known, and how people corrected it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField
from orders.models.order import Order


class OrderConflictQuerySet(models.QuerySet["OrderConflict"]):
    def open(self) -> OrderConflictQuerySet:
        return self.filter(status=OrderConflict.Status.OPEN)

    def decided(self) -> OrderConflictQuerySet:
        """Limit to those that a person decided: the same value opens none again."""
        return self.filter(status__in=OrderConflict.DECIDED)


class OrderConflict(models.Model):
    """A value of an order that ``orders.intake`` refused, of one field and one source.

    While one is open, the order's uncredited commissions are held. ``known`` and ``given`` are
    texts for people, in yuan and in times of Shanghai; ``known`` is empty if nothing is known.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        ACCEPTED = "accepted", _("value accepted")
        DISMISSED = "dismissed", _("dismissed")
        RESOLVED = "resolved", _("resolved by itself")

    DECIDED: ClassVar = (Status.ACCEPTED, Status.DISMISSED)

    COMES_FROM: ClassVar = {
        Status.OPEN: [Status.RESOLVED],
        Status.ACCEPTED: [Status.OPEN],
        Status.DISMISSED: [Status.OPEN],
        Status.RESOLVED: [Status.OPEN],
    }

    public_id = PublicIdField()
    number = models.CharField(_("order number"), max_length=64)
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, related_name="conflicts", verbose_name=_("order"),
        help_text=_("Empty: the order was not known, so nothing is held."),
    )  # fmt: skip
    field = models.CharField(_("field"), max_length=120)
    source = models.CharField(_("source"), max_length=64)
    known = models.TextField(_("known value"), blank=True)
    given = models.TextField(_("given value"), blank=True)
    first_seen = models.DateTimeField(_("first seen"))
    last_seen = models.DateTimeField(_("last seen"))
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.OPEN)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    decided_by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("decided by"),
    )  # fmt: skip
    ended_at = models.DateTimeField(_("ended at"), null=True)

    objects: ClassVar[models.Manager[OrderConflict]] = OrderConflictQuerySet.as_manager()

    class Meta:
        verbose_name = _("conflict")
        verbose_name_plural = _("conflicts")
        ordering = ["-id"]
        permissions = [("decide_orderconflict", _("Can decide on conflicts"))]
        indexes = [
            models.Index("number", name="order_conflict_of_number"),
            models.Index("source", condition=Q(status="open"), name="order_conflict_open"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["number", "field", "source"],
                condition=Q(status__in=["open", "resolved"]),
                name="order_conflict_unique",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "accepted", "dismissed", "resolved"]),
                name="order_conflict_status_valid",
            ),
            models.CheckConstraint(
                condition=Q(status="open", ended_at=None, decided_by=None, reason="")
                | Q(status="resolved", ended_at__isnull=False, decided_by=None, reason="")
                | Q(
                    status__in=["accepted", "dismissed"], ended_at__isnull=False,
                    decided_by__isnull=False,
                )
                & ~Q(reason=""),
                name="order_conflict_decision_complete",
            ),
            models.CheckConstraint(
                condition=~Q(number="") & ~Q(field="") & ~Q(source=""),
                name="order_conflict_names_its_field",
            ),
            models.CheckConstraint(
                condition=Q(last_seen__gte=F("first_seen")), name="order_conflict_seen_in_order"
            ),
            models.CheckConstraint(
                condition=~Q(status="accepted") | Q(order__isnull=False),
                name="order_conflict_accepted_of_known_order",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number

    @property
    def field_name(self) -> str:
        """The last part of the field's path: ``amount`` of ``refunds[R-1].amount``."""
        return self.field.rpartition(".")[2]


class OrderAmendment(models.Model):
    """A time of an order that a person corrected by accepting a conflict.

    Without one, the database refuses another value in a time that is set.
    """

    order = models.ForeignKey(
        Order, models.PROTECT, related_name="amendments", verbose_name=_("order")
    )
    conflict = models.OneToOneField(
        OrderConflict, models.PROTECT, related_name="amendment", verbose_name=_("conflict")
    )
    field = models.CharField(_("field"), max_length=11)
    before = models.DateTimeField(_("before"))
    after = models.DateTimeField(_("after"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("corrected time")
        verbose_name_plural = _("corrected times")
        constraints = [
            models.CheckConstraint(
                condition=Q(field__in=["paid_at", "shipped_at", "received_at", "closed_at"]),
                name="order_amendment_field_valid",
            )
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.field}"
