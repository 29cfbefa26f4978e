"""Higher commissions of one distributor for some days, such as an incentive gives."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from common.money import BASIS_POINTS
from events.models import Reference

MAX_BOOST = 100_000
"""Basis points: ten times the commission."""


class BoostQuerySet(models.QuerySet["Boost"]):
    def of(self, source: Reference) -> BoostQuerySet:
        """Limit to the boosts that a source gave."""
        return self.filter(source_kind=source.kind, source_id=source.id)

    def touching(self, moments: Collection[datetime]) -> BoostQuerySet:
        """Limit to the boosts in force at some time from the first to the last of the moments."""
        rows = self.annotate(until=Coalesce("ended_at", "ends_at"))
        return rows.filter(starts_at__lte=max(moments), until__gt=min(moments))


class Boost(models.Model):
    """A multiple of what the rules of a plan give to one distributor, by when orders are placed.

    Of several boosts, that of the rule included, the highest one counts; they never multiply.
    """

    distributor = models.ForeignKey(
        "distribution.Distributor", models.PROTECT, related_name="boosts", db_index=False,
        verbose_name=_("distributor"),
    )  # fmt: skip
    rate = models.PositiveIntegerField(
        _("boost"), help_text=_("Basis points; 20000 pays double during the boost.")
    )
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    # Set when it is taken away early; orders placed before keep it.
    ended_at = models.DateTimeField(_("ended early at"), null=True)
    source_kind = models.CharField(_("source kind"), max_length=40)
    source_id = models.CharField(_("source"), max_length=80)

    objects: ClassVar[BoostQuerySet] = BoostQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("boost")
        verbose_name_plural = _("boosts")
        ordering = ["-id"]
        indexes = [models.Index(fields=["distributor", "starts_at"], name="boost_of_distributor")]
        constraints = [
            models.UniqueConstraint(
                fields=["source_kind", "source_id"], condition=Q(ended_at=None),
                name="boost_once_per_source",
            ),
            models.CheckConstraint(
                condition=Q(rate__gt=10_000, rate__lte=MAX_BOOST), name="boost_rate_raises"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="boost_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None)
                | Q(ended_at__gte=F("starts_at"), ended_at__lte=F("ends_at")),
                name="boost_ended_within_its_time",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.distributor} × {self.rate / BASIS_POINTS:g}"

    @property
    def source(self) -> Reference:
        return Reference(self.source_kind, self.source_id)

    def in_force(self, at: datetime) -> bool:
        return self.starts_at <= at < (self.ended_at or self.ends_at)
