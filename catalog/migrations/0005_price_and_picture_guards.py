"""Record the prices at which SKUs are on sale, and guard the status of pictures."""

from django.db import migrations

from common import guards

GUARDS = [
    guards.read(__file__, "prices"),
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
ASK_PRESENT_PRICES = "SELECT catalog_ask_prices(ARRAY(SELECT id FROM catalog_sku))"


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_pictures_and_prices"), ("events", "0002_guards")]

    operations = [
        guards.install(*GUARDS),
        migrations.RunSQL(ASK_PRESENT_PRICES, migrations.RunSQL.noop),
    ]
