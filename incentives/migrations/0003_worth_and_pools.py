import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('incentives', '0002_guards'),
    ]

    operations = [
        migrations.AddField(
            model_name='backtest',
            name='unvalued',
            field=models.IntegerField(default=0, verbose_name='things without a known worth'),
        ),
        migrations.AddField(
            model_name='backtest',
            name='worth',
            field=models.BigIntegerField(default=0, verbose_name='worth of things'),
        ),
        migrations.AddField(
            model_name='backtestmember',
            name='unvalued',
            field=models.IntegerField(default=0, verbose_name='things without a known worth'),
        ),
        migrations.AddField(
            model_name='backtestmember',
            name='worth',
            field=models.BigIntegerField(default=0, verbose_name='worth of things'),
        ),
        migrations.RemoveIndex(
            model_name='award',
            name='award_given',
        ),
        migrations.AddIndex(
            model_name='award',
            index=models.Index(condition=models.Q(('posted__gt', 0)), fields=['incentive', 'member'], include=('reward',), name='award_given'),
        ),
        migrations.RemoveConstraint(
            model_name='teampool',
            name='team_pool_paid_whole',
        ),
        migrations.AddField(
            model_name='teampool',
            name='most',
            field=models.PositiveBigIntegerField(null=True, verbose_name='at most'),
        ),
        migrations.AddField(
            model_name='teampool',
            name='room',
            field=models.PositiveBigIntegerField(null=True, verbose_name='left for awards'),
        ),
        migrations.AddConstraint(
            model_name='teampool',
            constraint=models.CheckConstraint(condition=models.Q(('pool', models.F('sales') * models.F('rate') / models.Value(10000))), name='team_pool_is_the_rate'),
        ),
        migrations.AddConstraint(
            model_name='teampool',
            constraint=models.CheckConstraint(condition=models.Q(('paid', django.db.models.functions.comparison.Least('pool', 'most', 'room')), models.Q(('paid', 0), ('shared_by', 0)), _connector='OR'), name='team_pool_paid_whole'),
        ),
    ]
