"""`whistle doctor`: everything that can be wrong with a desk."""
