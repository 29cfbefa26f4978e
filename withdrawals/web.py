"""The endpoint for signed notifications of payment providers."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from common import clock
from wechatpay.merchant import NotConfigured
from wechatpay.notifications import MAX_BODY_LENGTH, InvalidNotification
from withdrawals.payouts.notifications import handle_notification

log = structlog.get_logger(__name__)


@csrf_exempt  # the signature authenticates the provider
@require_POST
def wechat_notification(request: HttpRequest) -> HttpResponse:
    """Handle a notification of WeChat Pay."""
    if settings.PAYOUT_GATEWAY != "wechat":
        raise Http404
    if int(request.headers.get("Content-Length") or 0) > MAX_BODY_LENGTH:
        return HttpResponse(status=413)
    try:
        handle_notification(headers=request.headers, body=request.body, at=clock.now())
    except NotConfigured as incomplete:
        # WeChat Pay repeats the notification, and the transfer is polled anyway.
        log.error("wechatpay_not_configured", settings=incomplete.settings)
        return JsonResponse({"code": "FAIL", "message": "not configured"}, status=503)
    except InvalidNotification:
        return JsonResponse({"code": "FAIL", "message": "not genuine"}, status=401)
    return HttpResponse(status=204)
