"""`whistle doctor --send-test`: a real message to real people, which says that it is a test."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from desk.doctor.findings import Finding, Level, fine, worse
from models.rule_files import RuleFileError
from models.settings import DeskSettings
from notifications.channels import load_channels
from notifications.trying import try_channels

EVERYBODY = "all"


def send_tests(
    settings: DeskSettings, environment: Mapping[str, str], recipients: Sequence[str], now: datetime
) -> Iterator[Finding]:
    """One finding for each address that was tried; nothing is sent where nobody is named."""
    if not recipients:
        return
    try:
        channels = load_channels(None, environment, settings.home)
    except RuleFileError:
        # The examination has said what is wrong with the file.
        return
    wanted = channels.recipients if EVERYBODY in recipients else recipients
    for tried in try_channels(channels, wanted, now):
        name = f"test to {tried.recipient}"
        if tried.trouble is None:
            yield fine(name, f"{tried.channel} took it; ask whether it arrived")
        else:
            advice = f"look at the channel {tried.channel} of {tried.recipient} and its variable, then try again"
            yield worse(name, Level.BAD, f"{tried.channel}: {tried.trouble}", advice)
