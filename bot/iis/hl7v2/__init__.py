"""HL7 v2.5.1 as registries speak it: our question as text, and people and doses out of their messages. Pure."""
