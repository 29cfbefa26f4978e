"""What the calls about endpoints take and answer."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from api.serializers import Moment, StrictSerializer, Text
from webhooks.catalogue import TYPES
from webhooks.models import WebhookEndpoint

ENDPOINT_STATUSES = ("active", "off")
DELIVERY_STATUSES = ("waiting", "delivered")


class Present(serializers.Serializer):
    """Leaves out fields without a value."""

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown = super().to_representation(instance).items()
        return {name: value for name, value in shown if value is not None and value != ""}


class EndpointBody(StrictSerializer):
    url = Text(max_length=500, help_text="A public address with https.")
    types = serializers.ListField(
        child=serializers.ChoiceField(TYPES),
        required=False,
        max_length=200,
        help_text="Without it, or empty: every event.",
    )
    description = Text(max_length=200, required=False, allow_blank=True)


class EndpointAnswer(Present):
    id = serializers.CharField(source="public_id")
    url = serializers.CharField()
    description = serializers.CharField(required=False)
    types = serializers.ListField(child=serializers.CharField())
    status = serializers.ChoiceField(ENDPOINT_STATUSES)
    off_reason = serializers.ChoiceField(WebhookEndpoint.OffReason.values, required=False)
    switched_off_at = Moment(required=False)
    failures = serializers.IntegerField(help_text="Failed calls since the last success.")
    last_success_at = Moment(required=False)
    created_at = Moment()


class CreatedAnswer(EndpointAnswer):
    secret = serializers.CharField(help_text="Shown only here.")


class SecretAnswer(serializers.Serializer):
    secret = serializers.CharField(help_text="Shown only here.")
    previous_valid_until = Moment()


class AttemptAnswer(Present):
    at = Moment()
    status = serializers.IntegerField(required=False, help_text="Absent: there was no answer.")
    milliseconds = serializers.IntegerField()
    error = serializers.CharField(required=False)
    answer = serializers.CharField(required=False, help_text="The beginning of the answer.")


class DeliveryAnswer(Present):
    id = serializers.CharField(source="public_id")
    event = serializers.CharField(source="message.public_id")
    type = serializers.CharField(source="message.type")
    status = serializers.ChoiceField(DELIVERY_STATUSES)
    attempts = serializers.IntegerField(help_text="Since it was queued the last time.")
    created_at = Moment()
    next_attempt_at = Moment(required=False)
    delivered_at = Moment(required=False)
    log = AttemptAnswer(many=True)


class DeliveriesQuery(StrictSerializer):
    status = serializers.ChoiceField(DELIVERY_STATUSES, required=False)


class RedeliverBody(StrictSerializer):
    """One delivery, or those of events that happened in a period."""

    delivery = Text(max_length=40, required=False)

    def get_fields(self) -> dict[str, Any]:
        # “from” is no name for an attribute.
        return {
            **super().get_fields(),
            "from": Moment(required=False),
            "to": Moment(required=False),
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if set(attrs) not in ({"delivery"}, {"from", "to"}):
            raise serializers.ValidationError(
                _("Give either delivery, or from and to."), "one_or_range"
            )
        return attrs


class RedeliverAnswer(serializers.Serializer):
    queued = serializers.IntegerField(help_text="How many deliveries are queued again.")
