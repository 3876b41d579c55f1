"""The Python service of S4: `POST /embed` with a file `image` gives its vector by MobileNetV2. Run by uvicorn; GRAPH names the graph."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
from fastapi import FastAPI, HTTPException, UploadFile
from inference import Graph, seen

# Requests run beside each other, so that threads within one would only get in their way.
cv2.setNumThreads(1)
graph = Graph(Path(os.environ["GRAPH"]))
app = FastAPI()


@app.post("/embed")
def embed(image: UploadFile) -> dict:
    picture = cv2.imdecode(np.frombuffer(image.file.read(), np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise HTTPException(422, "not a picture")
    _labels, vector = seen(graph, picture[:, :, ::-1])
    return {"vectors": [vector.tolist()]}
