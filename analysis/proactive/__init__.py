"""Proactive orders (未诉先办): their targets and closing checks as data, and what may be shown of them."""
