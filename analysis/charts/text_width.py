"""How wide a text is about, without asking the machine for its fonts: the same everywhere."""

_NARROW = frozenset("iljtfrI.,:;'|!()[] ")
_WIDE = frozenset("mwMW%@")


def width_of(text: str, size: float) -> float:
    """In the unit of `size`: Chinese and full-width signs are square, others about half as wide."""
    return sum(advance_of(each) for each in text) * size


def advance_of(letter: str) -> float:
    """As a share of the size."""
    if ord(letter) >= 0x2E80:
        return 1.0
    if letter in _NARROW:
        return 0.32
    if letter in _WIDE:
        return 0.88
    return 0.67 if letter.isupper() else 0.56


def shortened(text: str, size: float, width: float) -> str:
    """The text, cut with … where it would not fit into `width`."""
    if width_of(text, size) <= width:
        return text
    while text and width_of(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…"
