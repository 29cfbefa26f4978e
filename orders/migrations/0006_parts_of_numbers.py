from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Collate, Reverse


class Migration(migrations.Migration):
    atomic = False  # orders are read and written meanwhile

    dependencies = [
        ('orders', '0005_lists_by_day'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='order',
            index=models.Index(fields=['number'], name='order_by_start_of_number', opclasses=['varchar_pattern_ops']),
        ),
        AddIndexConcurrently(
            model_name='order',
            index=models.Index(Collate(Reverse('number'), 'C'), name='order_by_end_of_number'),
        ),
    ]
