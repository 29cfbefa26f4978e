# mypy: allow-subclassing-any, allow-any-generics
"""All proofs; people decide at the desk."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice import menu
from backoffice.base import NOTHING, LargeTable, ReadOnlyAdmin, column, status_column
from backoffice.search import Search
from incentives.admin.names import with_incentive_name
from incentives.models import Proof
from members.models import Upload
from members.search import search_members
from members.thumbnails import thumbnails

PROOF_COLOURS = {"open": "warning", "approved": "success", "rejected": "danger"}


@admin.register(Proof)
class ProofAdmin(Search, LargeTable, ReadOnlyAdmin):
    list_display = ["member", "incentive_text", "status_badge", "handed_in_at", "decided_at"]
    columns = ["text", "reason", "decided_by", "public_id"]
    date_fields = ["handed_in_at", "decided_at"]
    chips = ["status"]
    sort_fields = ["handed_in_at"]
    list_select_related = ["member", "decided_by"]
    list_filter = [("status", ChoicesDropdownFilter)]
    search_fields = ["public_id"]
    search_help_text = _("Nickname, or whole id")
    fields = [
        "member", "incentive_text", "picture", "text", "handed_in_at", "status", "reason",
        "decided_at", "decided_by", "public_id",
    ]  # fmt: skip
    empty_text = _("Nobody has handed in a proof yet.")
    status_badge = status_column(PROOF_COLOURS)

    def get_queryset(self, *args: object) -> QuerySet[Proof]:
        rows: QuerySet[Proof] = super().get_queryset(*args)
        return with_incentive_name(rows)

    def search(self, rows: QuerySet[Proof], term: str) -> QuerySet[Proof]:
        return rows.filter(Q(member__in=search_members(term)) | Q(public_id=term.lower()))

    @column(_("incentive"))
    def incentive_text(self, row: Proof) -> str:
        return row.incentive_name or NOTHING  # type: ignore[attr-defined]

    @column(_("picture"))
    def picture(self, row: Proof) -> str:
        has_file = row.upload.status not in Upload.NOT_READABLE
        return thumbnails([row.upload]) if has_file else NOTHING


menu.register("incentives", (_("Proofs"), "add_photo_alternate", "incentives.proof"))
