"""Who hears that a clock runs out, how often, and what that does to the grade."""
