"""What distributors sold and earned, added up by period, so that a screen reads a few rows."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from common.base_models import Singleton
from ledger.chart import Asset, Reason

KEYS = Decimal(10**12)
"""More than there are bindings."""


class Sums(models.Model):
    """The figures, in minor units of the asset; sales in fen after refunds.

    ``orders`` and ``sales`` are the distributor's own (tier 1), ``team_…`` those of tier 2.
    ``returned``: what was refunded of own sales, in fen.
    ``pending``, ``protected`` and ``credited`` are what the commissions are now: they have no day
    and stand only in the rows of the whole life.
    """

    FIGURES = (
        "orders", "sales", "team_orders", "team_sales", "income", "team_income", "returned",
        "pending", "protected", "credited",
    )  # fmt: skip

    asset = models.CharField(_("asset"), max_length=12, choices=Asset)
    orders = models.IntegerField(_("orders"), default=0)
    sales = models.BigIntegerField(_("sales"), default=0)
    team_orders = models.IntegerField(_("orders of the team"), default=0)
    team_sales = models.BigIntegerField(_("sales of the team"), default=0)
    income = models.BigIntegerField(_("own commissions"), default=0)
    team_income = models.BigIntegerField(_("commissions of the team"), default=0)
    returned = models.BigIntegerField(_("refunded sales"), default=0, db_default=0)
    pending = models.BigIntegerField(_("pending"), default=0)
    protected = models.BigIntegerField(_("protected"), default=0)
    credited = models.BigIntegerField(_("credited"), default=0)

    class Meta:
        abstract = True


class Delta(Sums):
    """What one statement changed, until it is folded into the periods.

    Triggers write it in the transaction of the change: see reports/guards/deltas.sql.
    ``day``: the day of payment in Shanghai; none for changes of status.
    """

    distributor = models.ForeignKey(
        "distribution.Distributor", models.PROTECT, related_name="+", db_constraint=False,
        verbose_name=_("distributor"),
    )  # fmt: skip
    day = models.DateField(_("day"), null=True)

    class Meta:
        verbose_name = _("change of figures")
        verbose_name_plural = _("changes of figures")

    def __str__(self) -> str:
        return f"{self.distributor_id} {self.day}"


class PeriodFigures(Sums):
    """The figures of a distributor in a period, without what is not folded yet."""

    class Period(models.TextChoices):
        DAY = "day", _("day")
        WEEK = "week", _("week")
        MONTH = "month", _("month")
        ALL = "all", _("whole life")

    distributor = models.ForeignKey(
        "distribution.Distributor", models.PROTECT, related_name="+", db_index=False,
        verbose_name=_("distributor"),
    )  # fmt: skip
    period = models.CharField(_("period"), max_length=5, choices=Period)
    start = models.DateField(_("first day"))
    total_income = models.GeneratedField(
        verbose_name=_("all commissions"),
        expression=models.F("income") + models.F("team_income"),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("figures of a period")
        verbose_name_plural = _("figures of periods")
        constraints = [
            models.UniqueConstraint(
                fields=["distributor", "period", "start", "asset"], name="period_figures_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(period="all", start="1970-01-01") | ~models.Q(period="all"),
                name="period_figures_whole_life_has_one_start",
            ),
        ]
        # Leaderboards read the first rows of one period.
        indexes = [
            models.Index(
                "period", "start", "asset", models.F(metric).desc(), "distributor",
                name=f"period_figures_{metric}",
            )
            for metric in ("sales", "orders", "total_income")
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.distributor_id} {self.period} {self.start}"


class MonthMovements(models.Model):
    """What the transfers of a month changed of a member's account, without what is not folded yet.

    ``group``: the reason of the transfers; ``tier1`` and ``tier2`` of credited commissions;
    ``returned`` of a payout that came back. ``amount`` in minor units, on the account's normal
    side: below 0 it went out. All transfers of a row have keys from ``first`` to ``last``.
    """

    GROUPS: ClassVar = [
        ("tier1", _("commissions of own orders")),
        ("tier2", _("commissions of the team")),
        ("returned", _("payouts that came back")),
        *Reason.choices,
    ]

    # Without a constraint: accounts are never deleted.
    account = models.ForeignKey(
        "ledger.Account", models.PROTECT, related_name="+", db_constraint=False, db_index=False,
        verbose_name=_("account"),
    )  # fmt: skip
    month = models.DateField(_("month"))
    group = models.CharField(_("kind of movement"), max_length=12, choices=GROUPS)
    incoming = models.BooleanField(_("came in"))
    count = models.IntegerField(_("number of transfers"))
    amount = models.BigIntegerField(_("amount"))
    first = models.BigIntegerField(_("first transfer"))
    last = models.BigIntegerField(_("last transfer"))

    class Meta:
        verbose_name = _("movements of a month")
        verbose_name_plural = _("movements of months")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "month", "group", "incoming"], name="month_movements_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(month__day=1), name="month_movements_first_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.month} {self.group}"


class FoldedTransfers(Singleton):
    """Up to which transfer the months are folded, and the next one that may be.

    ``writers``: the transactions that were writing transfers when ``tip`` was the highest key.
    """

    last_transfer = models.BigIntegerField(_("last transfer"), default=0)
    tip = models.BigIntegerField(_("highest transfer"), default=0)
    writers = models.JSONField(_("transactions"), default=list)

    class Meta(Singleton.Meta):
        verbose_name = _("folded transfers")
        verbose_name_plural = _("folded transfers")

    def __str__(self) -> str:
        return str(self.last_transfer)


def _position(figure: str) -> models.GeneratedField:
    number = models.DecimalField(max_digits=40, decimal_places=0)
    binding = Cast(models.F("binding_id"), number)
    return models.GeneratedField(
        expression=Cast(models.F(figure), number) * models.Value(KEYS, number) + binding,
        output_field=number,
        db_persist=True,
    )


class TeamMember(models.Model):
    """A binding without a recorded end, with the figures that a team is sorted by.

    ``orders`` and ``sales`` (fen): protected ones of the member. ``team``: bindings to the member.
    Each ``by_…`` is unique in a team: a page continues below the one of its last row.
    """

    binding = models.OneToOneField(
        "distribution.Binding", models.PROTECT, primary_key=True, related_name="team_row",
        db_constraint=False, verbose_name=_("binding"),
    )  # fmt: skip
    distributor = models.ForeignKey(
        "distribution.Distributor", models.PROTECT, related_name="+", db_constraint=False,
        db_index=False, verbose_name=_("upline"),
    )  # fmt: skip
    is_distributor = models.BooleanField(_("is a distributor"))
    orders = models.IntegerField(_("protected orders"))
    sales = models.BigIntegerField(_("protected spend"))
    team = models.IntegerField(_("team"))
    by_orders = _position("orders")
    by_sales = _position("sales")
    by_team = _position("team")

    class Meta:
        verbose_name = _("member of a team")
        verbose_name_plural = _("members of teams")
        indexes = [
            models.Index("distributor", models.F(f"by_{sort}").desc(), name=f"team_by_{sort}")
            for sort in ("orders", "sales", "team")
        ]

    def __str__(self) -> str:
        return str(self.binding_id)


class TeamSize(models.Model):
    """How many members are bound to a distributor, and to the distributors among them."""

    distributor = models.OneToOneField(
        "distribution.Distributor", models.PROTECT, primary_key=True, related_name="team_size",
        db_constraint=False, verbose_name=_("distributor"),
    )  # fmt: skip
    tier1 = models.IntegerField(_("tier 1"))
    tier1_distributors = models.IntegerField(_("distributors in tier 1"))
    tier2 = models.IntegerField(_("tier 2"))

    class Meta:
        verbose_name = _("size of a team")
        verbose_name_plural = _("sizes of teams")

    def __str__(self) -> str:
        return str(self.distributor_id)


class TeamChange(models.Model):
    """A member whose rows of teams are to be computed again; triggers write it.

    ``resized``: also the sizes of their own team and of their upline's.
    """

    member = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="+", db_constraint=False, db_index=False,
        verbose_name=_("member"),
    )  # fmt: skip
    resized = models.BooleanField(_("resized"))

    class Meta:
        verbose_name = _("change of a team")
        verbose_name_plural = _("changes of teams")

    def __str__(self) -> str:
        return str(self.member_id)


class ShopDay(models.Model):
    """The sums of the whole shop on a day in Shanghai, without what is not folded yet.

    In minor units of the asset. ``orders``, ``sales`` and ``commissions`` of both tiers: by the
    day of payment, after refunds. ``credited``, ``taken_back``, ``paid_out`` and ``payouts``: by
    the day of the transfer. ``pending`` and ``protected`` are what the commissions are now: they
    stand only in the row of 1970-01-01.
    """

    OF_COMMISSIONS = ("orders", "sales", "commissions", "pending", "protected")
    OF_TRANSFERS = ("credited", "taken_back", "paid_out", "payouts")

    day = models.DateField(_("day of the sums"))
    asset = models.CharField(_("asset"), max_length=12, choices=Asset)
    orders = models.BigIntegerField(_("orders"), db_default=0)
    sales = models.BigIntegerField(_("sales"), db_default=0)
    commissions = models.BigIntegerField(_("commissions"), db_default=0)
    pending = models.BigIntegerField(_("pending"), db_default=0)
    protected = models.BigIntegerField(_("protected"), db_default=0)
    credited = models.BigIntegerField(_("credited"), db_default=0)
    taken_back = models.BigIntegerField(_("taken back"), db_default=0)
    paid_out = models.BigIntegerField(_("paid out"), db_default=0)
    payouts = models.BigIntegerField(_("payouts"), db_default=0)
    distributors = models.BigIntegerField(_("new distributors"), db_default=0)
    first_transfer = models.BigIntegerField(
        _("first transfer"), null=True,
        help_text=_("No credit of the day has a lower key."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("sums of the shop")
        verbose_name_plural = _("sums of the shop")
        constraints = [
            models.UniqueConstraint(fields=["day", "asset"], name="shop_day_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.asset}"
