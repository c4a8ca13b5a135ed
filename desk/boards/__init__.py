"""Lists of cases and units: what needs somebody, page by page, and handing several over at once."""
