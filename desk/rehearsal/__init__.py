"""`whistle demo`: a month of sample cases on a fast clock."""
