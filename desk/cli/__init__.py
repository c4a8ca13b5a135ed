"""`whistle …`: one module for each command."""
