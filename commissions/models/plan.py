"""Plans: the rules that compute commissions, in numbered, immutable versions."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField
from ledger.chart import Asset
from members.models import User

MAX_FIXED_AMOUNT = 10**10  # minor units a unit: a hundred million yuan


class Layer(models.TextChoices):
    PRODUCT = "product", _("product")
    CATEGORY = "category", _("category")
    STORE = "store", _("whole store")


def default_layers() -> list[str]:
    return [Layer.PRODUCT, Layer.CATEGORY, Layer.STORE]


class PlanQuerySet(models.QuerySet["Plan"]):
    def waiting_for(self, user: User) -> PlanQuerySet:
        """Limit to plans that wait for this person: handed to them or to nobody by name."""
        waiting = self.filter(status=Plan.Status.SUBMITTED).exclude(editors__contains=[user.pk])
        return waiting.filter(Q(reviewer=user.pk) | Q(reviewer=None))

    def by_precedence(self) -> PlanQuerySet:
        """Published plans: the first that had started when an order was placed applies to it."""
        return self.filter(status=Plan.Status.PUBLISHED).order_by(
            F("starts_at").desc(nulls_last=True), "-number"
        )

    def in_force(self, at: datetime) -> PlanQuerySet:
        """Limit to published plans that have started; the first one is in force."""
        return self.by_precedence().filter(Q(starts_at=None) | Q(starts_at__lte=at))

    def scheduled(self, at: datetime) -> PlanQuerySet:
        """Limit to published plans that start later, the next one first."""
        later = self.filter(status=Plan.Status.PUBLISHED, starts_at__gt=at)
        return later.order_by("starts_at", "-number")


class Plan(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("waiting for publication")
        PUBLISHED = "published", _("published")

    COMES_FROM: ClassVar = {
        Status.SUBMITTED: [Status.DRAFT],
        Status.DRAFT: [Status.SUBMITTED],
        Status.PUBLISHED: [Status.DRAFT, Status.SUBMITTED],
    }
    EDITABLE_IN: ClassVar = (Status.DRAFT,)

    class Combine(models.TextChoices):
        FIRST = "first", _("the first layer that has a rule")
        BEST = "best", _("the layer that pays most")
        SUM = "sum", _("all layers together")

    public_id = PublicIdField()
    number = models.PositiveIntegerField(_("version"), null=True, unique=True)
    name = models.CharField(_("name"), max_length=80)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    layers = ArrayField(
        models.CharField(max_length=10, choices=Layer), verbose_name=_("order of the layers"),
        default=default_layers,
    )  # fmt: skip
    combine = models.CharField(
        _("how layers combine"), max_length=6, choices=Combine, default=Combine.FIRST
    )
    cap = models.PositiveIntegerField(
        _("cap"), default=5_000,
        help_text=_(
            "Basis points of a line's remaining paid amount, for both tiers. 5000 is 50 %."
        ),
    )  # fmt: skip
    starts_at = models.DateTimeField(
        _("in force from"), null=True, blank=True,
        help_text=_(
            "Set at publication. Empty in a published plan: in force for all earlier orders too."
        ),
    )  # fmt: skip
    # The hand-over: who asks for publication, when, whom, and from when it should be in force.
    submitted_by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("handed over by"),
    )  # fmt: skip
    submitted_at = models.DateTimeField(_("handed over at"), null=True, blank=True)
    reviewer = models.ForeignKey(
        "members.User", models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("handed to"), help_text=_("Empty: to everyone who may publish plans."),
    )  # fmt: skip
    planned_start = models.DateTimeField(_("planned start"), null=True, blank=True)
    note = models.CharField(_("note to the reviewer"), max_length=200, blank=True, db_default="")
    return_reason = models.CharField(
        _("reason for the return"), max_length=200, blank=True, db_default=""
    )
    # Everyone who changed it: none of them may publish it.
    editors = ArrayField(models.BigIntegerField(), verbose_name=_("edited by"), default=list)
    published_by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("published by"),
    )  # fmt: skip
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    based_on = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("based on"),
    )  # fmt: skip
    # Of an imported plan, so that the same file is not imported twice.
    content_hash = models.CharField(_("content hash"), max_length=64, null=True, unique=True)  # noqa: DJ001

    objects: ClassVar[PlanQuerySet] = PlanQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("commission plan")
        verbose_name_plural = _("commission plans")
        ordering = ["-id"]
        permissions: ClassVar = [("publish_plan", "Can publish commission plans")]
        constraints = [
            models.CheckConstraint(
                condition=Q(cap__lte=10_000), name="plan_cap_within_full_price"
            ),
            models.CheckConstraint(
                condition=Q(layers__contained_by=Layer.values), name="plan_layers_valid"
            ),
            models.CheckConstraint(
                condition=Q(combine__in=["first", "best", "sum"]), name="plan_combine_valid"
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["draft", "submitted"], number=None, published_at=None,
                    published_by=None,
                )
                | Q(
                    status="published", number__isnull=False, published_at__isnull=False,
                    published_by__isnull=False,
                ),
                name="plan_published_has_publisher",
            ),
            models.CheckConstraint(
                condition=Q(status="draft", submitted_by=None, submitted_at=None, reviewer=None)
                | Q(status="submitted", submitted_by__isnull=False, submitted_at__isnull=False)
                | Q(status="published"),
                name="plan_submitted_has_submitter",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"#{self.number} {self.name}" if self.number else self.name


class Rule(models.Model):
    """The value that a layer of a plan pays for a target, by tier. Blank and 0 pay nothing."""

    class Kind(models.TextChoices):
        PERCENT = "percent", _("percent")
        PER_UNIT = "per_unit", _("fixed amount per unit")
        PER_ORDER = "per_order", _("fixed amount per order")

    class Base(models.TextChoices):
        PAID = "paid", _("amount paid for the goods")
        PROFIT = "profit", _("profit: amount paid minus cost")

    plan = models.ForeignKey(
        Plan, models.CASCADE, related_name="rules", verbose_name=_("commission plan")
    )
    layer = models.CharField(_("layer"), max_length=10, choices=Layer)
    product = models.ForeignKey(
        "catalog.Product", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("product"),
    )  # fmt: skip
    category = models.ForeignKey(
        "catalog.Category", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("category"),
    )  # fmt: skip
    level = models.ForeignKey(
        "distribution.Level", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("for the level"),
    )  # fmt: skip
    segment = models.ForeignKey(
        "distribution.Segment", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("for the segment"),
    )  # fmt: skip
    priority = models.PositiveSmallIntegerField(
        _("priority"),
        default=0,
        help_text=_("The rule with the highest priority applies among rules for the same target."),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.PERCENT)
    tier1 = models.PositiveBigIntegerField(
        _("tier 1"), null=True, blank=True,
        help_text=_("Basis points of the base (1000 is 10 %), or a fixed amount in minor units."),
    )  # fmt: skip
    tier2 = models.PositiveBigIntegerField(_("tier 2"), null=True, blank=True)
    base = models.CharField(_("base"), max_length=6, choices=Base, default=Base.PAID)
    asset = models.CharField(_("asset"), max_length=12, choices=Asset, default=Asset.CASH)
    starts_at = models.DateTimeField(_("valid from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    boost = models.PositiveIntegerField(
        _("boost"), null=True, blank=True,
        help_text=_("Basis points; 20000 pays double during the boost."),
    )  # fmt: skip
    boost_from = models.DateTimeField(_("boost from"), null=True, blank=True)
    boost_until = models.DateTimeField(_("boost until"), null=True, blank=True)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["plan_id", "id"]
        constraints = [
            models.UniqueConstraint(
                "plan", "layer", "product", "category", "level", "segment", "priority",
                name="rule_priority_unique", nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(layer="store", product=None, category=None)
                | Q(layer="category", product=None, category__isnull=False)
                | Q(layer="product", product__isnull=False, category=None),
                name="rule_target_matches_layer",
            ),
            models.CheckConstraint(
                condition=Q(level=None) | Q(segment=None), name="rule_has_one_audience"
            ),
            models.CheckConstraint(
                condition=Q(kind="percent")
                & (Q(tier1=None) | Q(tier1__lte=10_000))
                & (Q(tier2=None) | Q(tier2__lte=10_000))
                | Q(kind__in=["per_unit", "per_order"])
                & (Q(tier1=None) | Q(tier1__lte=MAX_FIXED_AMOUNT))
                & (Q(tier2=None) | Q(tier2__lte=MAX_FIXED_AMOUNT)),
                name="rule_value_within_limits",
            ),
            models.CheckConstraint(
                condition=Q(kind="percent") | Q(base="paid"), name="rule_fixed_has_no_base"
            ),
            models.CheckConstraint(
                condition=Q(asset__in=Asset.values), name="rule_asset_valid"
            ),
            models.CheckConstraint(
                condition=Q(boost=None, boost_from=None, boost_until=None)
                | Q(
                    boost__gte=10_000, boost__lte=100_000,
                    boost_from__isnull=False, boost_until__gt=F("boost_from"),
                ),
                name="rule_boost_has_window",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="rule_ends_after_start"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        target = self.product or self.category or self.get_layer_display()
        return f"{self.plan} · {target}"
