"""`whistle up`: the processes of a desk, started, watched and stopped."""
