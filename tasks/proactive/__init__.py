"""Proactive orders (未诉先办): opened from warnings and issues, answered by units, closed by supervisors."""
