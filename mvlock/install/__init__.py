"""Installing: the trees of a lock under ``py_modules/``, and the application's own environment."""

from mvlock.environment import LinkMode
from mvlock.install.options import InstallOptions, InstallReport
from mvlock.install.project import install_project

__all__ = ["InstallOptions", "InstallReport", "LinkMode", "install_project"]
