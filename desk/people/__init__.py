"""Who signs in: accounts, browsers' sessions, API keys."""
