"""The clocks of a case: when they start, stop, stand still, and why they are due then."""
