"""Each field in a table of related rows has a name, also where no script runs."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.shop import sku

pytestmark = pytest.mark.django_db
FIELD = re.compile(r"<(?:input|select|textarea)\b[^>]*\bname=\"skus-[^\"]+\"[^>]*>")


@pytest.mark.parametrize(("language", "name"), [("zh-hans", "价格"), ("en", "price")])
def test_the_skus_of_a_product_have_named_fields(as_boss: Client, language: str, name: str) -> None:
    page = reverse("admin:catalog_product_change", args=[sku().product_id])
    with translation.override(language):
        html = as_boss.get(page, headers={"accept-language": language}).content.decode()

    fields = [
        field
        for field in FIELD.findall(html)
        if 'type="hidden"' not in field and "-DELETE" not in field and "_FORMS" not in field
    ]
    assert len(fields) >= 10  # a row, and the empty one that a new row is copied from
    assert [field for field in fields if "aria-label=" not in field] == []
    assert f'aria-label="{name}"' in html.lower()
