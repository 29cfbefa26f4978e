from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incentives", "0002_initial")]

    operations = [
        migrations.AddIndex(
            model_name="contribution",
            index=models.Index(
                condition=models.Q(("subject__isnull", False)),
                fields=["subject", "incentive"],
                name="contribution_about_member",
            ),
        ),
    ]
