"""Shares, visits, home pages, forbidden words and the sharing policy."""

from sharing.models.codes import CodeFetching, MiniProgramCode
from sharing.models.homes import HomePage, HomeProduct
from sharing.models.policy import LandingPolicy, SharingPolicy
from sharing.models.shares import Share
from sharing.models.visits import Visit, VisitorClaim
from sharing.models.words import ForbiddenWord
