"""The words for proposals to link, in Chinese and English."""

from models.matching import MatchField, ProposalState

FIELD_WORDS: dict[MatchField, tuple[str, str]] = {
    MatchField.CHILD_IDENTITY: ("儿童证件号", "child's document"),
    MatchField.CHILD_NAME: ("儿童姓名", "child's name"),
    MatchField.CHILD_SURNAME_AGE: ("儿童姓氏与年龄", "child's surname and age"),
    MatchField.SUSPECT_NAME: ("被反映人姓名", "suspect's name"),
    MatchField.REPORTER_CONTACT: ("来电号码", "number of the caller"),
    MatchField.VENUE: ("学校或场所", "school or venue"),
    MatchField.ESTATE: ("小区或村", "estate or village"),
    MatchField.BUILDING: ("楼号或门牌", "building or house number"),
    MatchField.ROOM: ("房号", "flat"),
    MatchField.TEXT_SAME: ("内容基本相同", "nearly the same words"),
    MatchField.TEXT_ALIKE: ("内容相近", "similar words"),
    MatchField.DISTRICT: ("辖区", "district"),
    MatchField.KIND: ("事项", "kind"),
    MatchField.AGE: ("儿童年龄", "child's age"),
    MatchField.TIME: ("时间相近", "close in time"),
}
"""Every field is a key."""

STATE_WORDS: dict[ProposalState, tuple[str, str]] = {
    ProposalState.PROPOSED: ("待核对", "Proposed"),
    ProposalState.LINKED: ("已关联", "Linked"),
    ProposalState.DECLINED: ("非同一事项", "Declined"),
}
"""Every state is a key."""

TEXTS: dict[str, tuple[str, str]] = {
    "links": ("疑似同一事项", "Cases that may be one matter"),
    "id": ("序号", "id"),
    "case": ("后来件", "later case"),
    "other": ("在先件", "earlier case"),
    "score": ("合计", "score"),
    "strong": ("很可能", "strong"),
    "conflict": ("利益冲突", "conflict"),
    "conflict_note": (
        "应回避一件的单位正在办理另一件：先改派，再关联。",
        "A unit that one case is kept from handles the other: move that order before linking.",
    ),
    "why": ("一致之处", "agrees in"),
    "state": ("状态", "state"),
    "proposed": ("提出时间", "proposed"),
    "evidence": ("依据", "Evidence"),
    "field": ("项目", "field"),
    "agrees": ("一致", "agrees"),
    "weight": ("权重", "weight"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "within": ("{days} 日内同一事项再次反映", "The same matter again within {days} days"),
    "all": ("合计", "All"),
    "by_kind": ("按事项", "By kind"),
    "by_district": ("按辖区", "By district"),
    "requests": ("诉求量", "requests"),
    "repeated": ("重复量", "repeated"),
    "share": ("重复诉求率", "share"),
    "blank": ("—：少于 5 件，不予显示", "—: fewer than 5, not shown"),
}
