"""Create, change, switch and remove endpoints; every verb locks the row of the endpoint."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alarms.kinds import WEBHOOK_FAILING, WEBHOOK_SWITCHED_OFF
from alarms.services import close_alarm
from common import encryption
from common.errors import TwotierError, violated_constraint
from events.services import record
from integration.models import ApiClient
from webhooks.addresses import is_acceptable
from webhooks.events import (
    WEBHOOKS_ENDPOINT_CHANGED,
    WEBHOOKS_ENDPOINT_CREATED,
    WEBHOOKS_ENDPOINT_REMOVED,
    WEBHOOKS_REDELIVERED,
    WEBHOOKS_SECRET_ROTATED,
    WEBHOOKS_SWITCHED_OFF,
    WEBHOOKS_SWITCHED_ON,
)
from webhooks.messages import encode, trial_message
from webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookMessage, WebhookSecret

MAX_ENDPOINTS = 20  # of a client
MAX_SECRETS = 5  # valid at once
OVERLAP = timedelta(days=1)
MAX_REDELIVERIES = 10_000
SECRET_BYTES = 24
Status = WebhookEndpoint.Status


class WebhookUrlRefused(TwotierError):
    code = "webhook_url_refused"
    message = _(
        "Webhooks are sent to public addresses with https only, without a user name and of at most"
        " 500 characters."
    )
    status = 400


class WebhookUrlTaken(TwotierError):
    code = "webhook_url_taken"
    message = _("This client has an endpoint with this address. Change that one.")


class TooManyEndpoints(TwotierError):
    code = "too_many_webhook_endpoints"
    message = _("A client has at most %(limit)s endpoints. Remove one first.")


class TooManyRotations(TwotierError):
    code = "too_many_rotations"
    message = _("This endpoint has %(limit)s valid secrets. Wait until the oldest has ended.")


class EndpointOff(TwotierError):
    code = "webhook_endpoint_off"
    message = _("This endpoint is switched off. Switch it on first.")


class EndpointRemoved(TwotierError):
    code = "webhook_endpoint_removed"
    message = _("This endpoint was removed. Create a new one.")


@transaction.atomic
def create_endpoint(
    *,
    client: ApiClient,
    url: str,
    types: Sequence[str] = (),
    description: str = "",
    at: datetime,
    by: models.Model,
) -> tuple[WebhookEndpoint, str]:
    """Create an endpoint.

    :param types: names of public events; none: all, also those of later versions
    :returns: the endpoint and its secret, which cannot be read again
    :raises WebhookUrlRefused, WebhookUrlTaken, TooManyEndpoints: nothing was changed
    """
    ApiClient.objects.select_for_update(no_key=True).get(pk=client.pk)
    present = WebhookEndpoint.objects.filter(client=client).exclude(status=Status.REMOVED)
    if present.count() >= MAX_ENDPOINTS:
        raise TooManyEndpoints(limit=MAX_ENDPOINTS)
    if not is_acceptable(url):
        raise WebhookUrlRefused
    endpoint = WebhookEndpoint(
        client=client, url=url, types=sorted(set(types)), description=description, created_at=at
    )
    _save(endpoint)
    secret = _add_secret(endpoint, at=at)
    record(WEBHOOKS_ENDPOINT_CREATED, endpoint, at=at, by=by, types=endpoint.types)
    return endpoint, secret


@transaction.atomic
def change_endpoint(
    *,
    endpoint: WebhookEndpoint,
    url: str,
    types: Sequence[str],
    description: str,
    at: datetime,
    by: models.Model,
) -> WebhookEndpoint:
    """Change address, events and description; deliveries that wait go to the new address.

    :raises WebhookUrlRefused, WebhookUrlTaken, EndpointRemoved: nothing was changed
    """
    row = lock(endpoint)
    new = {"url": url, "types": sorted(set(types)), "description": description}
    changed = [name for name, value in new.items() if getattr(row, name) != value]
    if not changed:
        return row
    if not is_acceptable(url):
        raise WebhookUrlRefused
    for name in changed:
        setattr(row, name, new[name])
    _save(row, changed)
    # An address may hold a token: the event only names what changed.
    record(WEBHOOKS_ENDPOINT_CHANGED, row, at=at, by=by, fields=changed)
    return row


@transaction.atomic
def rotate_secret(*, endpoint: WebhookEndpoint, at: datetime, by: models.Model) -> str:
    """Give an endpoint a new secret. For a day, calls are signed with the previous one, too.

    :returns: the new secret, which cannot be read again
    :raises TooManyRotations, EndpointRemoved: nothing was changed
    """
    row = lock(endpoint)
    row.secrets.filter(expires_at__lte=at).delete()
    if row.secrets.count() >= MAX_SECRETS:
        raise TooManyRotations(limit=MAX_SECRETS)
    row.secrets.filter(expires_at=None).update(expires_at=at + OVERLAP)
    secret = _add_secret(row, at=at)
    record(WEBHOOKS_SECRET_ROTATED, row, at=at, by=by)
    return secret


@transaction.atomic
def switch_on(*, endpoint: WebhookEndpoint, at: datetime, by: models.Model) -> WebhookEndpoint:
    """Send again: all deliveries that wait are due now, and their attempts start from zero.

    :raises EndpointRemoved: nothing was changed
    """
    row = lock(endpoint)
    if row.status == Status.ACTIVE:
        return row
    row.status, row.off_reason, row.switched_off_at = Status.ACTIVE, "", None
    row.failures, row.failing_since, row.wait_until = 0, None, None
    row.save(
        update_fields=[
            "status", "off_reason", "switched_off_at", "failures", "failing_since", "wait_until",
        ]
    )  # fmt: skip
    row.deliveries.filter(delivered_at=None).update(attempts=0, due_at=at)
    record(WEBHOOKS_SWITCHED_ON, row, at=at, by=by)
    _close_alarms(row, at=at)
    return row


@transaction.atomic
def switch_off(
    *,
    endpoint: WebhookEndpoint,
    reason: WebhookEndpoint.OffReason,
    at: datetime,
    by: models.Model | None = None,
) -> WebhookEndpoint:
    """Stop sending; deliveries wait, and events are queued as before.

    :raises EndpointRemoved: nothing was changed
    """
    row = lock(endpoint)
    if row.status == Status.OFF:
        return row
    row.status, row.off_reason, row.switched_off_at = Status.OFF, reason, at
    row.save(update_fields=["status", "off_reason", "switched_off_at"])
    record(WEBHOOKS_SWITCHED_OFF, row, at=at, by=by, reason=str(reason))
    close_alarm(WEBHOOK_FAILING, row, at=at)
    return row


@transaction.atomic
def remove_endpoint(*, endpoint: WebhookEndpoint, at: datetime, by: models.Model) -> None:
    """Remove an endpoint and its secrets; what waits is never sent.

    Removing it again changes nothing.
    """
    row = WebhookEndpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)
    if row.status == Status.REMOVED:
        return
    row.status, row.off_reason, row.switched_off_at = Status.REMOVED, "", None
    row.save(update_fields=["status", "off_reason", "switched_off_at"])
    row.secrets.all().delete()
    row.deliveries.filter(delivered_at=None, leased_until=None).delete()
    record(WEBHOOKS_ENDPOINT_REMOVED, row, at=at, by=by)
    _close_alarms(row, at=at)


@transaction.atomic
def send_trial(*, endpoint: WebhookEndpoint, at: datetime) -> WebhookDelivery:
    """Queue a message of the type ``webhooks.test``.

    :raises EndpointOff, EndpointRemoved: nothing was queued
    """
    row = lock(endpoint)
    if row.status == Status.OFF:
        raise EndpointOff
    subject = f"webhooks.webhookendpoint:{row.public_id}"
    sequence = row.deliveries.filter(subject=subject).count() + 1
    message = trial_message(row.public_id, sequence=sequence, at=at)
    written = WebhookMessage.objects.create(
        public_id=message["id"], type=message["type"], subject=subject, occurred_at=at,
        created_at=at, body=encode(message),
    )  # fmt: skip
    return WebhookDelivery.objects.create(
        endpoint=row, message=written, subject=subject, created_at=at, due_at=at
    )


@transaction.atomic
def redeliver(
    *,
    endpoint: WebhookEndpoint,
    deliveries: Q,
    at: datetime,
    by: models.Model,
) -> int:
    """Queue deliveries of the log again; each keeps its id, so the receiver can recognise it.

    At most 10 000 at once, the oldest first. Those that wait are due now.

    :param deliveries: which of the endpoint's deliveries
    :returns: their number
    :raises EndpointRemoved: nothing was changed
    """
    row = lock(endpoint)
    chosen = row.deliveries.filter(deliveries, leased_until=None).order_by("pk")
    keys = list(chosen.values_list("pk", flat=True)[:MAX_REDELIVERIES])
    rows = WebhookDelivery.objects.filter(pk__in=keys, leased_until=None)
    count = rows.update(delivered_at=None, attempts=0, due_at=at)
    if count:
        record(WEBHOOKS_REDELIVERED, row, at=at, by=by, count=count)
    return count


def lock(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Lock an endpoint.

    :raises EndpointRemoved: it was removed
    """
    row = WebhookEndpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)
    if row.status == Status.REMOVED:
        raise EndpointRemoved
    return row


def _save(endpoint: WebhookEndpoint, fields: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            endpoint.save(update_fields=fields)
    except IntegrityError as error:
        if violated_constraint(error) != "webhook_endpoint_url_once":
            raise
        raise WebhookUrlTaken from None


def _add_secret(endpoint: WebhookEndpoint, *, at: datetime) -> str:
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"
    WebhookSecret.objects.create(
        endpoint=endpoint, secret_encrypted=encryption.encrypt(secret), created_at=at
    )
    return secret


def _close_alarms(endpoint: WebhookEndpoint, *, at: datetime) -> None:
    for kind in (WEBHOOK_FAILING, WEBHOOK_SWITCHED_OFF):
        close_alarm(kind, endpoint, at=at)
