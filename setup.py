"""Packaging of gluonrnn; the tools' settings are in pyproject.toml."""

from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
VERSION: dict = {}
exec((HERE / "gluonrnn" / "version.py").read_text(encoding="utf-8"), VERSION)

PLOT = ["matplotlib>=3.5"]
# For `gluonrnn rerun`; a document's plots need matplotlib.
NOTEBOOK = [
    "nbformat>=5.4",
    "nbclient>=0.7",
    "ipykernel>=6.20",
    "psutil>=5.7",
    # the pip that comes with older Pythons searches for hours among what a later nbconvert needs
    "nbconvert>=7.7,<7.16.5; python_version < '3.11'",
    "mistune>=3,<3.1; python_version < '3.11'",  # the last that this nbconvert works with
    "nbconvert>=7.7; python_version >= '3.11'",
    "latex2mathml>=3.77",
    *PLOT,
]
# What the real d2l 0.17.6 imports; its own pins are of 2021, so it is installed with --no-deps.
D2L = ["pandas>=1.2", "requests>=2.25", "ipython>=7.31", "matplotlib-inline>=0.1", *PLOT]
# The published packages that serve as oracles are installed by tests/oracles/install.py.
TEST = [
    "hypothesis>=6.80",
    "ipython>=7.31",
    "pytest>=7.4",
    "pytest-cov>=4.1",
    "pytest-randomly>=3.12",
    "pytest-xdist>=3.5",  # psutil counts the logical processors; ipykernel brings it
    *NOTEBOOK,
]
DOCS = [
    "babel>=2.9",
    "furo",
    "jupytext>=1.15",
    "myst-nb>=1",
    "nbclient>=0.10.1",  # joins what a cell prints
    "sphinx>=6",
    "sphinx-copybutton",
    "sphinx-mathjax-offline",
    *NOTEBOOK,
]

setup(
    name="gluonrnn",
    version=VERSION["__version__"],
    description="The recurrent-network chapters of Dive into Deep Learning, alive again on Apache MXNet 1.9.1",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    packages=[*find_packages(include=["gluonrnn", "gluonrnn.*"]), "gluonrnn.data"],
    package_dir={"gluonrnn.data": "data"},
    package_data={
        "gluonrnn": ["py.typed"],
        "gluonrnn.data": ["*.txt", "README.md"],
        "gluonrnn.rerun": ["templates/gluonrnn/*"],
    },
    python_requires=">=3.8,<3.13",
    install_requires=[
        "mxnet>=1.9.1,<2",
        # below 3.12, a bare `import mxnet` must work too, and that needs numpy.bool
        "numpy>=1.19,<1.24; python_version < '3.12'",
        "numpy>=1.26,<2; python_version >= '3.12'",
        "setuptools; python_version >= '3.12'",  # for distutils, which MXNet imports
        "pooch>=1.6",
        "safetensors>=0.4",
        "tqdm>=4.60",
    ],
    extras_require={
        "plot": PLOT,
        "notebook": NOTEBOOK,
        "test": TEST,
        "d2l": D2L,
        "docs": DOCS,
        "all": [*NOTEBOOK, *D2L],
    },
    entry_points={"console_scripts": ["gluonrnn = gluonrnn.cli.main:main"]},
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: Education",
        "License :: OSI Approved :: Apache Software License",
        "Natural Language :: English",
        "Natural Language :: Chinese (Simplified)",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3.8",
        "Programming Language :: Python :: 3.9",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
    ],
)
