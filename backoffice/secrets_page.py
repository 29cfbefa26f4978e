"""The page that shows a secret once, to be copied."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.template.response import TemplateResponse

from backoffice import office
from backoffice.base import StrOrPromise


def show_secret(
    request: HttpRequest,
    *,
    title: StrOrPromise,
    intro: StrOrPromise,
    pairs: Sequence[tuple[StrOrPromise, str]],
    lines: Sequence[str],
    back: str,
) -> TemplateResponse:
    """Return the page; browsers do not store it.

    :param pairs: labels and values, each with a button that copies it
    :param lines: the same as the lines of a settings file
    :param back: where the person goes on once it is stored
    """
    return office.render(
        request, "admin/backoffice/secret.html", title=title, intro=intro, pairs=pairs,
        lines="\n".join(lines), back=back,
    )  # fmt: skip
