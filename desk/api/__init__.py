"""The HTTP API under `/api/v1`: codes and times out, requests and news in."""
