"""Issues, warnings, proactive orders and candidates as they may be published, by the readers that keep them."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from analysis.report.asking import Asking
from analysis.report.settings import Query

Records: TypeAlias = tuple[Mapping[str, Any], ...]
Reader: TypeAlias = Callable[[Asking, str], Records]
"""Asked for a time and a unit, or "" for the whole city."""

READERS: dict[Query, Reader] = {}
