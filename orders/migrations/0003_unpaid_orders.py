from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # orders are read and written meanwhile

    dependencies = [
        ('orders', '0002_guards'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='order',
            index=models.Index(models.F('id'), condition=models.Q(('closed_at', None), ('paid_at', None)), name='order_not_paid_yet'),
        ),
    ]
