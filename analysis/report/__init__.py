"""Reports for decision-makers: figures from the case database, words around them, and the files that carry both."""
