"""A request comes in: by form, in bulk or on a call, with its drafts, answers and hand-over."""
