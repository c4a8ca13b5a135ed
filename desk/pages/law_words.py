"""On what ground an answer stands, in words: the laws by name and article, or the desk's own practice."""

import re
from collections.abc import Iterable, Mapping

from desk.pages.translation import N_, Pair
from desk.pages.words import Words

LAWS: Mapping[str, Pair] = {
    "L-JSJB": ("北京市接诉即办工作条例", "Beijing regulation on handling complaints at once"),
    "L-BJ": ("北京市未成年人保护条例", "Beijing regulation on the protection of minors"),
    "L-MPL": ("未成年人保护法", "Law on the protection of minors"),
    "L-DV": ("反家庭暴力法", "Law against domestic violence"),
    "L-PMC": ("预防未成年人犯罪法", "Law on preventing offences by minors"),
    "L-FEP": ("家庭教育促进法", "Law on family education"),
    "L-PIPL": ("个人信息保护法", "Law on personal information"),
    "L-NET": ("未成年人网络保护条例", "Regulation on minors on the net"),
    "L-CPL": ("刑事诉讼法", "Law of criminal procedure"),
    "L-CC": ("民法典", "Civil code"),
    "L-XF": ("信访工作条例", "Regulation on petitions"),
    "L-LAB": ("禁止使用童工规定", "Provisions against child labour"),
    "L-ENT": ("娱乐场所管理条例", "Regulation on places of entertainment"),
    "L-BAR": ("互联网上网服务营业场所管理条例", "Regulation on internet cafés"),
    "L-EDU": ("义务教育法", "Law on compulsory education"),
    "L-LA": ("法律援助法", "Law on legal aid"),
}
PRACTICE = "desk practice"
_ARTICLE = re.compile(r"(L-[A-Z]+) (\d+)", re.ASCII)


def source_words(sources: Iterable[str], words: Words) -> str:
    """The sources of an entry; one that the desk does not know stands for itself."""
    return ("；" if words.language == "zh" else "; ").join(_source(each, words) for each in sources)


def _source(source: str, words: Words) -> str:
    if source == PRACTICE:
        return words.pick(N_("the desk's own practice"))
    found = _ARTICLE.fullmatch(source)
    if found is None or found[1] not in LAWS:
        return source
    zh, en = LAWS[found[1]]
    return words.pick((f"《{zh}》第{found[2]}条", f"{en}, art. {found[2]}"))
