"""The folder in which supervisors edit the catalogue: drafted from a version, remembering which."""

from pathlib import Path

from sqlmodel import Session

from catalogue.snapshot import snapshot_of
from models.house import HouseVersion
from models.vocabulary import Versioned
from tasks.house.rule_folder import write_draft
from tasks.house.versions import the_live_version, versions_of


def catalogue_folder(home: Path) -> Path:
    """Where supervisors of the desk in `home` edit."""
    return home / "catalogue"


def draft_live_catalogue(session: Session, folder: Path) -> HouseVersion:
    """Write the live files into `folder`, as `write_draft` does; the version they are.

    Raises:
        RuleFolderError: The folder holds something else.
        NoVersionLiveError: No catalogue ever went live.
        RuleFileError: A file of it is being saved right now.
    """
    live = the_live_version(session, Versioned.CATALOGUE)
    write_draft(folder, live, versions_of(session, Versioned.CATALOGUE), snapshot_of)
    return live
