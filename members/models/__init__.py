from members.models.agreement import Agreement, AgreementAcceptance
from members.models.message import WeChatMessage
from members.models.people import Identity, Member, MemberGrade, MemberQuerySet, Tag
from members.models.session import MemberSession
from members.models.staff import (
    REVIEW_WAIT,
    MemberMerge,
    PasswordLinkRequest,
    StaffLinkProposal,
    User,
)
from members.models.upload import Upload
from members.models.wechat_avatar import WeChatAvatar
