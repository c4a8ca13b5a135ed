"""Who may read which word of a case, in what form, for how long."""
