"""Makes the models of the zoo that are missing or out of date, with what TensorFlow answers: make.py FOLDER [NAME …]"""

import hashlib
import importlib
import inspect
import json
import os
import pathlib
import sys
import time
import traceback

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
# oneDNN's kernels round otherwise than TensorFlow's own.
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import catalogue

HERE = pathlib.Path(__file__).resolve().parent
FAMILIES = ["vision", "recurrent", "attention", "texts", "images", "programs"]


def stamp(build):
    """Changes whenever what makes a model does."""
    sources = [inspect.getsourcefile(build), catalogue.__file__]
    return hashlib.sha256(b"".join(pathlib.Path(source).read_bytes() for source in sources)).hexdigest()


def main(folder, wanted):
    from golden import write_calls_to

    for family in FAMILIES:
        importlib.import_module(family)
    made, failed = [], []
    for name, (stands_for, build) in catalogue.MODELS.items():
        if wanted and name not in wanted:
            continue
        made.append({"name": name, "standsFor": stands_for, "family": build.__module__})
        mark = folder / name / "stamp"
        if mark.exists() and mark.read_text() == stamp(build):
            continue
        began = time.time()
        catalogue.fresh(folder / name)
        try:
            write_calls_to(folder / name, 1, build(folder / name / "1"))
        except Exception:
            traceback.print_exc()
            failed.append(name)
            continue
        mark.write_text(stamp(build))
        print(f"made {name} in {time.time() - began:.1f} s", flush=True)
    if not wanted:
        (folder / "index.json").write_text(json.dumps(made, indent=1))
    if failed:
        sys.exit(f"could not make {', '.join(failed)}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2:])
