"""Save the filters of lists under names, and choose columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from backoffice.models import MAX_QUERY_LENGTH, ColumnChoice, SavedView
from common.errors import TwotierError
from common.locks import advisory_lock

MAX_VIEWS = 50
MAX_NAME_LENGTH = 40


class InvalidViewName(TwotierError):
    code = "invalid_view_name"
    message = _("Give the view a name of at most 40 characters. Nothing was saved.")
    status = 400


class TooManyFilters(TwotierError):
    code = "too_many_filters"
    message = _("There are too many filters to save. Remove some of them.")
    status = 400


class TooManyViews(TwotierError):
    code = "too_many_views"
    message = _("You have 50 views of this list already. Remove one, and save this one again.")


class NotYourView(TwotierError):
    code = "not_your_view"
    message = _("This view is a colleague's, or no longer exists. Nothing was changed.")
    status = 404


def views_of(user: Any, label: str) -> QuerySet[SavedView]:
    """Return the views of a list that a person has or that colleagues share, by name."""
    views = SavedView.objects.filter(Q(owner=user) | Q(is_shared=True), label=label)
    return views.select_related("owner").order_by("name", "id")


@transaction.atomic
def save_view(
    *, owner: Any, label: str, name: str, query: str, is_shared: bool, at: datetime
) -> SavedView:
    """Save a view; one of the same name is replaced.

    :raises InvalidViewName: there is none, or it is too long
    :raises TooManyFilters: the query string is too long
    :raises TooManyViews: the person has as many as there may be
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= MAX_NAME_LENGTH:
        raise InvalidViewName
    if len(query) > MAX_QUERY_LENGTH:
        raise TooManyFilters
    advisory_lock(f"backoffice.views:{owner.pk}:{label}")  # so that none is over the limit
    own = SavedView.objects.filter(owner=owner, label=label)
    if own.exclude(name=name).count() >= MAX_VIEWS:
        raise TooManyViews
    view, _created = own.update_or_create(
        owner=owner,
        label=label,
        name=name,
        defaults={"query": query, "is_shared": is_shared},
        create_defaults={"query": query, "is_shared": is_shared, "created_at": at},
    )
    return view


@transaction.atomic
def remove_view(*, owner: Any, label: str, pk: int) -> None:
    """Remove a view of one's own.

    :raises NotYourView: it is a colleague's, or no longer exists
    """
    removed, _rows = SavedView.objects.filter(owner=owner, label=label, pk=pk).delete()
    if not removed:
        raise NotYourView


@transaction.atomic
def choose_columns(*, owner: Any, label: str, columns: Sequence[str]) -> None:
    """Save which columns of a list a person sees, in this order; none: the usual ones."""
    choices = ColumnChoice.objects.filter(owner=owner, label=label)
    if not columns:
        choices.delete()
        return
    ColumnChoice.objects.update_or_create(
        owner=owner, label=label, defaults={"columns": list(columns)}
    )
