"""The chapters of a report: from figures to sentences, tables and charts, in Chinese and in English."""
