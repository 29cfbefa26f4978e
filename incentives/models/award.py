"""Awards, what was posted for them, and the budgets that limit them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.base_models import PublicIdField
from incentives.models.incentive import Incentive, Reward, Version
from ledger.chart import Asset
from members.models import Member


class AwardQuerySet(models.QuerySet["Award"]):
    def visible_to(self, member: Member) -> AwardQuerySet:
        """Limit to a person's own awards."""
        return self.filter(member__in=Member.objects.of_person(member.pk).values("pk"))

    def without_cancelled_gifts(self) -> AwardQuerySet:
        """Leave out gifts that the shop cancelled: their award is due, and nothing was sent."""
        return self.exclude(gift_task__status="cancelled", posted__gt=0)


class Award(models.Model):
    """What a member gets for a step, a place or an order of an incentive.

    Level-triggered: ``target`` is what the counted facts say, ``posted`` what was given so far;
    ``services.awards`` moves the difference. In minor units for money, else 1 (given) or 0.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting for a second person")
        HELD = "held", _("held")
        GRANTED = "granted", _("granted")
        REFUSED = "refused", pgettext_lazy("award", "not given")
        TAKEN_BACK = "taken_back", _("taken back")

    class Hold(models.TextChoices):
        """Why nothing is given yet."""

        FROZEN = "frozen", _("the distributor is frozen")
        EXITED = "exited", _("the distributor has exited")
        RISK = "risk", _("the risk rules hold an order that counts")

    class Refusal(models.TextChoices):
        """Why nothing is given at all. Those of coupons are the codes of their errors."""

        BUDGET = "budget", _("the budget was used up")
        ACCOUNT_CLOSED = "account_closed", _("the account is closed")
        NOT_DISTRIBUTOR = "not_distributor", _("only distributors get this")
        COUPON_LIMIT = (
            "coupon_limit_reached",
            _("the limit per member of this coupon was reached"),
        )
        COUPON_STOCK = "coupon_out_of_stock", _("the coupon had run out")
        COUPON_ENDED = "coupon_not_published", _("the coupon had ended")
        COUPON_OVER = "coupon_over", _("the time in which the coupon could be used was over")

    COMES_FROM: ClassVar = {
        Status.WAITING: [Status.TAKEN_BACK],
        Status.HELD: [Status.WAITING, Status.GRANTED, Status.TAKEN_BACK],
        Status.GRANTED: [Status.WAITING, Status.HELD, Status.TAKEN_BACK],
        Status.REFUSED: [Status.WAITING, Status.HELD, Status.TAKEN_BACK],
        Status.TAKEN_BACK: [Status.GRANTED, Status.WAITING, Status.HELD],
    }

    public_id = PublicIdField()
    incentive = models.ForeignKey(
        Incentive, models.PROTECT, related_name="awards", db_index=False,
        verbose_name=_("incentive"),
    )  # fmt: skip
    # The version and reward by which it was reached first.
    version = models.ForeignKey(
        Version, models.PROTECT, related_name="+", db_index=False, verbose_name=_("version")
    )
    reward = models.ForeignKey(
        Reward, models.PROTECT, related_name="+", db_index=False, verbose_name=_("reward")
    )
    member = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="awards", db_index=False,
        verbose_name=_("member"),
    )  # fmt: skip
    side = models.CharField(_("for"), max_length=6, choices=Reward.Side)
    period_start = models.DateField(_("period"))
    # ``order:{id}`` for each order, ``friend:{id}`` for each friend, ``proof:{id}`` for each proof,
    # ``n:3`` for the third of "each n", ``from:10000`` for a step, ``place`` for a rank, ``pool``
    # for a pool; then the kind.
    # ``…:other:{own id}``: it ended for another award of the person, after a merge.
    step = models.CharField(_("step"), max_length=60)
    kind = models.CharField(_("kind"), max_length=8, choices=Reward.Kind)
    asset = models.CharField(_("asset"), max_length=12, choices=Asset, blank=True)
    target = models.PositiveBigIntegerField(_("due"), default=0)
    posted = models.PositiveBigIntegerField(_("given"), default=0)
    moves = models.PositiveIntegerField(_("moves"), default=0)
    status = models.CharField(_("status"), max_length=10, choices=Status)
    hold = models.CharField(_("held because"), max_length=6, choices=Hold, blank=True)
    refusal = models.CharField(
        _("not given because"), max_length=20, choices=Refusal, blank=True, default=""
    )
    # Of a contest: the place, shared places have the better one.
    rank = models.PositiveIntegerField(_("place"), null=True)
    reached_at = models.DateTimeField(_("reached at"))
    changed_at = models.DateTimeField(_("changed at"))

    objects: ClassVar[AwardQuerySet] = AwardQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["status", "id"], name="award_by_status"),
            models.Index(fields=["reached_at"], name="award_by_time"),
            # Counts what a member has got in a period without reading the awards.
            models.Index(
                fields=["member", "incentive", "period_start", "status"], name="award_of_member"
            ),
            # Counts the people whom an incentive has reached, and their rewards, without the rows.
            models.Index(
                fields=["incentive", "member"],
                include=["reward"],
                condition=Q(posted__gt=0),
                name="award_given",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["incentive", "member", "period_start", "step"],
                name="award_unique",
                # By characters, so that the steps of one order are a range of it.
                opclasses=["int8_ops", "int8_ops", "date_ops", "varchar_pattern_ops"],
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["amount", "percent"], asset__in=Asset.values)
                | Q(kind__in=["coupon", "gift", "level", "boost", "factor"], asset="")
                & Q(target__lte=1, posted__lte=1),
                name="award_asset_matches_kind",
            ),
            models.CheckConstraint(
                condition=Q(status="waiting", posted=0, hold="")
                | Q(status="held") & ~Q(hold="")
                | Q(status="granted", hold="", posted__gt=0)
                | Q(status="refused", hold="", posted=0)
                | Q(status="taken_back", hold="", target=0, posted=0),
                name="award_status_consistent",
            ),
            models.CheckConstraint(
                condition=Q(status="refused") & ~Q(refusal="")
                | ~Q(status="refused") & Q(refusal=""),
                name="award_refused_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incentive} · {self.member} · {self.step}"

    @property
    def source_kind(self) -> str:
        return "incentives.award"


class AwardPosting(models.Model):
    """One move of an award: ``change`` minor units (or 1, -1) with the ledger key of its number.

    The key is ``award:{award's public id}:{number}``.
    """

    award = models.ForeignKey(
        Award, models.PROTECT, related_name="postings", db_index=False, verbose_name=_("award")
    )
    number = models.PositiveIntegerField(_("number"))
    change = models.BigIntegerField(_("change"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("move of an award")
        verbose_name_plural = _("moves of awards")
        ordering = ["award_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["award", "number"], name="award_posting_unique"),
            models.CheckConstraint(condition=~Q(change=0), name="award_posting_moves_something"),
        ]

    def __str__(self) -> str:
        return f"{self.award} {self.change:+}"


class Budget(models.Model):
    """What an incentive may give, and has given. The last row that a transaction locks."""

    incentive = models.OneToOneField(
        Incentive, models.PROTECT, primary_key=True, related_name="budget",
        verbose_name=_("incentive"),
    )  # fmt: skip
    awards_limit = models.PositiveIntegerField(_("limit in awards"), null=True)
    amount_limit = models.PositiveBigIntegerField(_("limit in money"), null=True)
    awards = models.PositiveIntegerField(_("awards"), default=0)
    # Fen of cash, store credit and bonus; points are not counted.
    amount = models.PositiveBigIntegerField(_("amount"), default=0)

    class Meta:
        verbose_name = _("budget")
        verbose_name_plural = _("budgets")
        constraints = [
            models.CheckConstraint(
                condition=Q(awards_limit=None) | Q(awards__lte=F("awards_limit")),
                name="budget_awards_within_limit",
            ),
            models.CheckConstraint(
                condition=Q(amount_limit=None) | Q(amount__lte=F("amount_limit")),
                name="budget_amount_within_limit",
            ),
        ]

    def __str__(self) -> str:
        return str(self.incentive)
