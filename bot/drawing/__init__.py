"""The record as something to keep: a picture for a phone and a PDF to print, both drawn from card.typ."""
