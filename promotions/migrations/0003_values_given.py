from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [("promotions", "0002_guards")]

    operations = [
        migrations.AddConstraint(
            model_name="coupon",
            constraint=models.CheckConstraint(
                condition=~Q(kind="amount", amount=None) & ~Q(kind="percent", rate=None),
                name="coupon_value_given",
            ),
        ),
        migrations.AddConstraint(
            model_name="coupon",
            constraint=models.CheckConstraint(
                condition=Q(valid_days__isnull=False)
                | Q(valid_from__isnull=False, valid_until__isnull=False),
                name="coupon_validity_given",
            ),
        ),
    ]
