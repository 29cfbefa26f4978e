"""Compare the results of shares: by product, share, channel, template and member."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from django.db.models import Exists, F, FloatField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Cast, Coalesce, NullIf

from catalog.models import Product
from members.models import Member
from posters.models import PosterTemplate
from reports.models import ShareFigures, ShareSums
from reports.periods import LIFE
from sharing import targets
from sharing.models import Share
from sharing.targets import Target

Kind = ShareFigures.Kind


def ranking(*, first: date | None = None, last: date | None = None) -> QuerySet[ShareFigures]:
    """Return a row for each kind and key, with ``sum_…`` of each figure, without unfolded changes.

    Rows also have ``visits_per_share`` (``None`` without a new share) and ``conversion`` (orders
    divided by visits).

    :param first: the first day of the sums, ``last`` the last one; without both, the whole life
    """
    return with_sums(ShareFigures.objects.filter(day=LIFE), first=first, last=last)


def with_sums(
    rows: QuerySet[ShareFigures], *, first: date | None = None, last: date | None = None
) -> QuerySet[ShareFigures]:
    """Add the sums of some days to rows of the whole life; without days, their own figures."""
    if first is None and last is None:
        sums: dict[str, F | Coalesce] = {f"sum_{name}": F(name) for name in ShareSums.FIGURES}
    else:
        days = _days(first, last)
        rows = rows.filter(Exists(days))
        sums = {f"sum_{name}": _sum(days, name) for name in ShareSums.FIGURES}
    visits = Cast("sum_visits", FloatField())
    return rows.annotate(**sums).annotate(
        visits_per_share=visits / NullIf("sum_shares", 0),
        conversion=Coalesce(F("sum_orders") / NullIf(visits, 0.0), 0.0),
    )


def _days(first: date | None, last: date | None) -> QuerySet[ShareFigures]:
    days = ShareFigures.objects.filter(
        kind=OuterRef("kind"), key=OuterRef("key"), day__gt=LIFE
    ).order_by()
    if first:
        days = days.filter(day__gte=first)
    return days.filter(day__lte=last) if last else days


def _sum(days: QuerySet[ShareFigures], name: str) -> Coalesce:
    total = days.values("kind").annotate(total=Sum(name)).values("total")
    return Coalesce(Subquery(total), 0)


def names_of(rows: Collection[ShareFigures], *, at: datetime) -> dict[tuple[str, str], str]:
    """Return names for the kinds and keys of rows, in a query or two for each kind."""
    names: dict[tuple[str, str], str] = {}
    for kind in {row.kind for row in rows}:
        keys = [row.key for row in rows if row.kind == kind]
        known = _share_names(keys, at) if kind == Kind.SHARE else _NAMES[Kind(kind)](keys)
        names |= {(kind, key): known.get(key, key) for key in keys}
    return names


def _product_names(keys: Collection[str]) -> Mapping[str, str]:
    return dict(Product.objects.filter(public_id__in=keys).values_list("public_id", "name"))


def _member_names(keys: Collection[str]) -> Mapping[str, str]:
    return {str(pk): str(row) for pk, row in Member.objects.in_bulk(map(int, keys)).items()}


def _channel_names(keys: Collection[str]) -> Mapping[str, str]:
    return {key: str(Share.Channel(key).label) for key in keys}


def _template_names(keys: Collection[str]) -> Mapping[str, str]:
    return dict(PosterTemplate.objects.filter(public_id__in=keys).values_list("public_id", "name"))


def _share_names(keys: Collection[str], at: datetime) -> Mapping[str, str]:
    shares = Share.objects.filter(code__in=keys).select_related("member")
    by_target = {share: Target(share.target_kind, share.target_id) for share in shares}
    facts = targets.find_many(by_target.values(), at=at)
    return {
        share.code: " · ".join(
            filter(
                None,
                (
                    share.code,
                    facts[target].title if target in facts else share.get_target_kind_display(),
                    share.get_channel_display(),
                    share.label,
                    str(share.member),
                ),
            )
        )
        for share, target in by_target.items()
    }


_NAMES = {
    Kind.PRODUCT: _product_names,
    Kind.CHANNEL: _channel_names,
    Kind.TEMPLATE: _template_names,
    Kind.MEMBER: _member_names,
}
