"""What a closing still needs, in words."""

from desk.pages.translation import N_, Said
from tasks.closing.closure import Missing

MISSING_WORDS: dict[Missing, Said] = {
    Missing.SUBSTANCE: N_("a reply with substance"),
    Missing.ACTS: N_("the acts that this kind asks for"),
    Missing.POLICE_RECEIPT: N_("the receipt of the mandatory report to the police"),
    Missing.CHILD_SAFE: N_("that the child is safe, or in the hands of a named case owner"),
    Missing.CO_HANDLERS: N_("the answers of the co-handlers"),
    Missing.RECORDS: N_("records that agree"),
}
"""Everything that a closing may lack is a key."""
