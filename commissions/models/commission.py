"""Commissions, and what leads from an order line to a distributor's wallet."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from commissions.models.plan import Plan
from commissions.models.settlement import Settlement
from commissions.rules import Basis
from distribution.models import Distributor
from ledger.chart import Asset
from members.models import Member, User


class OrderCommissionTerms(models.Model):
    """The plan and the boosts of an order, set when it is first ingested and never changed.

    No plan: none was in force when the order was placed, so nobody is paid. No boost: the
    distributor of the tier had none then.
    """

    order = models.OneToOneField(
        "orders.Order", models.PROTECT, primary_key=True, related_name="terms",
        verbose_name=_("order"),
    )  # fmt: skip
    plan = models.ForeignKey(
        Plan, models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("commission plan"),
    )  # fmt: skip
    tier1_boost = models.PositiveIntegerField(_("boost of tier 1"), null=True)
    tier2_boost = models.PositiveIntegerField(_("boost of tier 2"), null=True)
    # Set to the time of payment when the commissions are created.
    accrued_at = models.DateTimeField(_("accrued at"), null=True)

    class Meta:
        verbose_name = _("terms")
        verbose_name_plural = _("terms")
        constraints = [
            models.CheckConstraint(
                condition=(Q(tier1_boost=None) | Q(tier1_boost__gt=10_000))
                & (Q(tier2_boost=None) | Q(tier2_boost__gt=10_000)),
                name="order_terms_boosts_raise",
            ),
        ]

    def __str__(self) -> str:
        return str(self.order)


class CommissionQuerySet(models.QuerySet["Commission"]):
    def visible_to(self, person: User | AnonymousUser | Member) -> CommissionQuerySet:
        """All for staff with the permission; for a member those of their own distributors."""
        if isinstance(person, Member):
            persons = Member.objects.of_person(person.pk).values("pk")
            own = Distributor.objects.filter(member__in=persons).values_list("pk", flat=True)
            # Their keys, read now: a page of many commissions is read by the index only then.
            return self.filter(distributor__in=list(own))
        if person.is_staff and person.has_perm("commissions.view_commission"):
            return self
        if not person.is_authenticated:
            return self.none()
        return self.filter(distributor__member__user__pk=person.pk)


class Commission(models.Model):
    """The amount that one order line pays to one distributor in one tier, in minor units.

    ``original``: earned by the whole line; ``current``: what is left after refunds.
    No index has the status or the settlement, so that settlement updates rows in place.
    Its triggers are in commissions/guards/commissions.sql.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("pending")
        PROTECTED = "protected", _("protected")
        CREDITED = "credited", _("credited")

    VOID = "void"

    COMES_FROM: ClassVar = {
        Status.PROTECTED: [Status.PENDING],
        Status.CREDITED: [Status.PROTECTED],
    }

    line = models.ForeignKey(
        "orders.OrderLine", models.PROTECT, related_name="commissions", db_index=False,
        verbose_name=_("order line"),
    )  # fmt: skip
    tier = models.PositiveSmallIntegerField(_("tier"), choices=[(1, "1"), (2, "2")])
    # No foreign key constraints on distributor and plan: a guard compares both with the order's
    # attribution and terms, once a statement instead of twice a row.
    distributor = models.ForeignKey(
        "distribution.Distributor", models.PROTECT, related_name="commissions", db_index=False,
        db_constraint=False, verbose_name=_("distributor"),
    )  # fmt: skip
    plan = models.ForeignKey(
        Plan, models.PROTECT, related_name="+", db_index=False, db_constraint=False,
        verbose_name=_("commission plan"),
    )  # fmt: skip
    asset = models.CharField(_("asset"), max_length=12, choices=Asset)
    original = models.BigIntegerField(_("original amount"))
    current = models.BigIntegerField(_("current amount"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    accrued_at = models.DateTimeField(_("accrued at"))
    release_at = models.DateTimeField(_("protected until"), null=True)
    settlement = models.ForeignKey(
        Settlement, models.PROTECT, null=True, related_name="+", db_index=False,
        db_constraint=False, verbose_name=_("settlement"),
    )  # fmt: skip

    objects: ClassVar[CommissionQuerySet] = CommissionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("commission")
        verbose_name_plural = _("commissions")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["distributor", "-id"], name="commission_of_distributor"),
            models.Index(fields=["accrued_at"], name="commission_by_day"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["line", "tier"], name="commission_unique_per_tier"),
            models.CheckConstraint(condition=Q(tier__in=[1, 2]), name="commission_two_tiers"),
            models.CheckConstraint(
                condition=Q(original__gt=0), name="commission_original_positive"
            ),
            models.CheckConstraint(
                condition=Q(current__gte=0, current__lte=F("original")),
                name="commission_current_within_original",
            ),
            models.CheckConstraint(
                condition=Q(status="pending", release_at=None, settlement=None)
                | Q(status="protected", release_at__isnull=False, settlement=None)
                | Q(status="credited", release_at__isnull=False, settlement__isnull=False),
                name="commission_status_consistent",
            ),
            models.CheckConstraint(
                condition=Q(asset__in=Asset.values), name="commission_asset_valid"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line} · {self.tier}"

    @property
    def basis(self) -> Basis:
        """The basis of its line, for both tiers; needs ``select_related("line__explanation")``."""
        return Basis.from_json(self.line.explanation.basis)

    @property
    def state(self) -> str:
        """The status for people: ``void`` when nothing is left."""
        return str(self.status) if self.current else self.VOID


class Explanation(models.Model):
    """The basis of a line's commissions: they can be computed again from this alone.

    In a table of its own, because each update of a commission would copy it.
    """

    line = models.OneToOneField(
        "orders.OrderLine",
        models.PROTECT,
        primary_key=True,
        related_name="explanation",
        verbose_name=_("order line"),
    )
    basis = models.JSONField(_("basis"))

    class Meta:
        verbose_name = _("explanation")
        verbose_name_plural = _("explanations")

    def __str__(self) -> str:
        return str(self.line)


class DueCredit(models.Model):
    """The queue of what is to be credited at ``release_at``; crediting deletes the row.

    ``change`` is the number of the change to credit, or 0 for the commission itself.
    """

    commission = models.OneToOneField(
        Commission, models.PROTECT, primary_key=True, related_name="due_credit",
        verbose_name=_("commission"),
    )  # fmt: skip
    change = models.PositiveSmallIntegerField(_("change"), default=0)
    account = models.ForeignKey(
        "ledger.Account", models.PROTECT, related_name="+", db_constraint=False, db_index=False,
        verbose_name=_("account"),
    )  # fmt: skip
    asset = models.CharField(_("asset"), max_length=12, choices=Asset)
    amount = models.BigIntegerField(_("amount"))
    release_at = models.DateTimeField(_("protected until"))
    bucket = models.IntegerField(_("day"), help_text=_("Days from 1970 to the release."))

    class Meta:
        verbose_name = _("due commission")
        verbose_name_plural = _("due commissions")
        indexes = [models.Index("bucket", "account", "release_at", name="due_credit_pick")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="due_credit_amount_positive")
        ]

    def __str__(self) -> str:
        return str(self.commission)


class CommissionHold(models.Model):
    """A reason why a commission is not in the queue; one row per reason.

    A pending commission may be held as well: it then does not enter the queue when protected.
    """

    class Reason(models.TextChoices):
        AFTER_SALE = "after_sale", _("open after-sale")
        FROZEN = "frozen", _("distributor frozen")
        RISK = "risk", _("risk")
        FAULT = "fault", _("could not be credited")
        CLOSED = "closed", _("order closed")
        CONFLICT = "conflict", _("conflicting reports")

    commission = models.ForeignKey(
        Commission, models.PROTECT, related_name="holds", verbose_name=_("commission")
    )
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    detail = models.CharField(_("detail"), max_length=500, blank=True)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("held commission")
        verbose_name_plural = _("held commissions")
        constraints = [
            models.UniqueConstraint(
                fields=["commission", "reason"], name="commission_hold_unique_per_reason"
            ),
            models.CheckConstraint(
                condition=Q(
                    reason__in=["after_sale", "frozen", "risk", "fault", "closed", "conflict"]
                ),
                name="commission_hold_reason_valid",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commission} · {self.get_reason_display()}"


class CommissionChangeQuerySet(models.QuerySet["CommissionChange"]):
    def waiting(self) -> CommissionChangeQuerySet:
        """Those that no settlement has credited yet; a commission has one at most."""
        return self.filter(delta__gt=0, settlement=None)


class CommissionChange(models.Model):
    """What a refund changed of a credited commission, in minor units.

    ``delta`` below 0: a clawback, which was taken back at once. Above 0: the commission grew, for
    instance because goods that were sold at a loss came back; a settlement credits it from the
    queue, and until then it may be replaced. The commission's ``current`` is what was credited
    first plus all its changes. Keys of the transfers: ``commission:{id}:change:{number}``.
    """

    commission = models.ForeignKey(
        Commission, models.PROTECT, related_name="changes", verbose_name=_("commission")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    delta = models.BigIntegerField(_("change"))
    refund = models.ForeignKey(
        "orders.Refund", models.PROTECT, related_name="commission_changes",
        verbose_name=_("refund"),
    )  # fmt: skip
    at = models.DateTimeField(_("at"))
    settlement = models.ForeignKey(
        Settlement, models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("settlement"),
    )  # fmt: skip

    objects: ClassVar[CommissionChangeQuerySet] = CommissionChangeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("change of a credited commission")
        verbose_name_plural = _("changes of credited commissions")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["commission", "number"], name="commission_change_unique_number"
            ),
            models.UniqueConstraint(
                fields=["commission"], condition=Q(delta__gt=0, settlement=None),
                name="commission_change_one_waiting",
            ),
            models.CheckConstraint(
                condition=Q(number__gt=0) & ~Q(delta=0), name="commission_change_not_zero"
            ),
            models.CheckConstraint(
                condition=Q(settlement=None) | Q(delta__gt=0),
                name="commission_change_settled_if_positive",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.refund} · {self.commission}"

    @property
    def key(self) -> str:
        """The key of its transfer."""
        return f"commission:{self.commission_id}:change:{self.number}"

    @property
    def is_waiting(self) -> bool:
        return self.delta > 0 and self.settlement_id is None


class AnnouncedClawback(models.Model):
    """A clawback whose event for the member is recorded; one row for each."""

    change = models.OneToOneField(
        CommissionChange, models.PROTECT, primary_key=True, related_name="announcement",
        verbose_name=_("change"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("announced clawback")
        verbose_name_plural = _("announced clawbacks")

    def __str__(self) -> str:
        return str(self.change)
