from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # rows are read and written meanwhile

    dependencies = [
        ('events', '0003_lists_by_day'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='event',
            index=models.Index(condition=models.Q(('actor_kind', 'integration.apiclient')), fields=['actor_id', '-id'], name='event_of_client'),
        ),
    ]
