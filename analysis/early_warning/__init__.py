"""Early warning (风险预警): what rises above what the time of the year makes usual, and what comes next."""
