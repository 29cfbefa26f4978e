"""Import members from a file: who they are, who refers whom, since when."""

from django.utils.translation import gettext_lazy as _

from backoffice.access import StrOrPromise
from backoffice.import_pages import open_import
from backoffice.imports import Column, ImportKind
from integration.mall.headers import CHINESE
from integration.member_file import TITLES, apply_members, check_members

EXAMPLES: dict[str, StrOrPromise] = {
    "external_id": "10086", "nickname": _("Lin Yi"), "province": _("Shanghai"),
    "city": _("Shanghai"),
    "joined_at": "2025/1/5 9:03", "distributor": _("yes"), "referrer": "10001",
    "bound_at": "2025/1/5 9:10",
}  # fmt: skip
HELP = {
    "external_id": _("The number of the member in the mall. It decides who is known already."),
    "joined_at": _("Shanghai time. The earliest one counts; empty: now."),
    "distributor": _("Yes or no. A distributor who is known stays one, whatever is written."),
    "referrer": _(
        "The id in the mall of who brought the member, in a row above or known already. A known"
        " referrer never changes."
    ),
    "bound_at": _("When the referrer brought the member. Empty: when the member joined."),
}
OTHER_TITLES = {"external_id": "member", "distributor": "is_distributor"}
LENGTHS = {"external_id": 128, "nickname": 80, "province": 40, "city": 60, "referrer": 128}

MEMBERS = open_import(
    ImportKind(
        name="members",
        title=_("Import members"),
        of="members.member",
        permission="integration.import_member",
        columns=[
            Column(
                name,
                title,
                help=HELP.get(name, ""),
                required=name == "external_id",
                example=EXAMPLES[name],
                max_length=LENGTHS.get(name, 40),
                other_titles=CHINESE["members"].get(OTHER_TITLES.get(name, name), ()),
            )
            for name, title in TITLES.items()
        ],
        check=check_members,
        apply=apply_members,
        intro=_(
            "For members whom a mall has had before. An empty cell says nothing: what is stored"
            " stays. No upline is replaced and nobody is demoted."
        ),
        rule=_(
            "Each row is saved by itself. If one is refused after all, the import stops there; the"
            " rows above are saved, and importing them again changes nothing."
        ),
        icon="group_add",
        # A row binds a member, which locks their row before all others.
        step=1,
    )
)
