# mypy: allow-subclassing-any
"""The page of a person: who they are. Rooms on floors above add what they know as panels."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.views import ChangeList

from backoffice import site_search
from backoffice.panels import Panel, register
from backoffice.site_search import Hit, SearchSource
from common.clock import business_day
from members.contacts import PERMISSION, masked_phone
from members.models import Identity, Member
from members.search import SEARCH, best_members, is_whole_id

PERSON = "members.member"
VIEW = "members.view_member"


def person_url(member: int) -> str:
    """Return the address of a person's page by the key of the member."""
    return reverse("admin:members_member_change", args=[member])


def person_link(member: Member) -> SafeString:
    """Return the name of a member as a link to the person's page."""
    return format_html('<a href="{}"><bdi>{}</bdi></a>', person_url(member.pk), member)


class PersonChangeList(ChangeList):
    """Rows of persons, such as distributors: each leads to the person's page."""

    def url_for_result(self, result: Any) -> str:
        return person_url(result.member_id)


def who(request: HttpRequest, member: Member) -> dict[str, Any]:
    """Return the context of the panel that says who a person is."""
    may_merge = request.user.has_perm("members.propose_merge") and member.merged_into_id is None
    merge = reverse("admin:members_membermerge_propose")
    return {
        "member": member,
        "avatar": f"/media/{member.avatar}" if member.avatar else "",
        "phone": masked_phone(member),
        "unmask_url": (
            reverse("admin:members_member_unmask_phone", args=[member.pk])
            if request.user.has_perm(PERMISSION)
            else ""
        ),
        "mall_numbers": Identity.objects.filter(
            member=member, provider=Identity.Provider.MALL
        ).order_by("pk"),
        "tags": member.tags.all(),
        "merged": [person_link(row) for row in member.merged.order_by("pk")],
        "survivor": person_link(member.merged_into) if member.merged_into else "",
        "merge_url": f"{merge}?merged={member.public_id}" if may_merge else "",
    }


def find_members(term: str, limit: int) -> list[Hit]:
    """Find members for the palette and for pickers."""
    return [
        Hit(
            str(member), _detail(member), person_url(member.pk), member.public_id,
            is_whole_id(member, term),
        )
        for member in best_members(term, limit)
    ]  # fmt: skip


def _detail(member: Any) -> str:
    """Return what tells two members with one nickname apart."""
    numbers = [row.external_id for row in member.mall_identities[:1]]
    parts = [
        *(str(_("mall %(number)s") % {"number": number}) for number in numbers),
        masked_phone(member),
        f"{member.province} {member.city}".strip(),
        str(_("joined %(day)s") % {"day": business_day(member.joined_at)}),
    ]
    return " · ".join(filter(None, parts))


register(Panel("who", _("who"), PERSON, "", "admin/members/who.html", who, 10))
site_search.register(SearchSource(SEARCH, _("people"), VIEW, "person", find_members))
