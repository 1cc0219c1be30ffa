"""A registry that takes HL7 v2.5.1 over CDC's SOAP contract."""
