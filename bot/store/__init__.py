"""Everything we keep: under which key, how long, sealed with what."""
