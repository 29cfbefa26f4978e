"""Record former categories, costs and prices, and guard the status of products and pictures."""

from django.db import migrations

from common import guards

GUARDS = [
    guards.read(__file__, "history", "goods", "prices"),
    guards.append_only("catalog_cataloghistory"),
    guards.transitions(
        "catalog_product",
        statuses=["draft", "on_sale", "off_sale"],
        comes_from={"on_sale": ["draft", "off_sale"], "off_sale": ["on_sale"]},
        constraint="product_status_transitions",
    ),
    guards.never_deleted("catalog_askedprice"),
    guards.immutable("catalog_askedprice", "sku_id", "price", "since"),
    guards.set_once(
        "catalog_askedprice",
        "until",
        name="ends_once",
        constraint="askedprice_ends_once",
        message="An asked price ends once.",
    ),
    guards.transitions(
        "catalog_productpicture",
        statuses=["waiting", "stored", "failed", "removed", "erasing"],
        comes_from={
            "waiting": ["failed"],
            "stored": ["waiting"],
            "failed": ["waiting"],
            "removed": ["waiting", "stored", "failed"],
            "erasing": ["removed"],
        },
        constraint="picture_status_transitions",
    ),
]


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial"), ("events", "0002_guards")]

    operations = [
        guards.install(*GUARDS),
    ]
