"""Nicknames that people really choose, and some that nobody should be able to."""

from __future__ import annotations

NAMES: dict[str, str] = {
    "plain": "小鹿爱分享",
    "latin": "Emma·Wong 0.0",
    "emoji": "小鹿🦌爱分享✨",
    "family": "👨‍👩‍👧‍👦一家四口👩🏽‍🚀",
    "flags": "🇨🇳🇭🇰🏴󠁧󠁢󠁥󠁮󠁧󠁿旅行中",
    "keycap": "1️⃣号店长#️⃣",
    "text_style": "阳光☀︎和☀️雪❄︎",
    "rare_hanzi": "𠮷野家𪚥龘靐",
    "styled_latin": "𝓐𝓷𝓷𝓪 ⓑⓞⓑ ｆｕｌｌ",
    "korean": "김민지의 가게",
    "kana": "さくらモモ㍿",
    "arabic": "محمد أحمد العربي",
    "right_to_left": "\u202eevil\u202c正常\u2067abc\u2069",
    "zalgo": "Z̸̡̢̛̗̘͔̺̎̀̈́̓͝a̷̢̛̖̼͎̍̿̋̔l̶̨̫̙̾̽͋g̵̱̔͝o̸̻͑",
    "marks": "a" + "\u0301" * 500,
    "zero_width": "\u200b\u200c\u200d\ufeff\u2060隐\u200b身",
    "invisible": "\u3164\u200b\u2800\ue000\U000f0000",
    "control": "行一\n行二\t\x00\x07\x1b[31m红",
    "private": "\ue001\uf8ff苹果\U00100001",
    "markup": "<b>{{shop.name}}</b> %s {0}",
    "long": "春眠不觉晓处处闻啼鸟" * 50,
    "long_word": "Supercalifragilisticexpialidocious" * 4,
}
