"""Input that breaks the rules, as tables: what every case must hold is in ``test_cases``."""
