"""How far visits of shares get, and on which pages they end, by day."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class VisitSums(models.Model):
    """The figures of visits, on the day of the visit.

    ``visits``: all of a channel, or those that saw a page. ``further``: those that saw another
    page after it; of a channel, after the page that the share opens. ``joined``: those of a
    visitor who is signed in.
    """

    FIGURES = ("visits", "further", "joined")

    visits = models.BigIntegerField(_("visits"), db_default=0)
    further = models.BigIntegerField(_("visits that went on"), db_default=0)
    joined = models.BigIntegerField(_("visits with a sign-in"), db_default=0)

    class Meta:
        abstract = True


class VisitKey(models.Model):
    """What the figures are of: a channel, or a page.

    ``key``: the channel, or the page's path without ids; empty for the page that the share opens.
    """

    class Kind(models.TextChoices):
        CHANNEL = "channel", _("channel")
        PAGE = "page", _("page")

    kind = models.CharField(_("figures of each"), max_length=7, choices=Kind)
    key = models.CharField(_("key"), max_length=60, blank=True)
    day = models.DateField(_("day"))

    class Meta:
        abstract = True


class VisitDelta(VisitKey, VisitSums):
    """What one statement changed of visits, until it is folded; triggers write it."""

    class Meta:
        verbose_name = _("change of figures of visits")
        verbose_name_plural = _("changes of figures of visits")

    def __str__(self) -> str:
        return f"{self.kind} {self.key} {self.day}"


class VisitFigures(VisitKey, VisitSums):
    """The figures of a channel's or page's visits on a day, without what is not folded yet."""

    class Meta:
        verbose_name = _("figures of visits")
        verbose_name_plural = _("figures of visits")
        constraints = [
            models.UniqueConstraint(fields=["kind", "day", "key"], name="visit_figures_unique"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["channel", "page"]), name="visit_figures_kind_valid"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} {self.day}"
