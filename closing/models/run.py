"""Runs of the controls."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils.translation import gettext_lazy as _


class ControlRunQuerySet(models.QuerySet["ControlRun"]):
    def open(self) -> ControlRunQuerySet:
        """Return the run that waits or is in progress: at most one."""
        return self.filter(ended_at=None)

    def finished(self) -> ControlRunQuerySet:
        """Return the runs that compared everything, the latest first."""
        return self.filter(ended_at__isnull=False, fault="").order_by("-pk")


class ControlRun(models.Model):
    """One run of all controls on the books up to a day.

    ``differences``: the number of findings of each control that has run so far. ``fault``: why it
    ended without comparing everything; its findings were not saved then.
    """

    SUPERSEDED = "superseded"
    LOST = "lost"

    day = models.DateField(_("books up to"))
    requested_by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("started by"),
    )  # fmt: skip
    requested_at = models.DateTimeField(_("requested at"))
    started_at = models.DateTimeField(_("started at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    differences = models.JSONField(_("differences"), default=dict)
    fault = models.CharField(_("fault"), max_length=64, blank=True)

    objects: ClassVar[models.Manager[ControlRun]] = ControlRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("run of the controls")
        verbose_name_plural = _("runs of the controls")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                ExpressionWrapper(Q(ended_at=None), output_field=BooleanField()),
                condition=Q(ended_at=None),
                name="control_run_open_unique",
            ),
            models.CheckConstraint(
                condition=Q(fault="") | Q(ended_at__isnull=False), name="control_run_fault_ended"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(started_at__isnull=False) | ~Q(fault=""),
                name="control_run_ended_started",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}"

    @property
    def total(self) -> int:
        """The number of differences that it found so far."""
        return sum(self.differences.values())
