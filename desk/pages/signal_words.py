"""What the safety screen heard, and the situations that must be reported, in words.

The catalogue tells in English what each signal means; the Chinese of those delivered with the desk stands here. One of a
house's own is told as its catalogue tells it.
"""

from collections.abc import Mapping

from catalogue.schema import Signal
from desk.pages.translation import Pair

SIGNALS_ZH: Mapping[str, str] = {
    "child_mentioned": "提到孩子、学校或托幼机构", "child_speaks": "说话的可能是孩子", "small_child": "孩子年幼，不能无人照看",
    "guardian_suspect": "被反映的可能是监护人或同住的人", "danger_now": "侵害正在发生", "offender_present": "涉嫌人就在现场或门口",
    "screaming_now": "听到孩子喊叫、呼救", "weapon": "有刀具或其他凶器", "missing_now": "孩子下落不明", "abducted_now": "孩子被带走或被买卖",
    "abandoned": "孩子被遗弃", "jumping_now": "有人将跳楼或轻生", "suicide_said": "本人或孩子说想死", "suicide_words": "涉及孩子并提到自杀",
    "suicide_attempt": "有人已自杀未遂或正在准备", "self_harm": "自伤", "threat_to_others": "扬言杀人、伤人", "private_injury": "隐私部位受伤",
    "sexual_abuse": "反映或疑似性侵", "pregnancy": "女孩怀孕或流产", "beaten_injured": "遭暴力并有多处伤、营养不良或昏迷", "beaten": "孩子被打",
    "abnormal_injury": "中毒、被下药、伤残或非正常死亡", "unattended": "孩子独自一人或无人照料", "sold_or_unknown": "孩子被买卖、送人或来历不明",
    "begging": "组织孩子乞讨、表演", "confined": "孩子被关、被绑、被电击或被强留", "forced_labour": "强迫劳动或强迫卖淫", "forced_marriage": "孩子被订婚、结婚",
    "hotel_red_flag": "孩子与陌生人住店，醉酒或神情异常", "afraid_home": "孩子不敢回家或无处过夜", "guardian_gone": "监护人被抓、住院或死亡，无人照管",
    "bullied": "学生欺凌", "staff_violence": "教职工打骂、侮辱学生", "unsafe_exposure": "孩子正接触有毒、变质物品或危房", "injury": "有人受伤",
    "hungry": "孩子挨饿", "at_night": "夜间或整夜", "several_ill": "多名孩子发病", "child_ill": "孩子因物品致病", "intimate_image": "孩子的私密影像落在他人手中",
    "meeting_planned": "约定与网上认识的人见面", "threatened": "孩子被威胁、敲诈", "robbed": "被强行拿走钱物", "filmed": "侵害过程被拍摄或传播",
    "inside_now": "未成年人此刻在场所内", "child_still_at_risk": "孩子仍处在同一危险中", "under_18": "说到不满十八周岁", "under_14": "说到不满十四周岁", "under_8": "说到不满八周岁，不得无人看护",
}  # fmt: skip
REPORTS: Mapping[str, Pair] = {
    "MR1": ("隐私部位非正常损伤", "abnormal injury to private parts"),
    "MR2": ("不满十四周岁女孩遭性侵、怀孕或流产", "sexual abuse, pregnancy or abortion of a girl under 14"),
    "MR3": ("十四周岁以上女孩因性侵怀孕或流产", "pregnancy or abortion of a girl of 14 or more after sexual abuse"),
    "MR4": ("多处损伤、严重营养不良或昏迷，疑遭暴力、欺凌、虐待或下药", "several injuries, malnutrition or unconsciousness, with violence, bullying, cruelty or drugging"),
    "MR5": ("因自杀、自伤、工伤、中毒、被打等非正常原因伤残或死亡", "disability or death by suicide, self-harm, work, poison, beating or another abnormal cause"),
    "MR6": ("被遗弃或长期无人照料", "abandoned or long unattended"),
    "MR7": ("来源不明、失踪或被拐卖、收买", "of unknown origin, missing, trafficked or bought"),
    "MR8": ("被组织乞讨", "organised to beg"),
    "MR9": ("其他严重侵害或面临不法侵害", "other serious harm, or facing unlawful harm now"),
}  # fmt: skip
"""The situations of the 2020 Opinion on mandatory reports, art. 4, in short; every code of the catalogue is a key."""


def signal_words(code: str, signals: Mapping[str, Signal]) -> Pair:
    """One signal in Chinese and English; a code that no catalogue in force knows stands for itself."""
    meaning = signals[code].meaning if code in signals else code
    return SIGNALS_ZH.get(code, meaning), meaning
