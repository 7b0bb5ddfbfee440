"""mvlock: several versions of one library in one Python process.

Data flows one way, each layer makes an immutable value (docs/architecture.md):

    pyproject -> Project -> requirements per tree -> candidates -> resolution
              -> Lock -> Plan -> trees on disk -> import map -> runtime (importshim)
"""

__version__ = "0.1.0"
