"""Multiples of points, which the merchant's mall applies."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.money import BASIS_POINTS
from incentives.models.award import Award


class PointsFactor(models.Model):
    """A multiple of points for some days; ended early if the award is taken back."""

    award = models.OneToOneField(
        Award, models.PROTECT, related_name="points_factor", verbose_name=_("award")
    )
    member = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="+", verbose_name=_("member")
    )
    # Basis points: 20000 doubles.
    rate = models.PositiveIntegerField(_("factor"))
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))

    class Meta:
        verbose_name = _("multiple of points")
        verbose_name_plural = _("multiples of points")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rate__gt=10_000, rate__lte=100_000), name="points_factor_multiplies"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gte=F("starts_at")), name="points_factor_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} × {self.rate / BASIS_POINTS:g}"
