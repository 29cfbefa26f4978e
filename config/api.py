"""What clients ask first: how this shop is set up. It is here because it names several rooms."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlsplit

import orjson
from django.conf import settings
from django.utils.http import parse_etags, quote_etag
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import Moment
from api.views import PublicEndpoint
from common import clock
from members.models import Agreement, Upload
from members.pictures import MAX_PIXELS
from members.uploads import A_DAY, MAX_BYTES
from wechat.gateway import gateway
from withdrawals.models import Payee, Policy

# Features of later versions.
NOT_YET = ("groups", "checkout")


class Brand(serializers.Serializer):
    name = serializers.CharField()


class WeChatApps(serializers.Serializer):
    """Empty texts where the shop has none."""

    app_id = serializers.CharField(help_text="Of the mini-program.")
    official_app_id = serializers.CharField(help_text="Of the official account.")
    merchant_id = serializers.CharField(help_text="For wx.requestMerchantTransfer.")
    templates = serializers.DictField(
        child=serializers.CharField(), help_text="Ids of subscribe messages by scene."
    )


class AgreementVersion(serializers.Serializer):
    kind = serializers.CharField()
    version = serializers.IntegerField()
    title = serializers.CharField()


class WithdrawalLimits(serializers.Serializer):
    """Amounts in fen."""

    currency = serializers.CharField()
    channels = serializers.ListField(child=serializers.CharField())
    min_amount = serializers.IntegerField()
    max_amount = serializers.IntegerField()
    max_per_day = serializers.IntegerField()
    max_per_month = serializers.IntegerField()
    fee_rate = serializers.IntegerField(help_text="In basis points of the amount; rounded down.")


class RefundReason(serializers.Serializer):
    code = serializers.CharField()
    text = serializers.CharField()


class UploadLimits(serializers.Serializer):
    purposes = serializers.ListField(child=serializers.CharField())
    types = serializers.ListField(child=serializers.CharField())
    max_bytes = serializers.IntegerField()
    max_pixels = serializers.IntegerField()
    per_day = serializers.IntegerField()


class ClientConfig(serializers.Serializer):
    brand = Brand()
    features = serializers.DictField(child=serializers.BooleanField())
    wechat = WeChatApps()
    agreements = AgreementVersion(many=True)
    withdrawals = WithdrawalLimits()
    refund_reasons = RefundReason(many=True)
    file_hosts = serializers.ListField(
        child=serializers.CharField(), help_text="Enter them as hosts of downloads in WeChat."
    )
    uploads = UploadLimits()
    least_client_version = serializers.CharField(help_text="Older clients update. May be empty.")
    server_time = Moment()


class Config(PublicEndpoint):
    """How this shop is set up."""

    @extend_schema(
        operation_id="config",
        summary="Read how the shop is set up",
        description="Send the ETag as If-None-Match; 304 means unchanged, apart from server_time.",
        responses={200: ClientConfig, 304: None},
    )
    def get(self, request: Request) -> Response:
        body = client_config(host=request.get_host())
        etag = quote_etag(hashlib.sha256(orjson.dumps(body)).hexdigest()[:32])
        headers = {"ETag": etag, "Cache-Control": "no-cache"}
        if etag in parse_etags(request.headers.get("If-None-Match", "")):
            return Response(status=304, headers=headers)
        now = ClientConfig().fields["server_time"].to_representation(clock.now())
        return Response({**body, "server_time": now}, headers=headers)


def client_config(*, host: str) -> dict[str, Any]:
    """Return everything but the time, which would be new in every answer."""
    policy, wechat = Policy.current(), gateway()
    features = {
        "wechat": wechat is not None,
        "official_account": bool(wechat and wechat.official_app),
        "sandbox": not settings.PRODUCTION,
        "withdrawals": True,
        "posters": True,
        "sharing": True,
        "materials": True,
        "incentives": True,
        **dict.fromkeys(NOT_YET, False),
    }
    return {
        "brand": {"name": settings.BRAND_NAME},
        "features": features,
        "wechat": {
            "app_id": wechat.mini_app if wechat else "",
            "official_app_id": wechat.official_app if wechat else "",
            "merchant_id": settings.WECHATPAY_MERCHANT,
            "templates": settings.WECHAT_TEMPLATES,
        },
        "agreements": [
            {"kind": row.kind, "version": row.version, "title": row.title}
            for row in Agreement.objects.current().defer("text")
        ],
        "withdrawals": {
            "currency": "CNY",
            "channels": [
                name
                for name in Payee.Channel.values
                if name != Payee.Channel.STORE_CREDIT or policy.store_credit
            ],
            "min_amount": policy.min_amount,
            "max_amount": policy.max_amount,
            "max_per_day": policy.max_per_day,
            "max_per_month": policy.max_per_month,
            "fee_rate": policy.fee,
        },
        "refund_reasons": [{"code": code, "text": text} for code, text in refund_reasons()],
        "file_hosts": sorted({host, urlsplit(settings.PUBLIC_URL).netloc}),
        "uploads": {
            "purposes": Upload.Purpose.values,
            "types": ["image/jpeg", "image/png", "image/webp"],
            "max_bytes": MAX_BYTES,
            "max_pixels": min(MAX_PIXELS.values()),  # what a picture of any format may have
            "per_day": A_DAY,
        },
        "least_client_version": settings.LEAST_CLIENT_VERSION,
    }


def refund_reasons() -> list[tuple[str, str]]:
    return [
        ("not_wanted", _("I do not want it any more")),
        ("wrong_item", _("Wrong item sent")),
        ("damaged", _("Damaged or faulty")),
        ("not_as_described", _("Not as described")),
        ("not_received", _("Not received")),
        ("other", _("Other")),
    ]
