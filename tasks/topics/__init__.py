"""Candidate topics for 每月一题: proposed once a month, chosen, owned and moved on by people."""
