"""What codes are called in a report; kinds and departments come from a catalogue, the others are here."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import NamedTuple

from analysis.candidates.progress import NAMES as PROGRESS_NAMES
from analysis.rate_rules import RateRules, load_rate_rules
from catalogue.loader import Catalogue, load_catalogue


class Pair(NamedTuple):
    """The same thing said in Chinese and in English."""

    zh: str
    en: str

    def in_(self, language: str) -> str:
        """In `zh`; English for every other language."""
        return self.zh if language == "zh" else self.en


FAMILIES: Mapping[str, Pair] = {
    "F": Pair("家庭保护", "Family"),
    "S": Pair("学校保护", "School"),
    "C": Pair("社会保护", "Society"),
    "N": Pair("网络保护", "Network"),
    "G": Pair("政府保护", "Government"),
    "J": Pair("司法保护", "Justice"),
    "X": Pair("其他", "Other"),
}
"""The six protections of the law and the rest, by the first letter of a kind."""

GRADES: Mapping[str, Pair] = {
    "U0": Pair("危急", "Danger now"),
    "U1": Pair("紧急", "Urgent"),
    "U2": Pair("较急", "Pressing"),
    "U3": Pair("一般", "General"),
    "U4": Pair("疑难", "Difficult"),
    "UC": Pair("咨询", "Consultation"),
}

TARGETS: Mapping[str, Pair] = {
    "dispatch": Pair("派单", "Dispatch"),
    "acceptance": Pair("签收", "Acceptance"),
    "first_contact": Pair("首次联系", "First contact"),
    "safety_known": Pair("核实儿童安全", "Child's safety known"),
    "mandatory_report": Pair("强制报告", "Mandatory report"),
    "supervision": Pair("督办", "Supervision"),
    "feedback": Pair("反馈办理结果", "Feedback"),
    "co_handler": Pair("协办", "Co-handler's share"),
    "review": Pair("人工复核", "Review"),
    "callback": Pair("回访", "Callback"),
    "closure": Pair("办结", "Closure"),
}

REASONS: Mapping[str, Pair] = {
    "not_reached": Pair("多次拨打未接通", "Called in vain"),
    "class_forbids": Pair("回访类别不允许", "The callback class forbids it"),
    "not_agreed": Pair("来电人不同意回访", "The caller did not agree"),
    "no_contact": Pair("无安全联系方式", "No safe way to reach the caller"),
    "nothing_to_ask": Pair("无需回访事项", "Nothing to ask"),
    "contact_is_suspects": Pair("联系方式属于涉嫌人", "The contact is the suspect's"),
    "contact_is_households": Pair("联系方式属于同住家庭", "The contact is the household's"),
    "refused": Pair("回访记录被拒收", "The record was refused"),
    "not_digested": Pair("回访记录尚未处理", "The record is not digested yet"),
}

PLACES: Mapping[str, Pair] = {
    "school": Pair("学校及教育培训机构", "schools"),
    "venue": Pair("经营场所及公共场所", "venues"),
    "estate": Pair("居住小区", "housing estates"),
    "road": Pair("道路", "roads"),
}

WARNINGS: Mapping[str, Pair] = {
    "rise": Pair("诉求骤增", "Sudden rise"),
    "venue_reporters": Pair("同一场所多人反映", "Several reporters on one venue"),
    "venue_kinds": Pair("同一场所多类问题", "Several kinds of request on one venue"),
    "silent": Pair("无声来电增多", "More silent calls"),
}

ORDER_STATES: Mapping[str, Pair] = {
    "open": Pair("办理中", "Open"),
    "accepted": Pair("已签收", "Accepted"),
    "under_way": Pair("办理中", "Under way"),
    "late": Pair("逾期", "Late"),
    "opened": Pair("待签收", "To be accepted"),
    "planned": Pair("方案已报", "Plan given"),
    "objected": Pair("异议待裁定", "Disputed"),
    "result_given": Pair("结果已报", "Result given"),
    "sent_back": Pair("退回重办", "Sent back"),
    "reopened": Pair("重新启动", "Opened again"),
    "withdrawn": Pair("已撤销", "Withdrawn"),
    "closed": Pair("已办结", "Closed"),
}

SIGNS: Mapping[str, Pair] = {
    "many": Pair("数量多", "many requests"),
    "hot": Pair("热度高", "high heat"),
    "growing": Pair("增长快", "growing"),
    "lasting": Pair("持续时间长", "lasting"),
    "several_units": Pair("涉及多个单位", "several units"),
    "season_ahead": Pair("季节性高发在即", "its season lies ahead"),
}

OWNER_REASONS: Mapping[str, Pair] = {
    "named by a supervisor": Pair("由专席主管指定", "named by a supervisor"),
    "a supervisor names the unit": Pair("责任单位由专席主管确定", "a supervisor names the unit"),
    "leads most of the dispatched reports": Pair(
        "已派单诉求过半由其主办", "it leads most of the dispatched reports"
    ),
    "the catalogue's lead for the usual kind": Pair(
        "派单目录确定的主办单位", "the dispatch catalogue's lead for the usual kind"
    ),
}

DESK = Pair("热线专席", "Hotline desk")

DISTRICTS: Mapping[str, Pair] = {
    "110101": Pair("东城区", "Dongcheng"), "110102": Pair("西城区", "Xicheng"), "110105": Pair("朝阳区", "Chaoyang"),
    "110106": Pair("丰台区", "Fengtai"), "110107": Pair("石景山区", "Shijingshan"), "110108": Pair("海淀区", "Haidian"),
    "110109": Pair("门头沟区", "Mentougou"), "110111": Pair("房山区", "Fangshan"), "110112": Pair("通州区", "Tongzhou"),
    "110113": Pair("顺义区", "Shunyi"), "110114": Pair("昌平区", "Changping"), "110115": Pair("大兴区", "Daxing"),
    "110116": Pair("怀柔区", "Huairou"), "110117": Pair("平谷区", "Pinggu"), "110118": Pair("密云区", "Miyun"),
    "110119": Pair("延庆区", "Yanqing"),
}  # fmt: skip
"""By the codes of GB/T 2260; a desk that writes districts otherwise gives its own words."""

_SHARED: Mapping[str, Mapping[str, Pair]] = {
    "family": FAMILIES,
    "grade": GRADES,
    "target": TARGETS,
    "place": PLACES,
    "sort": WARNINGS,
    "state": ORDER_STATES,
    "sign": SIGNS,
    "owner_reason": OWNER_REASONS,
    "progress": {code.value: Pair(*words) for code, words in PROGRESS_NAMES.items()},
}


@dataclass(frozen=True)
class Names:
    """Words for codes; a code that nobody has words for stands for itself."""

    kinds: Mapping[str, Pair]
    departments: Mapping[str, Pair]
    reasons: Mapping[str, Pair]
    districts: Mapping[str, Pair] = field(default_factory=lambda: DISTRICTS)

    def of(self, dimension: str, code: str, language: str) -> str:
        """What a code of this dimension (`family`, `department` …) is called."""
        own = {
            "kind": self.kinds,
            "department": self.departments,
            "reason": self.reasons,
            "district": self.districts,
        }
        words = own.get(dimension, _SHARED.get(dimension, {})).get(code)
        if words is None:
            return ("未填" if language == "zh" else "not given") if code in ("", "none") else code
        return words.in_(language)


def names_of(catalogue: Catalogue, rate_rules: RateRules) -> Names:
    """The words of these kinds and departments, and of the reasons for leaving a callback out."""
    own = {each.code: Pair(each.name.zh, each.name.en) for each in rate_rules.exceptions}
    return replace(names_without_reasons(catalogue), reasons={**REASONS, **own})


def names_without_reasons(catalogue: Catalogue) -> Names:
    """The same for who tells of no callback, without reading the rules of rates."""
    return Names(
        kinds={code: Pair(each.name_zh, each.name_en) for code, each in catalogue.kinds.items()},
        departments={code: Pair(each.full_zh, each.name_en) for code, each in catalogue.departments.items()}
        | {"DESK": DESK},
        reasons=REASONS,
    )


@cache
def delivered_names() -> Names:
    """Those of the catalogue and the rules that come with the desk, read once."""
    return names_of(load_catalogue(), load_rate_rules())
