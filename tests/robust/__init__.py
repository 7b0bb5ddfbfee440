"""Input that breaks the rules, as tables (``test_cases``), and what a fuzzer makes of real input (``fuzz``)."""
