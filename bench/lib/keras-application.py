"""Exports a model of keras.applications with random weights: python keras-application.py NAME FOLDER."""

import os
import shutil
import sys
import tempfile

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import keras


def main(name, folder):
    keras.utils.set_random_seed(7)
    model = getattr(keras.applications, name)(weights=None)
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    # Written beside its place and moved there: a folder that exists is complete.
    made = tempfile.mkdtemp(dir=os.path.dirname(folder))
    model.export(os.path.join(made, "model"), verbose=False)
    try:
        os.rename(os.path.join(made, "model"), folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)


main(sys.argv[1], os.path.abspath(sys.argv[2]))
