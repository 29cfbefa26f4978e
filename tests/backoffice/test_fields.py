"""Days and months of forms: what is read, and what is refused in words."""

from __future__ import annotations

from datetime import date

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory
from django.utils import translation

from backoffice.base import ModelAdmin
from backoffice.fields import MomentField, MonthField, validate_day
from materials.models import Campaign
from tests.admin.pages import PAGES, name

TOO_FAR = ["0001-01", "1989-12", "2200-01", "9999-12"]


@pytest.mark.parametrize("text", TOO_FAR)
def test_months_that_cannot_be_computed_with_are_refused(text: str) -> None:
    with translation.override("en"), pytest.raises(ValidationError, match="between 1990 and 2199"):
        MonthField().clean(text)


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "202611", "２０２６-11", "2026-W05", "x"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with translation.override("en"), pytest.raises(ValidationError, match="like 2026-11"):
        MonthField().clean(text)


def test_a_month_is_its_first_day() -> None:
    assert MonthField().clean(" 2026-11 ") == date(2026, 11, 1)


@pytest.mark.parametrize("text", ["0001-01-01", "1989-12-31 23:59", "2200-01-01", "9999-12-31"])
def test_moments_that_cannot_be_computed_with_are_refused(text: str) -> None:
    with translation.override("en"), pytest.raises(ValidationError, match="between 1990 and 2199"):
        MomentField().clean(text)


def test_every_form_of_a_model_refuses_such_days() -> None:
    page = next(page for page in PAGES if name(page) == "materials.campaign")
    assert isinstance(page, ModelAdmin)
    field = page.formfield_for_dbfield(page.opts.get_field("starts_at"), RequestFactory().get("/"))
    with pytest.raises(ValidationError):
        field.clean(["0001-01-01", "00:00"])
    assert validate_day in field.validators
    assert not isinstance(
        page.formfield_for_dbfield(Campaign._meta.get_field("name"), RequestFactory().get("/")),
        forms.DateField,
    )


@pytest.mark.parametrize("key", ["x", "99999.99", "9" * 30, "１"])
def test_a_row_that_a_link_names_wrongly_is_not_selected(as_boss: Client, key: str) -> None:
    answer = as_boss.get("/admin/distribution/distributor/add/", {"member": key})

    assert answer.status_code == 200
    assert "admin-autocomplete" in answer.text
