"""Risk rules, their assessments, holds and cases."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField
from common.clock import business_day
from events.models import Reference


class Stage(models.TextChoices):
    """The stage at which a rule is evaluated."""

    WITHDRAWAL = "withdrawal", _("withdrawal")
    ORDER = "order", _("order")
    REFERRAL = "referral", _("friend who was brought")


class RuleName(models.TextChoices):
    """The named rules; see ``risk.rules``."""

    AMOUNT_SPIKE = "amount_spike", _("sudden high amount")
    NEW_DISTRIBUTOR = "new_distributor", _("new distributor")
    REFUND_RATE = "refund_rate", _("many refunds in 30 days")
    SELF_PURCHASE = "self_purchase", _("own purchases")
    SHARED_PHONE = "shared_phone", _("phone shared with buyers")
    SHARED_DEVICE = "shared_device", _("device shared with buyers")
    SHARED_ADDRESS = "shared_address", _("address shared with buyers")
    SHARED_PAYEE = "shared_payee", _("payee shared with others")
    SHARED_IDENTITY = "shared_identity", _("ID number shared with others")
    BINDING_BURST = "binding_burst", _("many bindings within an hour")


class Outcome(models.TextChoices):
    """The outcome of an assessment."""

    PASS = "pass", _("passed")
    HOLD = "hold", _("on hold")
    BLOCK = "block", _("blocked")
    NOT_ASSESSED = "not_assessed", _("not assessed")


EFFECTS = [(outcome.value, outcome.label) for outcome in (Outcome.HOLD, Outcome.BLOCK)]


class HasSubject(models.Model):
    """Base of rows that refer to a row of any room."""

    subject_kind = models.CharField(_("subject kind"), max_length=80)
    subject_id = models.CharField(_("subject"), max_length=80)

    class Meta:
        abstract = True

    @property
    def subject(self) -> Reference:
        return Reference(self.subject_kind, self.subject_id)


def with_subject_in(subjects: Iterable[Reference]) -> Q:
    """Match rows about any of ``subjects``."""
    by_kind: dict[str, set[str]] = {}
    for subject in subjects:
        by_kind.setdefault(subject.kind, set()).add(subject.id)
    condition = Q(pk__in=())
    for kind, ids in sorted(by_kind.items()):
        condition |= Q(subject_kind=kind, subject_id__in=sorted(ids))
    return condition


class Rule(models.Model):
    """The settings of a named rule at a stage. The rows are fixed; operations change them."""

    stage = models.CharField(_("stage"), max_length=10, choices=Stage)
    name = models.CharField(_("rule"), max_length=20, choices=RuleName)
    enabled = models.BooleanField(_("enabled"), default=False)
    threshold = models.PositiveIntegerField(_("threshold"))
    min_sample = models.PositiveIntegerField(
        _("minimum sample"), default=0, help_text=_("With fewer cases the rule is not assessed.")
    )
    effect = models.CharField(_("effect"), max_length=10, choices=EFFECTS, default=Outcome.HOLD)

    class Meta:
        verbose_name = _("risk rule")
        verbose_name_plural = _("risk rules")
        ordering = ["-stage", "id"]
        constraints = [
            models.UniqueConstraint(fields=["stage", "name"], name="risk_rule_unique_per_stage"),
            models.CheckConstraint(
                condition=Q(stage__in=["withdrawal", "order", "referral"]),
                name="risk_rule_stage_valid",
            ),
            models.CheckConstraint(
                condition=Q(effect="hold") | Q(effect="block", stage="withdrawal"),
                name="risk_rule_orders_hold_only",
            ),
            models.CheckConstraint(
                condition=Q(threshold__gt=0),
                name="risk_rule_has_threshold",
                violation_error_message=_("The threshold must be above 0."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} · {self.get_name_display()}"


class Assessment(HasSubject):
    """The outcome of a rule for a subject, with its evidence. Append-only."""

    stage = models.CharField(_("stage"), max_length=10, choices=Stage)
    member = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="+", verbose_name=_("member"),
        db_index=False,
    )  # fmt: skip
    rule = models.CharField(_("rule"), max_length=20, choices=RuleName)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome)
    evidence = models.JSONField(_("evidence"), default=dict)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["subject_id", "-id"], name="assessment_of_subject"),
            models.Index(fields=["member", "-id"], name="assessment_of_member"),
            # Rows lie in the order of their time: a few pages are enough to find a day.
            BrinIndex(fields=["at"], name="assessment_by_day", autosummarize=True),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["pass", "hold", "block", "not_assessed"]),
                name="assessment_outcome_valid",
            ),
            models.CheckConstraint(
                condition=Q(rule__in=RuleName.values), name="assessment_rule_valid"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_rule_display()} · {self.get_outcome_display()}"


class ScreenedOrder(models.Model):
    """An order whose commissions were screened; each order is screened once."""

    order = models.OneToOneField(
        "orders.Order", models.PROTECT, primary_key=True, related_name="screened",
        verbose_name=_("order"),
    )  # fmt: skip
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("screened order")
        verbose_name_plural = _("screened orders")

    def __str__(self) -> str:
        return str(self.order)


class Case(HasSubject):
    """A case for a person to investigate and to close with a conclusion."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    COMES_FROM: ClassVar = {Status.CLOSED: [Status.OPEN]}
    EDITABLE_IN: ClassVar = (Status.OPEN,)

    public_id = PublicIdField()
    member = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="risk_cases", verbose_name=_("member")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    opened_at = models.DateTimeField(_("opened at"))
    assignee = models.ForeignKey(
        "members.User", models.PROTECT, null=True, related_name="+", verbose_name=_("assignee")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True)
    closed_by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, related_name="+", verbose_name=_("closed by")
    )
    conclusion = models.CharField(_("conclusion"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("risk case")
        verbose_name_plural = _("risk cases")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id"],
                condition=Q(status="open"),
                name="risk_case_unique_open",
            ),
            models.CheckConstraint(
                condition=Q(status="open", closed_at=None, closed_by=None, conclusion="")
                | (Q(status="closed", closed_at__isnull=False, closed_by__isnull=False)
                   & ~Q(conclusion="")),
                name="risk_case_closed_has_closer",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.member} · {business_day(self.opened_at)}"


class Note(models.Model):
    """A note about a case. Append-only."""

    case = models.ForeignKey(
        Case, models.PROTECT, related_name="notes", verbose_name=_("risk case")
    )
    by = models.ForeignKey(
        "members.User", models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    text = models.CharField(_("note"), max_length=1000)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="risk_note_has_text")]

    def __str__(self) -> str:
        return self.text[:80]


class Hold(HasSubject):
    """A hold on a subject by one rule. It never expires: a person releases it with a reason."""

    public_id = PublicIdField()
    member = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="risk_holds", verbose_name=_("member")
    )
    rule = models.CharField(_("rule"), max_length=20, choices=RuleName)
    outcome = models.CharField(_("effect"), max_length=10, choices=EFFECTS)
    assessment = models.OneToOneField(
        Assessment, models.PROTECT, related_name="hold", verbose_name=_("assessment")
    )
    case = models.ForeignKey(
        Case, models.PROTECT, related_name="holds", verbose_name=_("risk case")
    )
    since = models.DateTimeField(_("since"))
    released_at = models.DateTimeField(_("released at"), null=True)
    released_by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, related_name="+", verbose_name=_("released by")
    )
    release_reason = models.CharField(_("release reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("risk hold")
        verbose_name_plural = _("risk holds")
        ordering = ["-id"]
        indexes = [models.Index(fields=["subject_id", "rule"], name="risk_hold_of_subject")]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "member", "rule"],
                condition=Q(released_at=None),
                name="risk_hold_unique_open",
            ),
            models.CheckConstraint(
                condition=Q(released_at=None, released_by=None, release_reason="")
                | (Q(released_at__isnull=False, released_by__isnull=False)
                   & ~Q(release_reason="")),
                name="risk_hold_released_has_releaser",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["hold", "block"]), name="risk_hold_effect_valid"
            ),
            models.CheckConstraint(
                condition=Q(rule__in=RuleName.values), name="risk_hold_rule_valid"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_rule_display()} · {self.member}"
