from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


def below(name, column):
    index = models.Index(models.F('above'), models.OrderBy(models.F(column), descending=True), name=f'team_below_{name}')
    return AddIndexConcurrently(model_name='teammember', index=index)


class Migration(migrations.Migration):
    atomic = False  # teams are read and folded meanwhile

    dependencies = [
        ('reports', '0005_second_tier'),
    ]

    operations = [
        below('joined', 'binding'),
        below('orders', 'by_orders'),
        below('sales', 'by_sales'),
        below('team', 'by_team'),
    ]
