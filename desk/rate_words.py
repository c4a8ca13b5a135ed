"""Words of the rates, Chinese first: headings, and why an order is in none of them."""

TEXTS: dict[str, tuple[str, str]] = {
    "title": ("三率 {first} 至 {last}", "Rates, {first} to {last}"),
    "unit": ("单位", "unit"),
    "all": ("全市合计", "all units"),
    "none": ("无承办单位", "no lead"),
    "valid": ("有效回访", "valid callbacks"),
    "response": ("响应率 %", "response %"),
    "resolution": ("解决率 %", "resolution %"),
    "satisfaction": ("满意率 %", "satisfaction %"),
    "composite": ("综合", "composite"),
    "response_only": ("其中只评响应", "of these, response only"),
    "contact_not_asked": ("其中未问是否联系", "of these, contact not asked"),
    "excluded": ("不计入的工单", "Left out"),
    "blank": (
        "—：不适用，或数目太小、可由他数推出而不予显示；“有效回访”为分母。",
        "—: not applicable, or held back because it is small or would tell a small number; valid callbacks are the denominator.",
    ),
}
EXCLUSION_WORDS: dict[str, tuple[str, str]] = {
    "no_outbound_contact": ("不得主动联系", "no outbound contact"),
    "not_reached": ("未接通", "not reached"),
    "refused": ("回访记录被拒收", "news refused"),
    "not_digested": ("回访记录未处理", "news not digested"),
    "class_forbids": ("回访类别不许", "class forbids"),
    "not_agreed": ("未同意回访", "not agreed"),
    "no_contact": ("无联系方式", "no number"),
    "nothing_to_ask": ("无可回访事项", "nothing to ask"),
    "contact_is_suspects": ("号码属涉嫌人", "number is a suspect's"),
    "outside_safe_hours": ("不在安全时段", "outside safe hours"),
    "contact_is_households": ("号码属同住人", "number is the household's"),
}
