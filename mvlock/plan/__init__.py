"""The plan: from what is installed to what is locked. Values in, values out, nothing touches the disk."""

from mvlock.plan.compare import make_plan
from mvlock.plan.model import Action, Change, Plan, TreeStep, WantedDistribution, WantedTree
from mvlock.plan.receipt import InstalledCommand, InstalledDistribution, InstalledLibrary, InstalledScript, TreeReceipt
from mvlock.plan.select import Selection, wanted_trees

__all__ = [
    "Action",
    "Change",
    "InstalledCommand",
    "InstalledDistribution",
    "InstalledLibrary",
    "InstalledScript",
    "Plan",
    "Selection",
    "TreeReceipt",
    "TreeStep",
    "WantedDistribution",
    "WantedTree",
    "make_plan",
    "wanted_trees",
]
