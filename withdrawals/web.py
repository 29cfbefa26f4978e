"""The door for payment providers: signed notices, and nothing else."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from common import clock
from withdrawals.gateways.wechat_notices import LONGEST_BODY, NotGenuine
from withdrawals.services.noticing import notice


@csrf_exempt  # the signature proves who speaks
@require_POST
def wechat_notice(request: HttpRequest) -> HttpResponse:
    if settings.PAYOUT_GATEWAY != "wechat":
        raise Http404
    if int(request.headers.get("Content-Length") or 0) > LONGEST_BODY:
        return HttpResponse(status=413)
    try:
        notice(headers=request.headers, body=request.body, at=clock.now())
    except NotGenuine:
        return JsonResponse({"code": "FAIL", "message": "not genuine"}, status=401)
    return HttpResponse(status=204)
