"""Reports made of the case database: issued once, found again, made anew and counted again."""
