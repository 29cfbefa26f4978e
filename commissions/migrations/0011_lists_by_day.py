from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # commissions are accrued meanwhile

    dependencies = [
        ('commissions', '0010_back_tests'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='commission',
            index=models.Index(fields=['accrued_at'], name='commission_by_day'),
        ),
    ]
