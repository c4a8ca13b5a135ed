"""The pages a browser shows, drawn on the server: codes, times and the desk's own words."""
