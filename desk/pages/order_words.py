"""What an order asks of its unit now, in words."""

from desk.pages.translation import N_, NC_, Said
from tasks.dispatch.asked_now import AskedNow

ASKED_WORDS: dict[AskedNow, Said] = {
    AskedNow.ACCEPT: NC_("asked_now", "Accept the order"),
    AskedNow.CONTACT: NC_("asked_now", "Speak to the caller"),
    AskedNow.ANSWER: NC_("asked_now", "Handle it and answer"),
    AskedNow.ANSWER_AGAIN: NC_("asked_now", "It came back: handle it again and answer"),
    AskedNow.HELP: NC_("asked_now", "Help the lead unit and answer for your part"),
    AskedNow.TRANSFER: N_("Your objection waits for a supervisor, who decides whether another unit takes it; suspected harm is not returned, so it stays with you and counts as accepted"),
    AskedNow.RULING: NC_("asked_now", "The objection waits for a ruling; until then the order and its time stay with you"),
    AskedNow.MORE_TIME: NC_("asked_now", "The request for more time waits for a decision; until then the time stands"),
    AskedNow.TAKEN_IN: NC_("asked_now", "Your answer has arrived and is being taken in; nothing to do now"),
    AskedNow.CHECKED: NC_("asked_now", "Your answer is with the desk, which checks it; nothing to do now"),
    AskedNow.HUNG_UP: NC_("asked_now", "Hung up: nothing to do before its review"),
    AskedNow.LOOK_AGAIN: NC_("asked_now", "Look again after closing; tell the desk what you find"),
    AskedNow.NOTHING: NC_("asked_now", "Nothing to do now"),
    AskedNow.OVER: NC_("asked_now", "The order is over; nothing more to do"),
}
"""Every member is a key."""
