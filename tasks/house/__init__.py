"""What the house decides by (rules, catalogue, classifier) and how a new version goes live."""
