"""The commands of ``gluonrnn`` that train and write: a layer over `fit`, `resume` and `load`."""
