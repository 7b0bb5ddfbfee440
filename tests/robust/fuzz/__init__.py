"""Fuzzing of what reads input from outside: `python -m tests.robust.fuzz TARGET --seconds 600`.

A target reads bytes as mvlock or importshim would (``targets``). Mutants of its seeds (``mutation``) must end in a
value or in an error of ours, within limits of time and memory, without a crash (``running``). What was found stays as
a seed.
"""
