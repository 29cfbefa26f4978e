"""Attempts to pay, stored before anything is sent, and their evidence."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from withdrawals.models.base import staff_field
from withdrawals.models.withdrawal import Withdrawal

# For the constraints, which cannot see the class that they belong to.
PROVEN_UNPAID = ["fail", "cancelled"]
FINAL = ["success", *PROVEN_UNPAID]


class Evidence(models.Model):
    """A reply, notification or voucher, word for word; encrypted and append-only."""

    class Kind(models.TextChoices):
        REPLY = "reply", _("signed reply")
        NOTIFICATION = "notification", _("notification")
        VOUCHER = "voucher", _("voucher")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    external_id = models.CharField(_("the provider's id"), max_length=80, null=True)  # noqa: DJ001 - unique where there is one
    content_encrypted = models.TextField(_("encrypted content"))
    sha256 = models.CharField(_("hash"), max_length=64)
    at = models.DateTimeField(_("saved at"))

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        constraints = [
            models.UniqueConstraint(fields=["external_id"], name="evidence_external_id_unique"),
            models.CheckConstraint(
                condition=Q(kind__in=["reply", "notification", "voucher"]),
                name="evidence_kind_valid",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def is_file(self) -> bool:
        """Whether a person has uploaded it."""
        return (self.external_id or "").startswith("voucher:")


class PayoutLeaseQuerySet(models.QuerySet["PayoutLease"]):
    def held(self, at: datetime) -> PayoutLeaseQuerySet:
        return self.filter(expires_at__gt=at)

    def expired(self, at: datetime) -> PayoutLeaseQuerySet:
        return self.filter(expires_at__lte=at)


class PayoutLease(models.Model):
    """The lease of a running worker on its attempts, renewed by its heartbeats."""

    token = models.UUIDField(primary_key=True)
    expires_at = models.DateTimeField()

    objects: ClassVar[models.Manager[PayoutLease]] = PayoutLeaseQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.token)


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def live(self) -> AttemptQuerySet:
        """Return the attempts that may have paid or may still pay."""
        return self.exclude(state__in=Attempt.PROVEN_UNPAID)

    def due(self, at: datetime) -> AttemptQuerySet:
        """Return the attempts to send or poll now that no worker has leased."""
        return self.filter(next_run_at__lte=at).unleased(at)

    def lock(self, pk: int) -> Attempt:
        """Lock an attempt, without its related rows, and return it."""
        return self.select_for_update(no_key=True, of=("self",)).get(pk=pk)

    def unleased(self, at: datetime) -> AttemptQuerySet:
        """Return the attempts that no running worker has leased."""
        held = PayoutLease.objects.held(at).filter(token=OuterRef("lease"))
        return self.filter(Q(lease=None) | ~Exists(held))


class Attempt(models.Model):
    """One payment at a provider under one number, with an immutable instruction.

    A withdrawal gets another number only after this attempt is proven unpaid.
    """

    class State(models.TextChoices):
        CREATED = "created", _("not sent yet")
        UNKNOWN = "unknown", _("unknown")
        ACCEPTED = "accepted", _("accepted")
        PROCESSING = "processing", _("being processed")
        WAIT_USER_CONFIRM = "wait_user_confirm", _("awaiting the member's confirmation")
        TRANSFERING = "transfering", _("being transferred")
        CANCELING = "canceling", _("being cancelled")
        SUCCESS = "success", _("succeeded")
        FAIL = "fail", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    PROVEN_UNPAID: ClassVar = (State.FAIL, State.CANCELLED)
    # The fields that replies change.
    MUTABLE_FIELDS: ClassVar = (
        "state", "fail_reason", "last_error", "package_info", "provider_no", "evidence",
        "poll_count", "lease", "next_run_at", "stopped_at", "ended_at",
    )  # fmt: skip

    withdrawal = models.ForeignKey(
        Withdrawal, models.PROTECT, related_name="attempts", db_index=False,
        verbose_name=_("withdrawal"),
    )  # fmt: skip
    out_bill_no = models.CharField(_("number at the provider"), max_length=32)
    gateway = models.CharField(_("gateway"), max_length=10)
    amount = models.BigIntegerField(_("amount"))
    instruction_encrypted = models.TextField(_("encrypted instruction"))
    instruction_sha256 = models.CharField(_("hash of the instruction"), max_length=64)
    state = models.CharField(_("state"), max_length=18, choices=State, default=State.CREATED)
    fail_reason = models.CharField(_("failure reason"), max_length=64, blank=True)
    last_error = models.CharField(_("last error"), max_length=64, blank=True)
    package_info = models.TextField(_("for the member's phone"), blank=True)
    provider_no = models.CharField(_("the provider's number"), max_length=64, blank=True)
    evidence = models.ForeignKey(
        Evidence, models.PROTECT, null=True, related_name="+", verbose_name=_("evidence")
    )
    send_count = models.PositiveSmallIntegerField(_("times sent"), default=0)
    poll_count = models.PositiveSmallIntegerField(_("times polled"), default=0)
    claimed_by = staff_field(_("paid manually by"))
    marked_paid_by = staff_field(_("marked paid by"))
    created_at = models.DateTimeField(_("created at"))
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    # Without a foreign key: a lease is removed when its run ends, whatever becomes of the attempt.
    lease = models.UUIDField(null=True, editable=False)
    next_run_at = models.DateTimeField(_("next run at"), null=True)
    stopped_at = models.DateTimeField(_("sending stopped at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    outcome_mismatch_at = models.DateTimeField(_("reported paid by the provider at"), null=True)
    """When the provider first reported success for this attempt, recorded as unpaid."""
    alerted_overdue_at = models.DateTimeField(null=True, editable=False)
    alerted_expiring_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[models.Manager[Attempt]] = AttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("payout attempt")
        verbose_name_plural = _("payout attempts")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["withdrawal", "-id"], name="attempt_withdrawal_idx"),
            models.Index(
                fields=["next_run_at"],
                condition=Q(next_run_at__isnull=False),
                name="attempt_due_idx",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["out_bill_no"], name="attempt_number_unique"),
            models.UniqueConstraint(
                fields=["withdrawal"],
                condition=~Q(state__in=PROVEN_UNPAID),
                name="attempt_live_unique",
            ),
            models.CheckConstraint(
                condition=Q(out_bill_no__regex="^[0-9A-Za-z]{1,32}$"), name="attempt_number_format"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="attempt_amount_positive"),
            models.CheckConstraint(
                condition=Q(outcome_mismatch_at=None) | Q(state__in=PROVEN_UNPAID),
                name="attempt_mismatch_only_unpaid",
            ),
            models.CheckConstraint(
                condition=Q(marked_paid_by=None) | Q(gateway="manual"),
                name="attempt_marked_paid_only_manual",
            ),
            # The ledger pays in the transaction that starts the payment.
            models.CheckConstraint(
                condition=~Q(gateway="ledger") | Q(state="success"),
                name="attempt_ledger_pays_at_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[
                    "created", "unknown", "accepted", "processing", "wait_user_confirm",
                    "transfering", "canceling", *FINAL,
                ]),
                name="attempt_state_valid",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state__in=FINAL)
                    & Q(evidence__isnull=False, ended_at__isnull=False, next_run_at=None)
                )
                | (~Q(state__in=FINAL) & Q(ended_at=None)),
                name="attempt_final_has_evidence",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.out_bill_no

    def is_leased(self, at: datetime) -> bool:
        """Return whether a running worker has leased it."""
        if self.lease is None:
            return False
        return PayoutLease.objects.held(at).filter(token=self.lease).exists()
