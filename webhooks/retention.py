"""Forget old deliveries."""

from __future__ import annotations

from datetime import datetime, timedelta

from webhooks.models import WebhookDelivery, WebhookMessage

KEPT_FOR = timedelta(days=30)
BATCH = 2_000


def forget_old_deliveries(*, at: datetime) -> int:
    """Delete a batch of deliveries older than 30 days, with their log; waiting ones stay.

    :returns: their number; 0 when none is left
    """
    old = WebhookDelivery.objects.filter(delivered_at__lt=at - KEPT_FOR)
    keys = list(old.order_by("delivered_at").values_list("pk", flat=True)[:BATCH])
    WebhookDelivery.objects.filter(pk__in=keys, delivered_at__lt=at - KEPT_FOR).delete()
    return len(keys)


def forget_old_messages(*, at: datetime) -> int:
    """Delete a batch of messages older than 30 days that no delivery needs any more.

    :returns: their number; 0 when none is left
    """
    old = WebhookMessage.objects.filter(created_at__lt=at - KEPT_FOR, deliveries=None)
    keys = list(old.order_by("pk").values_list("pk", flat=True)[:BATCH])
    WebhookMessage.objects.filter(pk__in=keys, deliveries=None).delete()
    return len(keys)
