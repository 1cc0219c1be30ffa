"""Texts whose webhook never reached us: found in the carrier's list, and answered as if they had."""
