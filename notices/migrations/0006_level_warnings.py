from django.db import migrations, models

KINDS = [('accrued', 'new commission'), ('credited', 'commission credited'), ('clawed_back', 'commission taken back'), ('withdrawal_approved', 'withdrawal approved'), ('withdrawal_rejected', 'withdrawal rejected'), ('withdrawal_ready', 'withdrawal waits to be collected'), ('withdrawal_paid', 'withdrawal paid'), ('withdrawal_failed', 'withdrawal failed'), ('application_approved', 'application approved'), ('application_rejected', 'application rejected'), ('claim_answered', 'claim answered'), ('upline_bound', 'bound to an upline'), ('direct_joined', 'new member in the team'), ('level_changed', 'level changed'), ('level_warning', 'level about to be lost')]


class Migration(migrations.Migration):

    dependencies = [
        ('notices', '0005_wordings'),
    ]

    operations = [
        migrations.AlterField(
            model_name=model,
            name='kind',
            field=models.CharField(choices=KINDS, max_length=24, verbose_name='kind'),
        )
        for model in ('notice', 'wording')
    ]
