"""What became of an objection, and as what a unit was thought of, in words."""

from desk.pages.translation import N_, NC_, Said
from tasks.dispatch.dispatch_words import Part

RULED_WORDS: dict[str, Said] = {
    "open": N_("not ruled on yet"),
    "upheld": NC_("ruling", "upheld"),
    "refused": NC_("ruling", "refused"),
    "turned_down": N_("turned down: ruled on before"),
}
"""Every outcome that `tasks.story.of_assignment` tells is a key."""
PART_WORDS: dict[Part, Said] = {
    Part.LEAD: N_("as lead"),
    Part.HELP: N_("as co-handler"),
    Part.COPY: N_("for a copy"),
}
"""Every part is a key."""
