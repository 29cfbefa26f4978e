"""Differences that the daily controls found."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Control(models.TextChoices):
    """The daily controls."""

    ACCOUNTS = "accounts", _("Each member's account is the sum of its transfers")
    HELD = "held", _("Held amounts equal the open withdrawals")
    CLEARING = "clearing", _("Payout clearing equals payments not yet matched with a statement")
    STATEMENT_LINES = (
        "statement_lines",
        _("Each successful payment is on exactly one statement line"),
    )
    STATEMENTS = "statements", _("Each day since the first payment has a statement")
    PROVIDER = "provider", _("The provider balance equals the statement's closing balance")
    CONVERSION = "conversion", _("Cash turned into store credit equals the credit issued")
    TAX = "tax", _("Tax payable equals tax withheld less tax remitted")
    EXPENSE = "expense", _("Commission and incentive expense equal credits less clawbacks")
    CREDITS = "credits", _("Each credited commission is in the ledger with its amount")
    QUEUE = "queue", _("Each protected commission is due as it stands, or held, and none is late")
    AMOUNTS = "amounts", _("Each commission is what its line still earns")
    REFUNDS = "refunds", _("Each order line counts exactly its refunds")
    AWARDS = "awards", _("Each award is in the ledger with what it gave")
    SUSPENSE = "suspense", _("Nothing stays in suspense for long")
    CHAIN = "chain", _("Closed months are unchanged")


class Difference(models.Model):
    """Two sides of the books that did not agree; open until a person closes it with a reason."""

    control = models.CharField(_("control"), max_length=16, choices=Control)
    subject = models.CharField(_("subject"), max_length=200)
    expected = models.BigIntegerField(_("expected value"), null=True)
    actual = models.BigIntegerField(_("actual value"), null=True)
    day = models.DateField(_("books up to"))
    first_seen = models.DateTimeField(_("first seen at"))
    last_seen = models.DateTimeField(_("last seen at"))
    disappeared_at = models.DateTimeField(
        _("resolved since"), null=True, help_text=_("The last control no longer found it.")
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
                    "accounts", "held", "clearing", "statement_lines", "statements", "provider",
                    "conversion", "tax", "expense", "credits", "queue", "amounts", "refunds",
                    "awards", "suspense", "chain",
                ]),
                name="difference_control_valid",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_control_display()}: {self.subject}"
