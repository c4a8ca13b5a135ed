"""What rules may refer to outside their own folder."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Known:
    """The codes of the catalogue; `names` leads from a name in either language to its code.

    `channels` are the names in channels.yaml; none, if they are not compared.
    """

    kinds: frozenset[str]
    departments: frozenset[str]
    names: Mapping[str, str] = field(default_factory=dict)
    channels: frozenset[str] = frozenset()
