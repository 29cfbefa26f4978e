from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("commissions", "0012_boosts")]

    operations = [ValidateConstraint("ordercommissionterms", "order_terms_boosts_raise")]
