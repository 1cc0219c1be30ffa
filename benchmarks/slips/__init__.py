"""How many slips in a first name can be forgiven while nobody is taken for her twin."""
