"""Whether an endpoint works: on its own page, and on that of its client."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _

from backoffice.ages import age_text, format_age
from backoffice.base import NOTHING
from backoffice.panels import BODY, Column, Figure, More, Panel, register
from backoffice.references import describe
from backoffice.timeline import format_moment
from common import clock
from integration.models import ApiClient
from webhooks.admin.words import answer_words, state_badge
from webhooks.messages import title_of_type
from webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint

ENDPOINT = "webhooks.webhookendpoint"
SHOWN = 20
DAY = timedelta(days=1)
Status = WebhookEndpoint.Status


def health_words(endpoint: WebhookEndpoint) -> str:
    """Return in a sentence whether an endpoint works."""
    now = clock.now()
    if endpoint.status == Status.REMOVED:
        return _text("Removed.")
    if endpoint.status == Status.OFF:
        return _text("Switched off %(reason)s; events wait, for 30 days at most.") % {
            "reason": endpoint.get_off_reason_display()
        }
    if endpoint.client.switched_off_at:
        return _text("Its client is switched off; events wait.")
    if endpoint.failures:
        since = endpoint.failing_since or now
        return _text("%(count)s failures in a row, for %(age)s; it is tried again.") % {
            "count": endpoint.failures, "age": format_age(now - since),
        }  # fmt: skip
    if endpoint.last_success_at is None:
        return _text("Nothing was sent yet.")
    return _text("Works: the last success was %(age)s.") % {
        "age": age_text(endpoint.last_success_at, now)
    }


def health(_request: HttpRequest, endpoint: WebhookEndpoint) -> dict[str, Any]:
    """Return the context of the panel at the top: what waits, what arrived, how fast."""
    now = clock.now()
    waiting = endpoint.deliveries.filter(delivered_at=None).aggregate(
        count=Count("pk"), oldest=Min("created_at"), failed=Count("pk", filter=Q(attempts__gt=0))
    )
    arrived = endpoint.deliveries.filter(delivered_at__gt=now - DAY).count()
    oldest = waiting["oldest"]
    changelist = f"{deliveries_url()}?endpoint__id__exact={endpoint.pk}"
    return {
        "notice": "" if _is_well(endpoint) else health_words(endpoint),
        "figures": [
            Figure(_("delivered in 24 hours"), f"{arrived:,}", url=f"{changelist}&state=delivered"),
            Figure(
                _("waiting"), f"{waiting['count']:,}",
                _("the oldest for %(age)s") % {"age": format_age(now - oldest)} if oldest else "",
                f"{changelist}&state=waiting",
            ),
            Figure(
                _("failed and tried again"), f"{waiting['failed']:,}",
                url=f"{changelist}&state=retrying",
            ),
            Figure(
                _("last success"),
                age_text(endpoint.last_success_at, now) if endpoint.last_success_at else NOTHING,
            ),
        ],
    }  # fmt: skip


def _is_well(endpoint: WebhookEndpoint) -> bool:
    is_on = endpoint.status == Status.ACTIVE and not endpoint.client.switched_off_at
    return is_on and not endpoint.failures


def latest(_request: HttpRequest, endpoint: WebhookEndpoint) -> dict[str, Any]:
    """Return the context of the panel with the latest deliveries and their last answers."""
    rows = list(
        endpoint.deliveries.select_related("message").defer("message__body").order_by("-pk")[:SHOWN]
    )
    answers = last_answers(rows)
    return {
        "empty": _("Nothing was sent to it yet. Send a test."),
        "table": {
            "columns": [
                Column(_("created at")), Column(_("event")), Column(_("subject")),
                Column(_("state")), Column(_("attempts"), is_number=True), Column(_("last answer")),
            ],
            "rows": [
                [
                    _link(row), title_of_type(row.message.type),
                    describe(*row.subject.partition(":")[::2]), state_badge(row), row.attempts,
                    answer_words(answers.get(row.pk)),
                ]
                for row in rows
            ],
        },
        "more": More(
            _("All deliveries of this endpoint"),
            f"{deliveries_url()}?endpoint__id__exact={endpoint.pk}",
        )
        if len(rows) == SHOWN
        else None,
    }  # fmt: skip


def last_answers(rows: Sequence[WebhookDelivery]) -> dict[int, WebhookAttempt]:
    """Return the last attempt of each delivery, in two queries."""
    of_rows = WebhookAttempt.objects.filter(delivery__in=[row.pk for row in rows]).order_by()
    keys = of_rows.values("delivery").annotate(last=Max("pk")).values("last")
    return {attempt.delivery_id: attempt for attempt in WebhookAttempt.objects.filter(pk__in=keys)}


def of_client(_request: HttpRequest, client: ApiClient) -> dict[str, Any]:
    """Return the context of the panel on the page of a client: its endpoints and their health."""
    rows = client.webhook_endpoints.exclude(status=Status.REMOVED).select_related("client")
    return {
        "empty": _("It has no endpoint: nothing is sent to it."),
        "table": {
            "columns": [
                Column(_("address")),
                Column(_("status")),
                Column(_("health of the endpoint")),
            ],
            "rows": [
                [endpoint_link(row), row.get_status_display(), health_words(row)] for row in rows
            ],
        },
    }


def endpoint_link(endpoint: WebhookEndpoint) -> SafeString:
    return format_html(
        '<a href="{}">{}</a>',
        reverse("admin:webhooks_webhookendpoint_change", args=[endpoint.pk]),
        shown_url(endpoint),
    )


def shown_url(endpoint: WebhookEndpoint) -> str:
    return endpoint.url.partition("?")[0]  # behind it may be a token


def deliveries_url() -> str:
    return reverse("admin:webhooks_webhookdelivery_changelist")


def _link(row: WebhookDelivery) -> SafeString:
    url = reverse("admin:webhooks_webhookdelivery_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', url, format_moment(row.created_at))


register(Panel("health", _("health of the endpoint"), ENDPOINT, "", BODY, health, 10))
register(
    Panel(
        "deliveries", _("latest deliveries"), ENDPOINT, "webhooks.view_webhookdelivery", BODY,
        latest, 200, lazy=True,
    )
)  # fmt: skip
register(
    Panel(
        "webhooks", _("webhook endpoints"), "integration.apiclient",
        "webhooks.view_webhookendpoint", BODY, of_client, 200, lazy=True,
    )
)  # fmt: skip
