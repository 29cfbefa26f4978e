"""Record former categories and costs, and guard the status of products."""

from django.db import migrations

from common import guards

GUARDS = [
    guards.read(__file__, "history", "goods"),
    guards.append_only("catalog_cataloghistory"),
    guards.transitions(
        "catalog_product",
        statuses=["draft", "on_sale", "off_sale"],
        comes_from={"on_sale": ["draft", "off_sale"], "off_sale": ["on_sale"]},
        constraint="product_status_transitions",
    ),
]


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial"), ("events", "0002_guards")]

    operations = [
        guards.install(*GUARDS),
    ]
