"""Candidate topics for 每月一题: which common hard problems a month could take up, and how far they are."""
