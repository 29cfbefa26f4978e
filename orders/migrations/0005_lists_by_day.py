from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # rows are read and written meanwhile

    dependencies = [
        ('orders', '0004_order_shares'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='order',
            index=models.Index(fields=['placed_at'], name='order_by_day'),
        ),
    ]
