"""Common issues (共性问题): what many requests say about one topic in one place."""
