"""Gifts that operations send by hand."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField
from incentives.models.award import Award
from incentives.models.incentive import Reward


class GiftTask(models.Model):
    """A gift to send for an award; cancelled if the award is taken back before it was sent."""

    class Status(models.TextChoices):
        OPEN = "open", _("to send")
        SENT = "sent", _("sent")
        CANCELLED = "cancelled", _("cancelled")

    COMES_FROM: ClassVar = {
        Status.SENT: [Status.OPEN],
        Status.CANCELLED: [Status.OPEN],
        Status.OPEN: [Status.CANCELLED],
    }
    EDITABLE_IN: ClassVar = ()

    public_id = PublicIdField()
    award = models.OneToOneField(
        Award, models.PROTECT, related_name="gift_task", verbose_name=_("award")
    )
    sku = models.ForeignKey(
        "catalog.Sku", models.PROTECT, related_name="+", db_index=False, verbose_name=_("gift")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    opened_at = models.DateTimeField(_("opened at"))
    # What members may read: the parcel's number, or where it waits.
    note = models.CharField(_("note"), max_length=200, blank=True)
    done_at = models.DateTimeField(_("done at"), null=True)
    done_by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("done by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("gift to send")
        verbose_name_plural = _("gifts to send")
        ordering = ["-id"]
        indexes = [models.Index("id", condition=Q(status="open"), name="gift_task_open")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="open", done_at=None, done_by=None)
                | Q(status="sent", done_at__isnull=False, done_by__isnull=False)
                | Q(status="cancelled", done_at__isnull=False),
                name="gift_task_done_complete",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "sent", "cancelled"]),
                name="gift_task_status_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku} · {self.award.member}"


def given_by(award: Award) -> int:
    """Return what the member has got, in minor units or 1; of a cancelled gift nothing."""
    return 0 if cancelled_gift(award) else award.posted


def cancelled_gift(award: Award) -> GiftTask | None:
    """Return the task of a gift that the shop cancelled although its award is due."""
    if award.kind != Reward.Kind.GIFT or not award.posted:
        return None  # what is taken back cancels its task, too
    task: GiftTask | None = getattr(award, "gift_task", None)
    return task if task and task.status == GiftTask.Status.CANCELLED else None
