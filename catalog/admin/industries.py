# mypy: allow-subclassing-any, allow-any-generics
"""Show and choose industries by their names."""

from __future__ import annotations

from typing import Any

from django.db.models import Field
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.base import NOTHING, value_column
from catalog.industries import NAMES, industry_name


class IndustryMixin:
    """For a page of rows with a field ``industry``."""

    industry_text = value_column(
        _("industry"), "industry", lambda code: industry_name(code) if code else NOTHING
    )

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "industry":
            kwargs["widget"] = UnfoldAdminSelectWidget(choices=self._industries())
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]

    def _industries(self) -> list[tuple[str, str]]:
        # A row may have one that has no name: it keeps it.
        stored = self.model.objects.order_by().values_list("industry", flat=True)  # type: ignore[attr-defined]
        codes = dict.fromkeys([*NAMES, *sorted(set(stored.distinct()) - {""})])
        return [("", NOTHING), *((code, industry_name(code)) for code in codes)]
