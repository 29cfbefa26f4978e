"""What orders contribute, the progress that this makes, and the close of periods."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Least
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField
from incentives.models.incentive import Incentive, Version


class Contribution(models.Model):
    """What an order, or a proof, counts for one member in an incentive.

    ``value``: fen or pieces; 0 once nothing is left. ``counted``: the order is completed; before,
    it shows what may still come. An order contributes to at most one member of each incentive.
    """

    incentive = models.ForeignKey(
        Incentive, models.PROTECT, related_name="contributions", db_index=False,
        verbose_name=_("incentive"),
    )  # fmt: skip
    # The version by which the order is counted.
    version = models.ForeignKey(
        Version, models.PROTECT, related_name="+", db_index=False, verbose_name=_("version")
    )
    member = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="+", db_index=False,
        verbose_name=_("member"),
    )  # fmt: skip
    order = models.ForeignKey(
        "orders.Order", models.PROTECT, null=True, related_name="+", verbose_name=_("order")
    )
    proof = models.OneToOneField(
        "incentives.Proof", models.PROTECT, null=True, related_name="+", verbose_name=_("proof")
    )
    # The friend or the new distributor, for metrics that count people.
    subject = models.ForeignKey(
        "members.Member", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("about"),
    )  # fmt: skip
    period_start = models.DateField(_("period"))
    value = models.PositiveBigIntegerField(_("value"))
    # Paid for the counted goods and not refunded, in fen: what the engine caps awards by.
    paid = models.PositiveBigIntegerField(_("paid for goods"), default=0)
    # Of the counted goods, in fen, as they were when the order was counted last. Points are none.
    commissions = models.PositiveBigIntegerField(_("commissions"), default=0)
    # How much the awards in money may come to, of who earns them and of the friend, in fen.
    room = models.PositiveBigIntegerField(_("left for awards"), default=0)
    friend_room = models.PositiveBigIntegerField(_("left for awards of the friend"), default=0)
    counted = models.BooleanField(_("counted"), default=False)
    # ``paid_at`` and, once counted, ``release_at`` of the order; ``handed_in_at`` and
    # ``decided_at`` of the proof.
    happened_at = models.DateTimeField(_("happened at"))
    counted_at = models.DateTimeField(_("counted from"), null=True)

    class Meta:
        verbose_name = _("contribution")
        verbose_name_plural = _("contributions")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["incentive", "member", "period_start", "happened_at"],
                name="contribution_of_member",
            ),
            models.Index(
                fields=["subject", "incentive"],
                condition=Q(subject__isnull=False),
                name="contribution_about_member",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["incentive", "order"], name="contribution_one_per_order"
            ),
            models.CheckConstraint(
                condition=Q(order__isnull=False, proof=None) | Q(order=None, proof__isnull=False),
                name="contribution_of_order_or_proof",
            ),
            models.CheckConstraint(
                condition=Q(counted=False, counted_at=None)
                | Q(counted=True, counted_at__isnull=False),
                name="contribution_counted_since",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.value}"


class Progress(models.Model):
    """The sums of a member's contributions in a period, moved by what changes in them.

    What is due for a whole period, rankings and pages read these, and need not read its orders. A
    daily control compares them with the contributions.
    """

    SUMS: ClassVar = ("value", "coming", "orders", "coming_orders", "paid", "commissions", "room")

    incentive = models.ForeignKey(
        Incentive, models.PROTECT, related_name="progress", db_index=False,
        verbose_name=_("incentive"),
    )  # fmt: skip
    member = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="+", verbose_name=_("member")
    )
    period_start = models.DateField(_("period"))
    value = models.PositiveBigIntegerField(_("counted"), default=0)
    # Of orders that are paid and not yet completed.
    coming = models.PositiveBigIntegerField(_("not completed yet"), default=0)
    # How many orders these are of; of proofs 0.
    orders = models.PositiveBigIntegerField(_("orders that count"), default=0)
    coming_orders = models.PositiveBigIntegerField(_("orders to come"), default=0)
    # Of the orders that count, in fen: see ``Contribution``.
    paid = models.PositiveBigIntegerField(_("paid for goods"), default=0)
    commissions = models.PositiveBigIntegerField(_("commissions"), default=0)
    room = models.PositiveBigIntegerField(_("left for awards"), default=0)

    class Meta:
        verbose_name = _("progress")
        verbose_name_plural = _("progress")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["incentive", "period_start", "-value", "member"], name="progress_ranking"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["incentive", "member", "period_start"], name="progress_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.value}"


class PeriodClosing(models.Model):
    """The close of a period: from then on its contributions and ranks stay as they are.

    While it is being counted, its prizes are computed from what no longer changes.
    """

    class Status(models.TextChoices):
        COUNTING = "counting", _("being counted")
        WAITING = "waiting", _("waiting for a second person")
        FINAL = "final", _("final")

    COMES_FROM: ClassVar = {
        Status.WAITING: [Status.COUNTING],
        Status.FINAL: [Status.COUNTING, Status.WAITING],
    }
    EDITABLE_IN: ClassVar = ()

    public_id = PublicIdField()
    incentive = models.ForeignKey(
        Incentive, models.PROTECT, related_name="closings", verbose_name=_("incentive")
    )
    period_start = models.DateField(_("period"))
    closed_at = models.DateTimeField(_("closed at"))
    status = models.CharField(_("status"), max_length=8, choices=Status)
    awards = models.PositiveIntegerField(_("awards"), default=0)
    # In fen: all assets in money, and what coupons and gifts are worth. Points count nothing.
    amount = models.PositiveBigIntegerField(_("amount"), default=0)
    confirmed_by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("confirmed by"),
    )  # fmt: skip
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)

    class Meta:
        verbose_name = _("close of a period")
        verbose_name_plural = _("closes of periods")
        ordering = ["-id"]
        permissions: ClassVar = [("confirm_closing", "Can confirm the awards of a closed period")]
        indexes = [
            models.Index("id", condition=Q(status="counting"), name="incentive_closing_counting"),
            models.Index("id", condition=Q(status="waiting"), name="incentive_closing_waiting"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["incentive", "period_start"], name="incentive_period_closed_once"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(status="final", confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="incentive_closing_confirmed_is_final",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["counting", "waiting", "final"]),
                name="incentive_closing_status_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incentive} {self.period_start}"


class TeamPool(models.Model):
    """The pool of a closed month: a share of the shop's completed distributor sales, in fen.

    What is paid is the pool, to the fen, or less for a reason that stands beside it: the terms
    limit it, the own orders of those who share leave less, or nobody shares.
    """

    closing = models.OneToOneField(
        PeriodClosing, models.PROTECT, primary_key=True, related_name="pool",
        verbose_name=_("close"),
    )  # fmt: skip
    sales = models.PositiveBigIntegerField(_("completed distributor sales"))
    rate = models.PositiveIntegerField(_("rate"))
    # The rate of the sales, rounded down.
    pool = models.PositiveBigIntegerField(_("pool"))
    # By the terms.
    most = models.PositiveBigIntegerField(_("at most"), null=True)
    # Own tier-1 sales of everyone who shares.
    shared_by = models.PositiveBigIntegerField(_("own sales of those who share"))
    # What the own orders of all who share leave beside commissions; points need nothing.
    room = models.PositiveBigIntegerField(_("left for awards"), null=True)
    paid = models.PositiveBigIntegerField(_("paid"))

    class Meta:
        verbose_name = _("team pool")
        verbose_name_plural = _("team pools")
        constraints = [
            # Whole numbers: the quotient is rounded down.
            models.CheckConstraint(
                condition=Q(pool=F("sales") * F("rate") / 10_000), name="team_pool_is_the_rate"
            ),
            models.CheckConstraint(
                condition=Q(paid=Least("pool", "most", "room")) | Q(paid=0, shared_by=0),
                name="team_pool_paid_whole",
            ),
        ]

    def __str__(self) -> str:
        return str(self.closing)
