"""The colours of a picture, for light and for dark pages; whoever shows it needs no other file."""

MARGIN, BAR_HEIGHT = 24, 30
"""Pixels left and right of the bar, and how high it is."""

LIGHT = {
    "page": "#ffffff", "ink": "#1f2937", "soft": "#5b6472", "counted": "#2563eb", "closed": "#e3e7ee",
    "first": "#c3cbd8", "paused": "#f0b429", "rolled": "#b9a5e8", "extended": "#8db4f8", "hatch": "#dc5a4b",
    "make_up": "#15935f", "line": "#aab2c0",
}  # fmt: skip
DARK = {
    "page": "#11161f", "ink": "#eef1f6", "soft": "#a3adbd", "counted": "#5b93f7", "closed": "#2b3340",
    "first": "#465163", "paused": "#d99a1c", "rolled": "#8a74c9", "extended": "#38598f", "hatch": "#ff8d7e",
    "make_up": "#3ecf93", "line": "#5b6575",
}  # fmt: skip


def _variables(colours: dict[str, str]) -> str:
    return ";".join(f"--wx-{name}:{value}" for name, value in colours.items())


STYLE = (
    f".wx{{{_variables(LIGHT)}}}"
    f"@media (prefers-color-scheme:dark){{.wx{{{_variables(DARK)}}}}}"
    ".wx text{font-family:system-ui,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;"
    "fill:var(--wx-ink);font-size:11px}"
    ".wx .wx-head{font-size:16px;font-weight:600}"
    ".wx .wx-sub{font-size:12px;fill:var(--wx-soft)}"
    ".wx .wx-label{text-anchor:middle}"
    ".wx .wx-tick-text,.wx .wx-legend{fill:var(--wx-soft)}"
    ".wx .wx-end-text{font-weight:600}"
    ".wx-page{fill:var(--wx-page)}"
    ".wx-counted{fill:var(--wx-counted)}.wx-closed{fill:var(--wx-closed)}"
    ".wx-first_day,.wx-not_taken_in{fill:var(--wx-first)}.wx-paused{fill:var(--wx-paused)}"
    ".wx-rolled{fill:var(--wx-rolled)}.wx-extended{fill:var(--wx-extended)}"
    ".wx-make_up{fill:var(--wx-make_up)}"
    ".wx-hatch{stroke:var(--wx-hatch);stroke-width:2}"
    ".wx-light-hatch{stroke:var(--wx-page);stroke-width:2;opacity:.6}"
    ".wx-midnight{stroke:var(--wx-page);stroke-width:1;opacity:.55}"
    ".wx-tick,.wx-leader{stroke:var(--wx-line);stroke-width:1;fill:none}"
    ".wx-end{stroke:var(--wx-ink);stroke-width:2;fill:none}"
    ".wx-key{stroke:var(--wx-line);stroke-width:.5}"
)
"""Class names begin with `wx`, so that a page around the picture keeps its own."""


def shared_shapes(key: str) -> str:
    """Both hatchings of holidays and the bar's rounded outline, under ids that end with `key`."""
    pattern = (
        '<pattern id="{id}" width="7" height="7" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(45)"><path class="{look}" d="M0 0V7"/></pattern>'
    )
    return (
        "<defs>"
        + pattern.format(id=f"h{key}", look="wx-hatch")
        + pattern.format(id=f"l{key}", look="wx-light-hatch")
        + f'<clipPath id="c{key}"><rect x="{MARGIN}" y="0" width="{1000 - 2 * MARGIN}"'
        f' height="{BAR_HEIGHT}" rx="5"/></clipPath></defs>'
    )
