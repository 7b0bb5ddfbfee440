"""The ground floor: what has to do with the machine and nothing with Python projects.

Every stage may use every module of it; none of them imports anything of mvlock but errors and their codes.
"""
