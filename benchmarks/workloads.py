"""What is installed: three projects of growing size, one tree per dependency."""

from __future__ import annotations

import json
from collections.abc import Sequence

WORKLOADS = {
    "w1": ["requests", "rich", "pydantic"],
    "w2": ["pandas==2.2.0", "scikit-learn", "matplotlib", "sqlalchemy", "httpx", "fastapi"],
    "w3": [
        "jupyterlab", "dask[complete]", "streamlit", "mlflow", "boto3", "django", "celery", "black", "pytest",
        "scikit-image", "opencv-python-headless", "transformers", "ansible-core", "scrapy", "sphinx", "poetry",
        "google-cloud-storage", "azure-storage-blob", "langchain", "gradio", "aiohttp", "spacy", "statsmodels",
        "mkdocs-material",
    ],
}  # fmt: skip


def pyproject(name: str, dependencies: Sequence[str]) -> str:
    """The pyproject.toml of an application."""
    return (
        f'[project]\nname = "bench-{name}"\nversion = "1"\nrequires-python = ">=3.11,<3.12"\n'
        f"dependencies = {json.dumps(dependencies, indent=4)}\n"
    )
