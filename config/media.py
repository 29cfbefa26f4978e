"""Serve the files that everybody may see, such as pictures of products and posters."""

from __future__ import annotations

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponseRedirect
from django.http.request import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

PATTERN = (
    r"^media/(?P<folder>products|posters|codes|cards)"
    r"/(?P<name>[A-Za-z0-9_-]{1,120}\.(?P<kind>jpg|png))\Z"
)
TYPES = {"jpg": "image/jpeg", "png": "image/png"}
FOREVER = "public, max-age=31536000, immutable"  # files are named after their content
REDIRECT = "public, max-age=1800"  # half as long as a signed address works


@require_safe
def public_file(_request: HttpRequest, folder: str, name: str, kind: str) -> HttpResponseBase:
    """Answer with a file of a public folder, or lead to it in the bucket."""
    path = f"{folder}/{name}"
    response: HttpResponseBase
    if settings.MEDIA_STORAGE == "s3":
        response = HttpResponseRedirect(_address_in_bucket(path))
        response["Cache-Control"] = REDIRECT
        return response
    try:
        file = default_storage.open(path)
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(file, content_type=TYPES[kind])
    response["Cache-Control"] = FOREVER
    return response


def _address_in_bucket(path: str) -> str:
    if settings.S3_PUBLIC_URL:
        return f"{settings.S3_PUBLIC_URL}/{path}"
    return default_storage.url(path)
