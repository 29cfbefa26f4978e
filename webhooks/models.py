"""Endpoints of the merchant's systems, and what is delivered to them."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common import encryption
from common.base_models import PublicIdField, Singleton
from common.clock import format_moment
from events.models import Event
from integration.models import ApiClient
from webhooks.messages import title_of_type


class FeedPosition(Singleton):
    """How far the events can be read, and how far they are queued for the endpoints."""

    settled_until = models.BigIntegerField(_("no event appears below"), default=0)
    # The next such key, and the transactions that have to end before.
    pending_until = models.BigIntegerField(_("next key"), default=0)
    pending_writers = ArrayField(
        models.CharField(max_length=40), default=list, verbose_name=_("open transactions")
    )
    queued_until = models.BigIntegerField(_("queued up to"), default=0)
    # One process sends; it renews this.
    courier_until = models.DateTimeField(_("sent by a process until"), null=True)

    class Meta(Singleton.Meta):
        verbose_name = _("position in the events")
        verbose_name_plural = _("positions in the events")

    def __str__(self) -> str:
        return str(self.settled_until)


class WebhookEndpoint(models.Model):
    """An address of a client to which events are sent."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        OFF = "off", _("switched off")
        REMOVED = "removed", _("removed")

    class OffReason(models.TextChoices):
        CLIENT = "client", _("by the client")
        STAFF = "staff", _("by the staff")
        NO_SUCCESS = "no_success", _("no success for 3 days")
        ATTEMPTS = "attempts", _("a delivery failed 20 times")

    COMES_FROM = {
        Status.ACTIVE: [Status.OFF],
        Status.OFF: [Status.ACTIVE],
        Status.REMOVED: [Status.ACTIVE, Status.OFF],
    }
    EDITABLE_IN = [Status.ACTIVE, Status.OFF]

    public_id = PublicIdField()
    client = models.ForeignKey(
        ApiClient, models.PROTECT, related_name="webhook_endpoints", verbose_name=_("client")
    )
    url = models.CharField(_("address"), max_length=500)
    description = models.CharField(_("description"), max_length=200, blank=True)
    # Empty: every public event, also of later versions.
    types = ArrayField(
        models.CharField(max_length=80), default=list, blank=True, verbose_name=_("events")
    )
    status = models.CharField(
        _("status"), max_length=8, choices=Status.choices, default=Status.ACTIVE
    )
    off_reason = models.CharField(
        _("switched off"), max_length=12, choices=OffReason.choices, blank=True
    )
    switched_off_at = models.DateTimeField(_("switched off at"), null=True)
    created_at = models.DateTimeField(_("created at"))
    # Since the last success, or since it was switched on.
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    failing_since = models.DateTimeField(_("failing since"), null=True)
    last_success_at = models.DateTimeField(_("last success at"), null=True)
    wait_until = models.DateTimeField(_("waits until"), null=True)

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "url"],
                condition=~Q(status="removed"),
                name="webhook_endpoint_url_once",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["active", "off", "removed"]),
                name="webhook_endpoint_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(status="off", switched_off_at__isnull=False) & ~Q(off_reason="")
                | ~Q(status="off") & Q(switched_off_at=None, off_reason=""),
                name="webhook_endpoint_off_complete",
            ),
        ]

    def __str__(self) -> str:
        # An address may hold a token behind its host.
        return f"{self.client}: {self.url.partition('?')[0]}"

    def live_secrets(self, at: datetime) -> list[str]:
        """Return the secrets to sign with, the newest first."""
        rows = self.secrets.filter(Q(expires_at=None) | Q(expires_at__gt=at)).order_by("-pk")
        return [encryption.decrypt(row.secret_encrypted) for row in rows]


class WebhookSecret(models.Model):
    """A secret of an endpoint; replaced ones stay valid for a day."""

    endpoint = models.ForeignKey(
        WebhookEndpoint, models.PROTECT, related_name="secrets", verbose_name=_("endpoint")
    )
    secret_encrypted = models.TextField(_("secret"), editable=False)
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("valid until"), null=True)

    class Meta:
        verbose_name = _("secret of a webhook endpoint")
        verbose_name_plural = _("secrets of webhook endpoints")
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint"],
                condition=Q(expires_at=None),
                name="webhook_secret_one_current",
            )
        ]

    def __str__(self) -> str:
        return str(self.endpoint)


class WebhookMessage(models.Model):
    """An event as it is sent: written once, so that every attempt sends the same bytes."""

    public_id = models.CharField(_("id"), max_length=40, unique=True, editable=False)
    # None: a test.
    event = models.OneToOneField(
        Event, models.PROTECT, null=True, related_name="+", verbose_name=_("event")
    )
    type = models.CharField(_("type"), max_length=80)
    subject = models.CharField(_("subject"), max_length=161)
    occurred_at = models.DateTimeField(_("happened at"))
    created_at = models.DateTimeField(_("created at"))
    body = models.BinaryField(_("body"))

    class Meta:
        verbose_name = _("webhook message")
        verbose_name_plural = _("webhook messages")

    def __str__(self) -> str:
        return f"{self.type} {self.subject}"


class WebhookDelivery(models.Model):
    """A message for an endpoint; attempts are made until the endpoint accepts it."""

    public_id = PublicIdField()
    endpoint = models.ForeignKey(
        WebhookEndpoint, models.PROTECT, related_name="deliveries", db_index=False,
        verbose_name=_("endpoint"),
    )  # fmt: skip
    message = models.ForeignKey(
        WebhookMessage, models.PROTECT, related_name="deliveries", verbose_name=_("message")
    )
    # Copied from the message: the order of each subject needs one index.
    subject = models.CharField(_("subject"), max_length=161)
    created_at = models.DateTimeField(_("created at"))
    due_at = models.DateTimeField(_("next attempt at"))
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    # While a call is in flight.
    leased_until = models.DateTimeField(_("being sent until"), null=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True)

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "message"], name="webhook_delivery_message_once"
            ),
            models.CheckConstraint(
                condition=Q(delivered_at=None) | Q(leased_until=None),
                name="webhook_delivery_delivered_is_idle",
            ),
        ]
        indexes = [
            models.Index("endpoint", "id", name="webhook_delivery_endpoint_idx"),
            models.Index(
                fields=["endpoint", "due_at", "id"],
                condition=Q(delivered_at=None),
                name="webhook_delivery_due_idx",
            ),
            models.Index(
                fields=["endpoint", "subject", "id"],
                condition=Q(delivered_at=None),
                name="webhook_delivery_lane_idx",
            ),
            models.Index(
                fields=["delivered_at"],
                condition=Q(delivered_at__isnull=False),
                name="webhook_delivery_done_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{title_of_type(self.message.type)} → {self.endpoint}"

    @property
    def status(self) -> str:
        return "delivered" if self.delivered_at else "waiting"

    @property
    def next_attempt_at(self) -> datetime | None:
        return None if self.delivered_at else self.due_at


class WebhookAttempt(models.Model):
    """A call of an endpoint, and its answer."""

    delivery = models.ForeignKey(
        WebhookDelivery, models.CASCADE, related_name="log", verbose_name=_("delivery")
    )
    at = models.DateTimeField(_("sent at"))
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True)
    milliseconds = models.PositiveIntegerField(_("milliseconds"))
    # Why there is no status, or why it is no success; see ``webhooks.calls``.
    error = models.CharField(_("error"), max_length=40, blank=True)
    answer = models.CharField(_("answer"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("attempt of a webhook delivery")
        verbose_name_plural = _("attempts of webhook deliveries")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.delivery} {format_moment(self.at)}"
