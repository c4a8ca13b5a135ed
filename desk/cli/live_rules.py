"""The rules in force, for commands that ask about cases that might be."""

import typer
from sqlalchemy.engine import make_url

from desk.cli.local_desk import local_desk
from models.settings import DeskSettings
from sla_rules.loader import load_rule_book
from sla_rules.rule_book import RuleBook


def live_rules() -> RuleBook:
    """What the desk goes by; where no desk has been set up yet, what is delivered with it.

    The second case is said on stderr, so that nobody takes one for the other.
    """
    url = make_url(DeskSettings().case_database_url)
    if url.get_backend_name() == "sqlite" and not (DeskSettings().home / "cases.db").exists():
        typer.echo("whistle: no desk is set up here yet; the rules it would start with are used", err=True)
        return load_rule_book()
    with local_desk() as place:
        return place.live_rules()
