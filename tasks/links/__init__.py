"""Several reports of one matter: found by keyed tokens, joined by a person."""
