"""What the machine left out of a text that others read, in words."""

from desk.pages.translation import N_, Said
from tasks.words.scrubbing import Hidden

GAP_WORDS: dict[Hidden, Said] = {
    Hidden.MAIL: N_("mail addresses"),
    Hidden.LINK: N_("links"),
    Hidden.IDENTITY: N_("identity numbers"),
    Hidden.PHONE: N_("numbers"),
    Hidden.PLATE: N_("number plates"),
    Hidden.ACCOUNT: N_("names at messengers"),
    Hidden.ADDRESS: N_("addresses"),
    Hidden.NAME: N_("names"),
    Hidden.SPEAKER: N_("clauses about who told us"),
}
"""Everything that can be left out is a key."""
