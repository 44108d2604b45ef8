"""What one writes in Python without a serving library: FastAPI and TensorFlow."""

import os
import socket
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf
import uvicorn
from fastapi import FastAPI, Request

model = tf.saved_model.load(os.path.join(sys.argv[1], "1"))
predict = model.signatures["serving_default"]
app = FastAPI()


@app.post("/predict")
async def answer(request: Request):
    instances = (await request.json())["instances"]
    outputs = predict(images=tf.constant(np.asarray(instances, dtype=np.float32)))
    return {"predictions": outputs["probabilities"].numpy().tolist()}


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
print(f"http://127.0.0.1:{listener.getsockname()[1]}/predict", flush=True)
uvicorn.run(app, fd=listener.fileno(), log_level="error", access_log=False)
