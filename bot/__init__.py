"""vaxtext: a state's digital COVID-19 vaccine record, by text message."""
