"""An attempt to pay: stored before anything is sent, and proven before it counts."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from withdrawals.models.withdrawal import Withdrawal


class Evidence(models.Model):
    """What a provider has said, or a person has shown, word by word. Kept for good, sealed."""

    class Kind(models.TextChoices):
        ANSWER = "answer", _("signed answer")
        NOTICE = "notice", _("notice")
        VOUCHER = "voucher", _("voucher")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    outer_id = models.CharField(_("the provider's id"), max_length=80, null=True)  # noqa: DJ001 - unique where there is one
    sealed = models.TextField(_("sealed content"))
    sha256 = models.CharField(_("hash"), max_length=64)
    at = models.DateTimeField(_("kept at"))

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        constraints = [
            models.UniqueConstraint(fields=["outer_id"], name="evidence_outer_id_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["answer", "notice", "voucher"]), name="evidence_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def is_file(self) -> bool:
        """Whether a person has shown it."""
        return (self.outer_id or "").startswith("voucher:")


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def live(self) -> AttemptQuerySet:
        """Those that may have paid, or may still."""
        return self.exclude(state__in=Attempt.PROVEN_UNPAID)

    def to_ask(self, at: datetime) -> AttemptQuerySet:
        """Those whose turn has come and that no worker has in its hands."""
        return self.filter(next_at__lte=at).free(at)

    def free(self, at: datetime) -> AttemptQuerySet:
        """Those that no worker has in its hands."""
        return self.filter(Q(lease_until=None) | Q(lease_until__lte=at))


class Attempt(models.Model):
    """One bill at a provider under one number. Its content never changes.

    A withdrawal gets another number only once this one is proven unpaid.
    """

    class State(models.TextChoices):
        CREATED = "created", _("not sent yet")
        UNKNOWN = "unknown", _("unknown")
        ACCEPTED = "accepted", _("accepted")
        PROCESSING = "processing", _("being processed")
        WAIT_USER_CONFIRM = "wait_user_confirm", _("waits for the member")
        TRANSFERING = "transfering", _("being transferred")
        CANCELING = "canceling", _("being cancelled")
        SUCCESS = "success", _("succeeded")
        FAIL = "fail", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    PROVEN_UNPAID: ClassVar = (State.FAIL, State.CANCELLED)
    FINAL: ClassVar = (State.SUCCESS, *PROVEN_UNPAID)
    # All that may change of it, beside how often it was sent.
    MOVES: ClassVar = (
        "state", "fail_reason", "trouble", "package", "provider_no", "evidence", "asks",
        "lease_until", "next_at", "stopped_at", "ended_at",
    )  # fmt: skip

    withdrawal = models.ForeignKey(
        Withdrawal, models.PROTECT, related_name="attempts", db_index=False,
        verbose_name=_("withdrawal"),
    )  # fmt: skip
    out_bill_no = models.CharField(_("number at the provider"), max_length=32)
    gateway = models.CharField(_("gateway"), max_length=10)
    amount = models.BigIntegerField(_("amount"))
    bill_sealed = models.TextField(_("sealed bill"))
    bill_sha256 = models.CharField(_("hash of the bill"), max_length=64)
    state = models.CharField(_("state"), max_length=18, choices=State, default=State.CREATED)
    fail_reason = models.CharField(_("why it failed"), max_length=64, blank=True)
    trouble = models.CharField(_("last trouble"), max_length=64, blank=True)
    package = models.TextField(_("for the member's phone"), blank=True)
    provider_no = models.CharField(_("the provider's number"), max_length=64, blank=True)
    evidence = models.ForeignKey(
        Evidence, models.PROTECT, null=True, related_name="+", verbose_name=_("evidence")
    )
    sends = models.PositiveSmallIntegerField(_("times sent"), default=0)
    asks = models.PositiveSmallIntegerField(_("times asked"), default=0)
    taken_by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("paid by hand by"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("created at"))
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    lease_until = models.DateTimeField(_("in a worker's hands until"), null=True)
    next_at = models.DateTimeField(_("next turn at"), null=True)
    stopped_at = models.DateTimeField(_("nothing is sent any more since"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    objects: ClassVar[models.Manager[Attempt]] = AttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("attempt to pay")
        verbose_name_plural = _("attempts to pay")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["withdrawal", "-id"], name="attempt_of_withdrawal"),
            models.Index(
                fields=["next_at"], condition=Q(next_at__isnull=False), name="attempt_to_ask"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["out_bill_no"], name="attempt_number_once"),
            models.UniqueConstraint(
                fields=["withdrawal"],
                condition=~Q(state__in=["fail", "cancelled"]),
                name="attempt_one_live",
            ),
            models.CheckConstraint(
                condition=Q(out_bill_no__regex="^[0-9A-Za-z]{1,32}$"), name="attempt_number_fits"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="attempt_amount_positive"),
            models.CheckConstraint(
                condition=Q(state__in=[
                    "created", "unknown", "accepted", "processing", "wait_user_confirm",
                    "transfering", "canceling", "success", "fail", "cancelled",
                ]),
                name="attempt_state_is_known",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state__in=["success", "fail", "cancelled"])
                    & Q(evidence__isnull=False, ended_at__isnull=False, next_at=None)
                )
                | (~Q(state__in=["success", "fail", "cancelled"]) & Q(ended_at=None)),
                name="attempt_end_is_proven",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.out_bill_no
