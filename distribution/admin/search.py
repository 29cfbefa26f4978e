"""What the palette and the pickers find of distribution."""

from __future__ import annotations

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from backoffice import site_search
from backoffice.pickers import PickerField
from backoffice.site_search import Hit, SearchSource
from common import encryption
from distribution.models import Distributor
from members.admin.person import person_url
from members.contacts import masked_phone
from members.search import normalised_phone, search_members

DISTRIBUTORS, CODES = "distributors", "invite_codes"
VIEW = "distribution.view_distributor"
MIN_CODE = 3


def search_distributors(term: str) -> QuerySet[Distributor]:
    """Find distributors by their invite code, or by their member."""
    return Distributor.objects.filter(Q(code=term.lower()) | Q(member__in=search_members(term)))


def find_distributors(term: str, limit: int) -> list[Hit]:
    """Find distributors for pickers: by code, id, or the member; those who exited come last."""
    by_id = Distributor.objects.filter(public_id=term.lower())
    rows = Distributor.objects.filter(
        pk__in=search_distributors(term).order_by().values("pk").union(by_id.values("pk"))
    )
    place = Case(
        When(Q(code=term.lower()) | Q(public_id=term.lower()), then=Value(0)),
        When(status=Distributor.Status.EXITED, then=Value(3)),
        When(member__nickname__istartswith=term, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return _hits(rows.order_by(place, "-pk"), limit, term)


def find_codes(term: str, limit: int) -> list[Hit]:
    """Find distributors by the beginning of their code: the palette has the others as people."""
    if len(term) < MIN_CODE:
        return []
    rows = Distributor.objects.filter(code__startswith=term.lower()).order_by("code")
    return _hits(rows, limit, term)


def _hits(rows: QuerySet[Distributor], limit: int, term: str) -> list[Hit]:
    phone = normalised_phone(term)
    known = {term.lower(), encryption.fingerprint(phone)} if phone else {term.lower()}
    return [
        Hit(
            str(row), _detail(row), person_url(row.member_id), row.public_id,
            not known.isdisjoint({row.code, row.member.public_id, row.member.phone_fingerprint}),
        )
        for row in rows.select_related("member", "level")[:limit]
    ]  # fmt: skip


def _detail(row: Distributor) -> str:
    level = row.level.name if row.level else ""
    parts = [row.code, str(row.get_status_display()), level, masked_phone(row.member)]
    return " · ".join(filter(None, parts))


class DistributorField(PickerField):
    """A form field that picks a distributor by name, invite code or phone number."""

    def __init__(self, **options: object) -> None:
        options.setdefault("label", _("distributor"))
        super().__init__(DISTRIBUTORS, to_row=_distributor_of, **options)


def _distributor_of(public_id: str) -> Distributor:
    return Distributor.objects.select_related("member").get(public_id=public_id)


site_search.register(
    SearchSource(
        DISTRIBUTORS, _("distributors"), VIEW, "diversity_3", find_distributors, in_palette=False
    )
)
site_search.register(SearchSource(CODES, _("invite codes"), VIEW, "qr_code_2", find_codes))
