"""Who takes a case, who may have nothing to do with it, and what becomes of objections."""
