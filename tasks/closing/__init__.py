"""What must be true before a case closes, the callback, and its end."""
