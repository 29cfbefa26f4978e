import django.contrib.postgres.fields
from django.db import migrations, models

SCOPES = [
    ("products:write", "write products and categories"),
    ("members:read", "read members"),
    ("members:write", "write members, and open sessions for them"),
    ("members:move_in", "write members' past when a mall moves in"),
    ("orders:read", "read orders and quotes"),
    ("orders:write", "write orders"),
    ("commissions:read", "read commissions and distributors"),
    ("withdrawals:read", "read withdrawals"),
    ("wallets:spend", "spend store credit and points"),
    ("coupons:use", "use coupons and give them back"),
    ("events:read", "read events"),
    ("webhooks:write", "manage webhook endpoints"),
]


class Migration(migrations.Migration):

    dependencies = [("integration", "0004_client_switch")]

    operations = [
        migrations.RemoveConstraint(model_name="apiclient", name="api_client_scopes_known"),
        migrations.AlterField(
            model_name="apiclient",
            name="scopes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(choices=SCOPES, max_length=40), size=None,
                verbose_name="scopes",
            ),
        ),
        migrations.AddConstraint(
            model_name="apiclient",
            constraint=models.CheckConstraint(
                condition=models.Q(("scopes__contained_by", [scope for scope, _ in SCOPES])),
                name="api_client_scopes_known",
            ),
        ),
    ]
