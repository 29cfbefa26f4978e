"""WeChat's door, which the merchant enters as message server (消息推送), and pictures."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from common import clock
from members.api.uploads import picture_response
from members.avatars import FOLDER, shown_avatar
from members.models import Upload
from members.wechat_events import handle_event
from wechat.gateway import gateway
from wechat.messages import InvalidMessage, check_echo, read_event

log = structlog.get_logger(__name__)

MAX_LENGTH = 65_536
AVATAR_SECONDS = 3_600  # in caches, which may show a blocked one so long


@csrf_exempt  # the signature authenticates WeChat
@require_http_methods(["GET", "POST"])
def wechat_events(request: HttpRequest) -> HttpResponse:
    """Take in an event of WeChat; repetitions get the same answer and change nothing."""
    wechat, token = gateway(), settings.WECHAT_EVENTS_TOKEN
    if wechat is None or not token:
        raise Http404
    query, at = request.GET.dict(), clock.now()
    if int(request.headers.get("Content-Length") or 0) > MAX_LENGTH:
        return HttpResponse(status=413)
    try:
        if request.method == "GET":
            return _text(check_echo(token=token, query=query, at=at))
        event = read_event(
            token=token, key=settings.WECHAT_EVENTS_KEY, query=query, body=request.body, at=at,
            app_ids=[app for app in (wechat.mini_app, wechat.official_app) if app],
        )  # fmt: skip
    except InvalidMessage as refused:
        log.warning("wechat_event_refused", reason=str(refused))
        return HttpResponse(status=401)
    handle_event(event=event, gateway=wechat, at=at)
    return _text("success")


@require_safe
def avatar(_request: HttpRequest, name: str) -> HttpResponse:
    """Show an avatar to everybody who has its address, unless it is blocked or removed."""
    upload = shown_avatar(f"{FOLDER}/{name}")
    if upload is None:
        raise Http404
    response = picture_response(upload)
    response["Cache-Control"] = f"public, max-age={AVATAR_SECONDS}"
    return response


@require_safe
@permission_required("members.view_upload", raise_exception=True)
def upload_for_staff(_request: HttpRequest, public_id: str) -> HttpResponse:
    """Show an upload to staff with the right to see it."""
    upload = get_object_or_404(Upload.objects.readable(), public_id=public_id)
    response = picture_response(upload)
    response["Cache-Control"] = "private, no-store"
    return response


def _text(content: str) -> HttpResponse:
    return HttpResponse(content, content_type="text/plain; charset=utf-8")
