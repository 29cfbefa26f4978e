"""What the daily controls have found, until a person says what it was."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Control(models.TextChoices):
    """What must agree, every day."""

    ACCOUNTS = "accounts", _("Every member's account is the sum of its transfers")
    HELD = "held", _("What is held is what open withdrawals ask for")
    CLEARING = "clearing", _("Payout clearing is what was paid and not yet matched with a bill")
    STATEMENT_LINES = (
        "statement_lines",
        _("Every payment that succeeded is in exactly one row of a bill"),
    )
    STATEMENTS = "statements", _("Each day since the first payment has its bill")
    PROVIDER = "provider", _("The balance at the provider is the closing balance of its bill")
    TAX = "tax", _("Tax payable is what was withheld less what was remitted")
    EXPENSE = "expense", _("Commission expense is what was credited less what was taken back")
    SUSPENSE = "suspense", _("Nothing is in suspense for long")
    CHAIN = "chain", _("The closed months are as they were sealed")


class Difference(models.Model):
    """Where two sides did not agree. It stays open until a person closes it with a reason."""

    control = models.CharField(_("control"), max_length=16, choices=Control)
    subject = models.CharField(_("what differs"), max_length=200)
    expected = models.BigIntegerField(_("should be"), null=True)
    found = models.BigIntegerField(_("found"), null=True)
    day = models.DateField(_("compared up to"))
    first_seen = models.DateTimeField(_("first seen at"))
    last_seen = models.DateTimeField(_("last seen at"))
    disappeared_at = models.DateTimeField(
        _("gone since"), null=True, help_text=_("The last control has not found it any more.")
    )
    assignee = models.ForeignKey(
        "members.User", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("assignee"),
    )  # fmt: skip
    closed_at = models.DateTimeField(_("closed at"), null=True)
    closed_by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("closed by"),
    )  # fmt: skip
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("difference")
        verbose_name_plural = _("differences")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["control", "subject"],
                condition=Q(closed_at=None),
                name="difference_open_unique",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, reason="")
                | (Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(reason="")),
                name="difference_closed_complete",
            ),
            models.CheckConstraint(
                condition=Q(control__in=[
                    "accounts", "held", "clearing", "statement_lines", "statements", "provider", "tax",
                    "expense", "suspense", "chain",
                ]),
                name="difference_control_valid",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_control_display()}: {self.subject}"
