"""Say what a transfer was for: rooms above register how their sources are shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.models import Transfer


@dataclass(frozen=True, slots=True)
class SourceLink:
    """What caused a transfer, for people.

    ``model`` and ``key``: the page that shows it, such as ``orders.order``; empty: there is none.
    """

    text: str
    model: str = ""
    key: object = ""


Resolver = Callable[[Sequence[str]], Mapping[str, SourceLink]]
_resolvers: dict[str, Resolver] = {}
# Sources of other systems, or without a page.
LABELS: dict[str, str | Promise] = {
    "mall.order": _("order at the mall"),
    "ledger.spend": _("taken back spending"),
    "members.membermerge": _("merge of members"),
    "closing.payroll": _("wages of"),
}


def register(source_kind: str, resolve: Resolver) -> None:
    """Show the sources of a kind by ``resolve``, which gets all ids of a page at once."""
    if source_kind in _resolvers:
        raise ValueError(f"two rooms show the sources {source_kind}")
    _resolvers[source_kind] = resolve


def source_links(transfers: Iterable[Transfer]) -> dict[int, SourceLink]:
    """Return what each transfer was for, by its key; one look-up for each kind of source."""
    rows = list(transfers)
    ids: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        ids[row.source_kind].add(row.source_id)
    known = {
        kind: resolver(sorted(ids[kind])) for kind, resolver in _resolvers.items() if kind in ids
    }
    return {
        row.pk: known.get(row.source_kind, {}).get(row.source_id) or _plain(row) for row in rows
    }


def _plain(row: Transfer) -> SourceLink:
    label = LABELS.get(row.source_kind)
    return SourceLink(f"{label} {row.source_id}" if label else row.source_id)
