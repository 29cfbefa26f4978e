"""A member's posters with the results of each; a poster is known by the share that it carries."""

from __future__ import annotations

from collections.abc import Sequence

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from posters.api.posters import PosterAnswer, Posters
from posters.models import Poster
from reports.api.shares import FunnelAnswer
from reports.shares import life_funnels


class PosterWithFigures(PosterAnswer):
    figures = FunnelAnswer(
        help_text="The results of its share, which posters of other sizes and lines may carry, too."
    )


class PostersWithFigures(Posters):
    @extend_schema(
        operation_id="posters",
        summary="My posters with visits and orders, the latest first",
        responses=PosterWithFigures(many=True),
    )
    def get(self, request: Request) -> Response:
        rows = Poster.objects.visible_to(self.member).with_all()
        return self.answer_page(rows, PosterWithFigures, shown=with_figures)


def with_figures(page: Sequence[Poster]) -> Sequence[Poster]:
    """Add ``figures`` to the posters of a page, in one query."""
    funnels = life_funnels([poster.share for poster in page])
    for poster in page:
        poster.figures = funnels[poster.share_id]  # type: ignore[attr-defined]
    return page
