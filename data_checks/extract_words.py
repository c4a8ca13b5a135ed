"""Why an extract, or a row of one, could not be taken in: codes, and the words its sender reads."""

from enum import StrEnum


class Problem(StrEnum):
    """What is wrong with a whole extract, or with one row of it."""

    UNREADABLE = "unreadable"
    WRONG_ENCODING = "wrong_encoding"
    COLUMNS_CHANGED = "columns_changed"
    CUT_SHORT = "cut_short"
    HALF_A_FILE = "half_a_file"
    NOT_DATED = "not_dated"
    DATED_AHEAD = "dated_ahead"
    OLDER_EXTRACT = "older_extract"
    MISSING = "missing"
    ORDER_FORM = "order_form"
    REF_FORM = "ref_form"
    IDENTITY = "identity"
    UNKNOWN_CODE = "unknown_code"
    BAD_TIME = "bad_time"
    FUTURE_TIME = "future_time"
    CONTRADICTS = "contradicts"


WORDS: dict[Problem, tuple[str, str]] = {
    Problem.UNREADABLE: (
        "文件损坏或格式不符，请重新导出",
        "the file is damaged or of another format; export it again",
    ),
    Problem.WRONG_ENCODING: (
        "文件编码与约定不符，请按约定编码导出",
        "the file is not in the agreed encoding; export it in that",
    ),
    Problem.COLUMNS_CHANGED: (
        "列名与约定不符，请恢复约定列名，或先约定新版本",
        "the columns are not those agreed; use the agreed headings, or agree on a new version first",
    ),
    Problem.CUT_SHORT: (
        "文件不完整，末尾缺失，请重新传送",
        "the file ends too soon; send the whole of it again",
    ),
    Problem.HALF_A_FILE: (
        "行数远少于上次全量报送，请核对后重新报送全量；如确为部分数据，请按部分报送",
        "far fewer rows than your last whole extract; send all of them, or say that it is a part",
    ),
    Problem.NOT_DATED: (
        "没有注明提取时间，请补充 taken_at",
        "the file does not say when it was taken; add taken_at",
    ),
    Problem.DATED_AHEAD: (
        "提取时间在未来，请核对系统时钟",
        "the extract is dated in the future; check the clock of your system",
    ),
    Problem.OLDER_EXTRACT: (
        "早于已接收的全量报送，未采用",
        "an extract taken later is here already; this one was not used",
    ),
    Problem.MISSING: ("必填内容为空，请补充", "this field may not be empty; fill it in"),
    Problem.ORDER_FORM: ("承办单号格式应为 W-000123，请核对", "an order number looks like W-000123; correct it"),
    Problem.REF_FORM: (
        "内部编号只能用字母、数字和 _ . : / -，最多 40 位",
        "your own number may have letters, digits and _ . : / - only, at most 40",
    ),
    Problem.IDENTITY: (
        "内容像是证件号或电话号码，不得报送，请改用内部编号",
        "this looks like an identity or phone number, which must not be sent; use a number of your own",
    ),
    Problem.UNKNOWN_CODE: ("代码不在约定范围内，请核对", "this code is not among those agreed; correct it"),
    Problem.BAD_TIME: ("时间格式不符，请按约定格式填写", "this is no moment of the agreed form; correct it"),
    Problem.FUTURE_TIME: ("时间晚于提取时间，请核对", "this moment is later than the extract; correct it"),
    Problem.CONTRADICTS: (
        "同一内部编号、同一更新时间，内容却不同，请只保留一行",
        "two rows with one number and one time of change say different things; keep one",
    ),
}
"""What it means and what to do, in Chinese and English. Every problem is a key."""


def sentence(problem: str, field: str | None, line: int | None = None, shown: str = "") -> tuple[str, str]:
    """One readable reason in Chinese and in English, with line, field and the value if it may be shown."""
    zh, en = WORDS[Problem(problem)]
    where_zh = "".join((f"第 {line} 行" if line else "", f"“{field}”" if field else "", f"（{shown}）" if shown else ""))
    where_en = " ".join(part for part in (f"line {line}" if line else "", field or "", f"({shown})" if shown else "") if part)
    return (f"{where_zh}：{zh}。" if where_zh else f"{zh}。", f"{where_en}: {en}." if where_en else f"{en}.")
