"""Guard what is sent, and the life of endpoints."""

from django.db import migrations

from common import guards
from common.base_models import insert_singleton

GUARDS = [
    guards.immutable(
        "webhooks_webhookmessage",
        "id", "public_id", "event_id", "type", "subject", "occurred_at", "created_at", "body",
    ),
    guards.immutable(
        "webhooks_webhookdelivery",
        "id", "public_id", "endpoint_id", "message_id", "subject", "created_at",
    ),
    guards.immutable("webhooks_webhookattempt", "id", "delivery_id", "at", "status"),
    guards.immutable("webhooks_webhookendpoint", "id", "public_id", "client_id", "created_at"),
    guards.never_deleted("webhooks_webhookendpoint"),
    guards.never_deleted("webhooks_feedposition"),
    guards.transitions(
        "webhooks_webhookendpoint",
        statuses=["active", "off", "removed"],
        comes_from={"active": ["off"], "off": ["active"], "removed": ["active", "off"]},
        editable_in=["active", "off"],
        constraint="webhook_endpoint_status_transitions",
    ),
]


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0001_initial"), ("events", "0002_guards")]

    operations = [
        migrations.RunPython(
            insert_singleton("webhooks", "FeedPosition"), migrations.RunPython.noop
        ),
        guards.install(*GUARDS),
    ]
