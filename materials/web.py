"""Serve files of materials at signed addresses, and the pictures of cards to everybody."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from api.throttling import count
from common import clock
from common.errors import TwotierError
from materials.addresses import ARCHIVES, EXTENSIONS, FILES, is_signed, valid_until
from materials.archives import archive_of, file_name, stream
from materials.models import Campaign, MaterialFile
from materials.queries import shown_files
from materials.ranges import file_response
from members.models import Member

Variant = MaterialFile.Variant
CACHED_SECONDS = 1_800  # browsers may show a withdrawn file for as long
ARCHIVES_A_MINUTE = 3
SANDBOX = "default-src 'none'; sandbox"


@require_safe
def material_file(request: HttpRequest, public_id: str, name: str) -> HttpResponseBase:
    """Serve a file of a published material at a valid address, without a session."""
    at = clock.now()
    until = _require_signed(request, FILES, f"{public_id}/{name}", at)
    file = get_object_or_404(shown_files(), public_id=public_id)
    response = serve(request, file, name)
    seconds = int((valid_until(until) - at).total_seconds())
    response["Cache-Control"] = f"private, max-age={min(seconds, CACHED_SECONDS)}"
    return response


@require_safe
def card_picture(request: HttpRequest, name: str) -> HttpResponseBase:
    """Serve the picture of a share card while its material is published."""
    stem, _, variant = name.removesuffix(".jpg").rpartition("-")
    if variant not in (Variant.CHAT, Variant.SQUARE):
        raise Http404
    file = get_object_or_404(
        shown_files(), kind=MaterialFile.Kind.PICTURE, path=f"materials/{stem}.jpg"
    )
    response = serve(request, file, f"{variant}.jpg")
    response["Cache-Control"] = f"public, max-age={CACHED_SECONDS}"
    return response


@require_safe
def campaign_archive(request: HttpRequest, campaign: str, member: str) -> HttpResponseBase:
    """Stream the materials of a campaign that the member of the address may see now."""
    at = clock.now()
    _require_signed(request, ARCHIVES, f"{campaign}/{member}.zip", at)
    usage = count(f"archives:{member}", ARCHIVES_A_MINUTE)
    if usage and usage.used > usage.limit:
        return HttpResponse(status=429, headers={"Retry-After": str(usage.reset)})
    people = Member.objects.filter(locked_at=None, closed_at=None, merged_into=None)
    row = get_object_or_404(Campaign, public_id=campaign)
    try:
        archive = archive_of(row, get_object_or_404(people, public_id=member), at=at)
    except TwotierError:
        raise Http404 from None
    response = StreamingHttpResponse(stream(archive), content_type="application/zip")
    response["Content-Disposition"] = _attachment(f"{file_name(row.name)}.zip")
    response["Cache-Control"] = "private, no-store"
    return response


def serve(request: HttpRequest, file: MaterialFile, name: str) -> HttpResponseBase:
    """Return a variant of a file, under headers that let browsers treat it as media only.

    :param name: the last part of the address, such as ``preview.jpg``
    :raises Http404: the file has no such variant
    """
    variant, _, extension = name.partition(".")
    known = Variant.values if file.is_picture else [Variant.FULL.value]
    if variant not in known or extension != EXTENSIONS[MaterialFile.Kind(file.kind)]:
        raise Http404
    if settings.MEDIA_STORAGE == "s3":
        # Signed for an hour: the web process need not carry videos.
        return HttpResponseRedirect(default_storage.url(file.path_of(variant)))
    response = file_response(
        file.path_of(variant), content_type=file.content_type,
        wanted=request.headers.get("Range", ""),
    )  # fmt: skip
    response["Content-Security-Policy"] = SANDBOX
    return response


def _require_signed(request: HttpRequest, purpose: str, name: str, at: datetime) -> str:
    """Return ``until`` of the address.

    :raises Http404: the signature is missing, wrong or expired
    """
    until, key = request.GET.get("until", ""), request.GET.get("key", "")
    if not is_signed(purpose, name, until=until, key=key, at=at):
        raise Http404
    return until


def _attachment(name: str) -> str:
    return content_disposition_header(as_attachment=True, filename=name) or "attachment"
