"""What the outside world says about a case, and what that does to it."""
