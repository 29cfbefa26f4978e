from django.contrib.postgres.indexes import OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Reverse


class Migration(migrations.Migration):
    atomic = False  # orders are read and written meanwhile

    dependencies = [
        ('orders', '0005_lists_by_day'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='order',
            index=models.Index(OpClass(models.F('number'), name='varchar_pattern_ops'), name='order_by_start_of_number'),
        ),
        AddIndexConcurrently(
            model_name='order',
            index=models.Index(OpClass(Reverse(models.F('number')), name='text_pattern_ops'), name='order_by_end_of_number'),
        ),
    ]
