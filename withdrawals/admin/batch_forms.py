# mypy: allow-subclassing-any, allow-any-generics
"""Forms of batches, and the result file on its way from its preview to its confirmation."""

from __future__ import annotations

import base64
import zlib
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from backoffice.fields import POSITIVE, YuanField, text_field
from common import encryption
from common.errors import TwotierError
from members.models import User
from withdrawals import services
from withdrawals.models import PayoutBatch
from withdrawals.payouts.batch_results import ResultPlan

MAX_RESULT_SIZE = 2**20


class TotalForm(forms.Form):
    total = YuanField(
        label=gettext_lazy("control total"), validators=[POSITIVE],
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip


class FileForm(forms.Form):
    reason = text_field(gettext_lazy("reason"))
    again = forms.BooleanField(
        label=gettext_lazy("The bank has not received the earlier file."), required=False
    )


def read_content(request: HttpRequest) -> bytes | None:
    """Return the uploaded file, or that of the preview, which only the server can read."""
    uploaded: Any = request.FILES.get("file")
    if uploaded is not None:
        return bytes(uploaded.read(MAX_RESULT_SIZE + 1))
    token = request.POST.get("content", "")
    try:
        return zlib.decompress(base64.b64decode(encryption.decrypt(token))) if token else None
    except TwotierError:
        return None


def content_token(content: bytes) -> str:
    """Return the file for a hidden input. It holds whole account numbers, so it is encrypted."""
    return encryption.encrypt(base64.b64encode(zlib.compress(content, 9)).decode())


def preview(batch: PayoutBatch, content: bytes, by: User) -> tuple[ResultPlan | None, str]:
    """Return what a file would change, or ``None`` and why it is refused."""
    if len(content) > MAX_RESULT_SIZE:
        return None, _("A result file has at most 1 MB.")
    try:
        return services.preview_result(batch=batch, content=content, by=by), ""
    except TwotierError as error:
        return None, str(error)
