"""Whether our records agree with themselves, with departments' ledgers and with Prefect."""
