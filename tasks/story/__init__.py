"""A case told in codes, times and the desk's own sentences."""
