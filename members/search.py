"""Look up members by the text that staff enter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.db.models import Case, IntegerField, Prefetch, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from backoffice.pickers import PickerField
from common import encryption
from members.models import Identity, Member
from members.persons import survivor_keys

SEARCH = "members"
"""The name under which pickers and the palette find members."""
PHONE = re.compile(r"\+?[0-9][0-9 ()-]{5,}")
CHINESE_PHONE = re.compile(r"(?:\+86|0086|86)?(1[0-9]{10})")


def search_members(term: str) -> QuerySet[Member]:
    """Find members by part of the nickname, a complete id or the complete phone number."""
    return _any_of(Member.objects.nicknamed(term), *_with_id(term))


def members_by_name(term: str) -> QuerySet[Member]:
    """Find members by the complete nickname, a complete id or the complete phone number."""
    return _any_of(Member.objects.nicknamed(term).filter(nickname=term), *_with_id(term))


def members_by_id(term: str) -> QuerySet[Member]:
    """Find members by a complete public id, whatever its case, external id or phone number."""
    return _any_of(*_with_id(term))


def keys_of_person(term: str) -> QuerySet[Member]:
    """Find members by a complete nickname or id, with those that were merged into them."""
    found = members_by_name(term).order_by().values("pk")
    return Member.objects.filter(Q(pk__in=found) | Q(merged_into__in=found))


def best_members(term: str, limit: int) -> list[Member]:
    """Return the members that a person most likely means, each merged one as its survivor.

    Whole ids first, then nicknames that begin with the term, then the latest members.
    """
    place = Case(
        When(nickname="", then=Value(0)),  # found by an id
        When(nickname__istartswith=term, then=Value(1)),
        When(nickname__icontains=term, then=Value(2)),
        default=Value(0),
        output_field=IntegerField(),
    )
    rows = search_members(term).order_by(place, "-pk").values_list("pk", flat=True)
    survivors = survivor_keys(keys := list(rows[: limit * 2]))
    wanted = list(dict.fromkeys(survivors[key] for key in keys))[:limit]
    mall = Identity.objects.filter(provider=Identity.Provider.MALL).order_by("pk")
    found = Member.objects.prefetch_related(
        Prefetch("identities", mall, to_attr="mall_identities")
    ).in_bulk(wanted)
    return [found[key] for key in wanted]


def is_whole_id(member: Any, term: str) -> bool:
    """Whether a term is all of an id or of the phone number of one of ``best_members``."""
    phone = normalised_phone(term)
    return bool(
        term.lower() == member.public_id
        or term in (row.external_id for row in member.mall_identities)
        or (phone and member.phone_fingerprint == encryption.fingerprint(phone))
    )


def normalised_phone(term: str) -> str:
    """Return a phone number as it is stored, or nothing if the term is none."""
    if not PHONE.fullmatch(term):
        return ""
    number = re.sub(r"[ ()-]", "", term)
    chinese = CHINESE_PHONE.fullmatch(number)
    return chinese[1] if chinese else number


def _with_id(term: str) -> Sequence[QuerySet[Member]]:
    # Complete ids only, so that the lookup uses their indexes.
    found = [
        Member.objects.filter(public_id=term.lower()),
        Member.objects.filter(pk__in=Identity.objects.filter(external_id=term).values("member")),
    ]
    if phone := normalised_phone(term):
        found.append(Member.objects.filter(phone_fingerprint=encryption.fingerprint(phone)))
    return found


def _any_of(*found: QuerySet[Member]) -> QuerySet[Member]:
    # A union: with OR, the planner would read all members instead of the indexes.
    first, *others = (rows.order_by().values("pk") for rows in found)
    return Member.objects.filter(pk__in=first.union(*others))


class MemberField(PickerField):
    """A form field that picks a member by name, phone number or id."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("member"))
        super().__init__(SEARCH, to_row=_member_of, **options)


def _member_of(public_id: str) -> Member:
    return Member.objects.get(public_id=public_id)
