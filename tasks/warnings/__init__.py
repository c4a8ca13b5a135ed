"""Early warning at the desk: what came in is judged every night, and each warning is stored and answered once."""
