"""The model that comes with the release, learned from our own corpus."""

from functools import cache
from pathlib import Path

from classifier.model_file import read_model
from classifier.reader import Reader

PATH = Path(__file__).parent / "model.npz"


@cache
def delivered_reader() -> Reader:
    """The delivered model, read once in a process.

    Raises:
        ModelFileError: The file is missing or damaged.
    """
    return read_model(PATH)[0]
