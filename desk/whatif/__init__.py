"""`whistle rules whatif`: what a rule set would have done, as tables and a page."""
