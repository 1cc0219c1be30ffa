"""The funnel: how far people come, from counters that know nobody."""
