"""A registry that is a FHIR R4 server."""
