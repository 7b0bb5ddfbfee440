"""What the user may have meant by a project that does not exist. No index is queried: it has no answer to that."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_MOST = 2
_LIKENESS = 0.75

# Import names that are not a project's name, or not the name of the project that is meant.
_IMPORTED = {
    "bs4": "beautifulsoup4",
    "crypto": "pycryptodome",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "fitz": "pymupdf",
    "git": "gitpython",
    "google-protobuf": "protobuf",
    "jwt": "pyjwt",
    "magic": "python-magic",
    "mysqldb": "mysqlclient",
    "openssl": "pyopenssl",
    "pil": "pillow",
    "pkg-resources": "setuptools",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "usb": "pyusb",
    "win32api": "pywin32",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
}
# fmt: off
_POPULAR = (
    "aiohttp", "alembic", "attrs", "beautifulsoup4", "black", "boto3", "botocore", "celery", "certifi",
    "cffi", "charset-normalizer", "click", "cryptography", "dask", "django", "djangorestframework",
    "docutils", "fastapi", "filelock", "flask", "fsspec", "gitpython", "google-cloud-storage", "grpcio",
    "gunicorn", "httpx", "hypothesis", "idna", "importlib-metadata", "ipython", "jinja2", "joblib",
    "jsonschema", "jupyterlab", "keras", "langchain", "lxml", "markdown", "markupsafe", "matplotlib",
    "mkdocs", "msgpack", "mypy", "networkx", "nltk", "numba", "numpy", "openai", "opencv-python", "openpyxl",
    "orjson", "packaging", "pandas", "paramiko", "pillow", "platformdirs", "plotly", "polars", "protobuf",
    "psutil", "psycopg", "psycopg2", "pyarrow", "pycryptodome", "pydantic", "pygments", "pyjwt", "pymongo",
    "pymysql", "pyopenssl", "pyparsing", "pyspark", "pytest", "python-dateutil", "python-dotenv", "pytorch",
    "pytz", "pyyaml", "pyzmq", "redis", "regex", "requests", "rich", "ruff", "scikit-image", "scikit-learn",
    "scipy", "scrapy", "seaborn", "selenium", "sentry-sdk", "setuptools", "six", "spacy", "sphinx",
    "sqlalchemy", "starlette", "streamlit", "sympy", "tensorflow", "tokenizers", "tomli", "torch",
    "torchvision", "tornado", "tox", "tqdm", "transformers", "typer", "typing-extensions", "urllib3",
    "uvicorn", "virtualenv", "websockets", "werkzeug", "wheel", "xgboost",
)
# fmt: on


def near_names(name: str, known: Iterable[str]) -> list[str]:
    """Up to two projects that ``name`` may stand for, nearest first: ``known`` ones and a few popular ones."""
    if name in _IMPORTED:
        return [_IMPORTED[name]]
    return get_close_matches(name, sorted({*known, *_POPULAR}), n=_MOST, cutoff=_LIKENESS)
