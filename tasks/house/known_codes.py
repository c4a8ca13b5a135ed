"""The codes of the catalogue and the names of channels, as the check of rules wants them."""

from catalogue.loader import Catalogue
from notifications.channels import channel_names
from sla_rules.known import Known


def known_of(catalogue: Catalogue) -> Known:
    """Codes of kinds and departments; names in both languages, so that 教育 is known to mean EDU.

    Raises:
        RuleFileError: channels.yaml cannot be read.
    """
    names = {name: each.code for each in catalogue.kinds.values() for name in (each.name_zh, each.name_en)}
    for unit in catalogue.departments.values():
        names |= dict.fromkeys((unit.name_zh, unit.full_zh, unit.name_en), unit.code)
    return Known(frozenset(catalogue.kinds), frozenset(catalogue.departments), names, channel_names())
