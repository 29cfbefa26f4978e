"""Recognise machines that open links: their visits are not counted."""

from __future__ import annotations

import re

NAMED_BOTS = (
    "AdsBot", "Applebot", "AhrefsBot", "Amazonbot", "archive.org_bot", "Baiduspider", "bingbot",
    "Bytespider", "CCBot", "ChatGPT-User", "ClaudeBot", "curl/", "DataForSeoBot", "Discordbot",
    "DotBot", "DuckDuckBot", "facebookexternalhit", "Go-http-client", "Google-InspectionTool",
    "Googlebot", "GPTBot", "HaosouSpider", "HeadlessChrome", "LinkedInBot",
    "MJ12bot", "PerplexityBot", "PetalBot", "python-requests", "python-urllib",
    "Scrapy", "SemrushBot", "Sogou web spider", "SkypeUriPreview", "Slackbot", "Slurp",
    "TelegramBot", "Twitterbot", "Wget/", "WhatsApp", "YandexBot", "YisouSpider",
    "360Spider", "mpcrawler", "WeChatBot", "Lighthouse",
)  # fmt: skip
"""Names in the user agents of crawlers and link previews."""

_BOT = re.compile("|".join(re.escape(name) for name in NAMED_BOTS), re.IGNORECASE)


def is_bot(user_agent: str) -> bool:
    """Return whether a user agent names a bot of the list. One without a name is no bot."""
    return bool(_BOT.search(user_agent))
