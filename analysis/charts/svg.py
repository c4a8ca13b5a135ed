"""A drawing as SVG: presentation attributes and classes only, so that a strict content policy lets it through.

On a page the classes (`chart-first`, `chart-ink` …) may be given other colours by CSS, which goes before attributes.
"""

from html import escape

from analysis.charts.drawing import COLOURS, Area, Box, Dot, Drawing, Line, Shape, Words

FONTS = "'Noto Sans CJK SC', 'Source Han Sans SC', 'PingFang SC', 'Microsoft YaHei', SimHei, 'Helvetica Neue', Arial, sans-serif"


def svg_of(drawing: Drawing, *, standalone: bool = False) -> str:
    """The picture as one element; `standalone` makes a file of its own with the namespace and a size."""
    width, height = _number(drawing.width), _number(drawing.height)
    alone = f' xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"' if standalone else ""
    shapes = "\n".join(_written(each) for each in drawing.shapes)
    return (
        f'<svg{alone} class="chart" viewBox="0 0 {width} {height}" role="img" lang="{escape(drawing.language)}"'
        f' aria-label="{_text(drawing.title)}" font-family="{escape(FONTS)}">\n'
        f"<title>{_text(drawing.title)}</title>\n<desc>{_text(drawing.summary)}</desc>\n{shapes}\n</svg>"
    )


def _written(shape: Shape) -> str:
    colour, name = COLOURS[shape.role], shape.role.value
    match shape:
        case Line():
            places = " ".join(
                f'{each}="{_number(getattr(shape, each))}"' for each in ("x1", "y1", "x2", "y2")
            )
            dashes = ' stroke-dasharray="5 3"' if shape.dashed else ""
            width = _number(shape.width)
            return f'<line class="chart-stroke-{name}" {places} stroke="{colour}" stroke-width="{width}"{dashes}/>'
        case Box():
            places = " ".join(
                f'{each}="{_number(getattr(shape, each))}"' for each in ("x", "y", "width", "height")
            )
            return f'<rect class="chart-{name}" {places} fill="{colour}"/>'
        case Area():
            points = " ".join(f"{_number(x)},{_number(y)}" for x, y in shape.points)
            return f'<polygon class="chart-{name}" points="{points}" fill="{colour}"/>'
        case Dot():
            place = f'cx="{_number(shape.x)}" cy="{_number(shape.y)}" r="{_number(shape.radius)}"'
            return f'<circle class="chart-{name}" {place} fill="{colour}"/>'
        case Words():
            figure = f' data-figure="{_text(shape.figure)}"' if shape.figure else ""
            place = f'x="{_number(shape.x)}" y="{_number(shape.y)}" font-size="{_number(shape.size)}"'
            anchor = f' text-anchor="{shape.anchor.value}"'
            return f'<text class="chart-{name}" {place}{anchor} fill="{colour}"{figure}>{_text(shape.text)}</text>'


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _text(text: str) -> str:
    """Escaped, without characters that XML does not know."""
    return escape("".join(each for each in text if each.isprintable()))
