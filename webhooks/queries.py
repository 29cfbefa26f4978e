"""What clients and staff see of endpoints and deliveries."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from api.errors import NotFound
from integration.models import ApiClient
from webhooks.models import WebhookDelivery, WebhookEndpoint


def visible_endpoints(client: ApiClient) -> QuerySet[WebhookEndpoint]:
    """Return the endpoints of a client without those that it removed."""
    return WebhookEndpoint.objects.filter(client=client).exclude(
        status=WebhookEndpoint.Status.REMOVED
    )


def find_endpoint(client: ApiClient, public_id: str) -> WebhookEndpoint:
    """Return an endpoint of a client.

    :raises NotFound: it has none with this id
    """
    found = visible_endpoints(client).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def deliveries_of(endpoint: WebhookEndpoint, *, status: str = "") -> QuerySet[WebhookDelivery]:
    """Return deliveries with their message and log, but not the bodies.

    :param status: ``waiting`` or ``delivered``; empty: both
    """
    rows = WebhookDelivery.objects.filter(endpoint=endpoint)
    if status:
        rows = rows.filter(delivered_at__isnull=status == "waiting")
    return rows.select_related("message").defer("message__body").prefetch_related("log")


def one_delivery(endpoint: WebhookEndpoint, public_id: str) -> Q:
    """Return what chooses a delivery of an endpoint.

    :raises NotFound: the endpoint has none with this id
    """
    chosen = Q(public_id=public_id)
    if not WebhookDelivery.objects.filter(chosen, endpoint=endpoint).exists():
        raise NotFound
    return chosen


def happened_between(start: datetime, end: datetime) -> Q:
    """Return what chooses the deliveries of events in ``start <= occurred_at < end``."""
    return Q(message__occurred_at__gte=start, message__occurred_at__lt=end)
