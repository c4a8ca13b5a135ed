"""Who is told by which channel: `channels.yaml`, with its secrets from the environment."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import AfterValidator, Field, SecretStr, model_validator

from models.rule_files import RuleFileError, RuleModel, line_of, read_rule_file, read_yaml
from models.vocabulary import Recipient
from notifications.messages import Language
from notifications.quiet import Pace

SHIPPED_FILE = Path(__file__).with_name("channels.yaml")
ANY_CHIEF = "CHIEF:*"
_CHIEF = "CHIEF:"
_CODE = "<CODE>"
_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")


class Trouble(StrEnum):
    """What went wrong with an alert; codes only, because Apprise's own words hold secrets."""

    CHANNEL_REFUSED = "CHANNEL_REFUSED"
    CHANNEL_TIMEOUT = "CHANNEL_TIMEOUT"
    CHANNEL_NOT_CONFIGURED = "CHANNEL_NOT_CONFIGURED"
    CHANNEL_URL_NOT_VALID = "CHANNEL_URL_NOT_VALID"
    DISK_FULL = "DISK_FULL"
    RECIPIENT_UNKNOWN = "RECIPIENT_UNKNOWN"


def _names_variables_well(url: str) -> str:
    if "${" in _VARIABLE.sub("", url.replace(_CODE, "CODE")):
        raise ValueError("a variable is written ${LIKE_THIS}: capitals, digits and underscores")
    return url


class BackOff(RuleModel):
    """Seconds until the next try: `base`, then `factor` times longer each, at most `cap`."""

    base_seconds: float = Field(default=10, gt=0)
    factor: float = Field(default=3, ge=1, le=10)
    cap_seconds: float = Field(default=900, gt=0)

    @model_validator(mode="after")
    def _cap_is_not_below_base(self) -> "BackOff":
        if self.cap_seconds < self.base_seconds:
            raise ValueError("cap_seconds is below base_seconds")
        return self

    def after(self, failures: int) -> timedelta:
        """How long to wait after the given number of failures, from 1."""
        # The exponent is kept small so that a long outage cannot overflow the power.
        wait = self.base_seconds * self.factor ** min(failures - 1, 64)
        return timedelta(seconds=min(wait, self.cap_seconds))


class ChannelRule(Pace):
    """One named channel of the file."""

    url: Annotated[str, AfterValidator(_names_variables_well)]
    language: Language = Language.BOTH
    fallback: str | None = None
    max_attempts: int = Field(default=3, ge=1, le=100)
    back_off: BackOff = BackOff()
    timeout_seconds: float = Field(default=10, gt=0, le=20)


class ChannelsFile(RuleModel):
    """`channels.yaml` as written."""

    default: str
    channels: dict[str, ChannelRule]
    recipients: dict[str, str]


@dataclass(frozen=True)
class Channel:
    """One channel as one recipient reaches it, with its secrets filled in."""

    name: str
    url: SecretStr
    rule: ChannelRule


@dataclass(frozen=True)
class Way:
    """The channels to one recipient in the order they are tried; at least one."""

    channels: tuple[Channel, ...]
    trouble: Trouble | None = None

    @property
    def attempts_in_all(self) -> int:
        """After this many failures there is nothing left to try."""
        return sum(channel.rule.max_attempts for channel in self.channels)

    def at(self, failures: int) -> tuple[Channel, int]:
        """The channel to try next, and how many of the failures were its own."""
        left = failures
        for channel in self.channels[:-1]:
            if left < channel.rule.max_attempts:
                return channel, left
            left -= channel.rule.max_attempts
        return self.channels[-1], left


class Channels:
    """Answers by which channels a recipient is reached."""

    def __init__(self, file: ChannelsFile, variables: Mapping[str, str]) -> None:
        self.file = file
        self._variables = dict(variables)

    def way_to(self, recipient: str, by: str | None = None) -> Way:
        """The configured channels to a recipient, beginning with `by` if a channel is asked for.

        A recipient the file does not know, or whose channels are all unconfigured, is reached by
        the default channel, and `trouble` says why. So it is for a channel that the file no longer
        knows: the alert then takes the recipient's own.
        """
        if by is not None:
            return self._way_by(by, recipient)
        name = self._channel_name(recipient)
        if name is None:
            return Way(self._configured(self.file.default, recipient), Trouble.RECIPIENT_UNKNOWN)
        channels = self._configured(name, recipient)
        if channels:
            return Way(channels)
        return Way(self._configured(self.file.default, recipient), Trouble.CHANNEL_NOT_CONFIGURED)

    def _way_by(self, name: str, recipient: str) -> Way:
        chain = self._configured(name, recipient) if name in self.file.channels else ()
        if chain:
            return Way(chain)
        return replace(self.way_to(recipient), trouble=Trouble.CHANNEL_NOT_CONFIGURED)

    def unset_variables(self) -> dict[str, tuple[str, ...]]:
        """Recipients whose own channel is not configured, each with the variables to set."""
        unset = {who: self._unset(self.file.channels[self._name_of(who)], who) for who in self.recipients}
        return {who: names for who, names in unset.items() if names}

    @property
    def recipients(self) -> list[str]:
        """Everybody the file knows, with the chief of every department spelled out."""
        named = [who for who in self.file.recipients if who != ANY_CHIEF]
        if ANY_CHIEF not in self.file.recipients:
            return named
        departments = [who for who in named if who not in set(Recipient) and not who.startswith(_CHIEF)]
        return [*named, *(_CHIEF + code for code in departments if _CHIEF + code not in named)]

    def _name_of(self, recipient: str) -> str:
        return self._channel_name(recipient) or self.file.default

    def _channel_name(self, recipient: str) -> str | None:
        known = self.file.recipients
        if recipient in known and recipient != ANY_CHIEF:
            return known[recipient]
        if recipient.startswith(_CHIEF) and recipient.removeprefix(_CHIEF) in known:
            return known.get(ANY_CHIEF)
        return None

    def _configured(self, name: str | None, recipient: str) -> tuple[Channel, ...]:
        chain = []
        while name is not None:
            rule = self.file.channels[name]
            if not self._unset(rule, recipient):
                chain.append(Channel(name, SecretStr(self._filled(rule, recipient)), rule))
            name = rule.fallback
        return tuple(chain)

    def _unset(self, rule: ChannelRule, recipient: str) -> tuple[str, ...]:
        names = _VARIABLE.findall(_for_recipient(rule.url, recipient))
        return tuple(name for name in names if not self._variables.get(name))

    def _filled(self, rule: ChannelRule, recipient: str) -> str:
        return _VARIABLE.sub(lambda found: self._variables[found[1]], _for_recipient(rule.url, recipient))


def load_channels(path: Path | None, environment: Mapping[str, str], home: Path) -> Channels:
    """The channels of a file, or of the one shipped with the desk.

    Args:
        path: Another `channels.yaml`; None for the shipped one.
        environment: Where secrets come from; an unset or empty variable leaves its channel out.
        home: The desk's data folder, known to the file as `${WHISTLE_HOME}`.

    Raises:
        RuleFileError: One line for each thing to mend, with file, line, column and field.
    """
    path = path or SHIPPED_FILE
    file = read_rule_file(path, ChannelsFile)
    channels = Channels(file, {**environment, "WHISTLE_HOME": quote(str(home.resolve()))})
    problems = list(_located(path, _contradictions(channels)))
    if problems:
        raise RuleFileError(problems)
    return channels


def channel_names(path: Path | None = None) -> frozenset[str]:
    """The names that a rung of a ladder may ask for: those of a file, or of the one shipped.

    Raises:
        RuleFileError: The file cannot be read.
    """
    return frozenset(read_rule_file(path or SHIPPED_FILE, ChannelsFile).channels)


def _for_recipient(url: str, recipient: str) -> str:
    # A code nobody knows may hold anything: only letters and digits become part of a name.
    return url.replace(_CODE, re.sub(r"[^A-Z0-9]", "_", recipient.upper()))


def _contradictions(channels: Channels) -> Iterator[tuple[tuple[str, ...], str]]:
    file = channels.file
    for who, name in file.recipients.items():
        if name not in file.channels:
            yield ("recipients", who), _no_channel(name)
    for name, rule in file.channels.items():
        if rule.fallback is not None and rule.fallback not in file.channels:
            yield ("channels", name, "fallback"), _no_channel(rule.fallback)
        elif _falls_back_on_itself(file, name):
            yield ("channels", name, "fallback"), "the fallbacks lead back here"
    if file.default not in file.channels:
        yield ("default",), _no_channel(file.default)
        return
    default = file.channels[file.default]
    if _CODE in default.url:
        yield ("channels", file.default, "url"), f"the default channel serves everybody; remove {_CODE}"
    elif unset := channels._unset(default, ""):
        yield ("default",), f"the default channel must work: set {', '.join(unset)}"


def _no_channel(name: str) -> str:
    return f"there is no channel named {name}"


def _falls_back_on_itself(file: ChannelsFile, name: str) -> bool:
    seen: set[str] = set()
    at: str | None = name
    while at in file.channels and at not in seen:
        seen.add(at)
        at = file.channels[at].fallback
    return at == name


def _located(path: Path, problems: Iterator[tuple[tuple[str, ...], str]]) -> Iterator[str]:
    raw: Any = None
    for place, reason in problems:
        # The file is read for its lines only if there is something to point at.
        raw = raw if raw is not None else read_yaml(path)
        line, column = line_of(raw, place)
        yield f"{path}:{line}:{column}: {'.'.join(place)}: {reason}"
