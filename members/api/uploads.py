"""Upload pictures, and read the own ones."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import BodyTooLarge
from api.renderers import JsonRenderer
from api.serializers import StrictSerializer
from api.throttling import CallerThrottle, ExpensiveCalls
from common import clock
from members.models import Upload
from members.sessions.views import MemberEndpoint
from members.uploads import MAX_BYTES, open_upload, store_upload

JPEG = "image/jpeg"
MAX_FORM = 8_192  # bytes of a body besides its file
MAX_NAME = 255


class UploadBody(StrictSerializer):
    purpose = serializers.ChoiceField(Upload.Purpose.choices)
    file = serializers.FileField(
        max_length=MAX_NAME,
        help_text="JPEG, PNG or WebP, at most 5 MiB and 25 megapixels; PNG and WebP 12.",
    )


class UploadAnswer(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    purpose = serializers.ChoiceField(Upload.Purpose.choices)
    width = serializers.IntegerField(help_text="As stored: pictures are reduced.")
    height = serializers.IntegerField()
    size = serializers.IntegerField(help_text="Bytes stored.")


class InMemory(MemoryFileUploadHandler):
    """Keeps the file of a request in memory, up to the limit of a picture."""

    received = 0

    def handle_raw_input(self, *_args: Any, **_options: Any) -> None:
        self.activated = True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.received += len(raw_data)
        if self.received > MAX_BYTES:
            raise _too_large()
        return super().receive_data_chunk(raw_data, start)


class PictureRenderer(JsonRenderer):
    """Lets clients ask for a picture; problems stay JSON."""

    media_type = JPEG
    format = "jpeg"


class Uploads(MemberEndpoint):
    """Pictures for other calls, which take their ids."""

    scope = "me:write"
    parser_classes = [MultiPartParser]
    throttle_classes = [CallerThrottle, ExpensiveCalls]
    throttle_scope = "uploads"
    calls_a_minute = 30

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # After the checks, and before the body is read.
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES + MAX_FORM:
            raise _too_large()
        request._request.upload_handlers = [InMemory(request._request)]

    @extend_schema(
        operation_id="upload",
        summary="Upload a picture",
        description=(
            "The picture is stored upright as a JPEG without metadata. The id can be used once;"
            " an upload that is not used within 7 days is deleted. Safe to repeat: the same"
            " picture is the same upload until it is used. At most 30 times in a minute."
        ),
        request={"multipart/form-data": UploadBody},
        responses={201: UploadAnswer},
    )
    def post(self, request: Request) -> Response:
        body = self.validated(UploadBody, request.data)
        upload = store_upload(
            member=self.member, purpose=body["purpose"], raw=body["file"].read(), at=clock.now()
        )
        return Response(UploadAnswer(upload).data, status=201)


class OwnUpload(MemberEndpoint):
    """A picture of the member."""

    scope = "me:read"
    renderer_classes = [PictureRenderer, JsonRenderer]

    @extend_schema(
        operation_id="upload_read",
        summary="Read an uploaded picture",
        responses={(200, JPEG): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, public_id: str) -> HttpResponse:
        rows = Upload.objects.of_person(self.member).readable()
        return picture_response(get_object_or_404(rows, public_id=public_id))


def picture_response(upload: Upload) -> HttpResponse:
    """Return the file of an upload, which browsers show as nothing but a picture."""
    try:
        with open_upload(upload) as file:
            return HttpResponse(file.read(), content_type=JPEG)
    except FileNotFoundError:  # after a restore without the folder
        raise Http404 from None


def _too_large() -> BodyTooLarge:
    """Return the refusal of a file; a form shows it at the field."""
    text = _("The picture is larger than %(limit)s MiB. Choose a smaller one.")
    field = {"field": "file", "code": "too_large", "message": text % {"limit": MAX_BYTES // 2**20}}
    return BodyTooLarge(limit=MAX_BYTES // 1024, errors=[field])
