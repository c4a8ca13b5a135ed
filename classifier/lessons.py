"""What a model learns from and is tried on."""

from collections.abc import Mapping
from dataclasses import dataclass

from classifier.corpus_files import Example
from classifier.reader import SCOPE
from models.grades import SAFETY_GRADES

OUTSIDE = "X06"


@dataclass(frozen=True)
class Lesson:
    """One request ready to be learned from: normalised text, its cues' scores and its labels."""

    clean: str
    evidence: Mapping[str, float]
    example: Example

    @property
    def harm(self) -> bool:
        """Whether a child is suspected to be harmed or in danger."""
        return self.example.harm

    def truth(self, head: str) -> bool:
        """Whether `head` (a kind, a span head or the scope) is right for this request."""
        if head == "harm":
            return self.example.harm
        if head == "grave":
            return self.example.harm and self.example.grade in SAFETY_GRADES
        if head == "guardian":
            return self.example.guardian_suspect
        if head == SCOPE:
            return self.example.kind != OUTSIDE
        return head in self.example.kinds
