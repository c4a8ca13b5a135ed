"""Common issues at the desk: cases are read inside the process once a week, and what was found is stored."""
