"""Words to translators and back: a new language, a table for a spreadsheet, and the table brought home."""
