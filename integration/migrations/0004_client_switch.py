from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('integration', '0003_mall_imports'),
    ]

    operations = [
        migrations.AlterField(
            model_name='apiclient',
            name='key',
            field=models.CharField(editable=False, max_length=40, unique=True, verbose_name='access key'),
        ),
        migrations.AlterField(
            model_name='apiclient',
            name='revoked_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='revoked on'),
        ),
        migrations.AddField(
            model_name='apiclient',
            name='switched_off_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='switched off at'),
        ),
    ]
