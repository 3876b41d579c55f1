"""The peers of S4: the same models in Python with ONNX Runtime, OpenCV and NumPy, on the same pixels, one thread.

`inference.py MODELS FOLDER`: FOLDER holds the photos as PPM. Prints one JSON line a model with the milliseconds a photo from
pixels to result in each round (processor time: a program that takes its turn in between is nobody's fault), of which `engine_ms` went to the engine, and how much was found.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

ROUNDS = 3
IMAGENET_MEAN, IMAGENET_STD = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])


class Graph:
    """A session of one thread that counts its own time."""

    def __init__(self, path: Path):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.input = self.session.get_inputs()[0].name
        self.seconds = 0.0

    def __call__(self, tensor: np.ndarray) -> list[np.ndarray]:
        started = time.process_time()
        outputs = self.session.run(None, {self.input: tensor})
        self.seconds += time.process_time() - started
        return outputs


def planes(image: np.ndarray) -> np.ndarray:
    """Normalised like ImageNet's pictures, channels first."""
    values = (image.astype(np.float32) * np.float32(1 / 255) - IMAGENET_MEAN) / IMAGENET_STD
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None])


def resized(image: np.ndarray, width: int, height: int) -> np.ndarray:
    smaller = width * height < image.shape[0] * image.shape[1]
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)


def seen(graph: Graph, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which labels are likeliest, and the vector, of length 1."""
    height, width = image.shape[:2]
    factor = 256 / min(height, width)
    image = resized(image, round(width * factor), round(height * factor))
    top, left = (image.shape[0] - 224) // 2, (image.shape[1] - 224) // 2
    outputs = {output.size: output.ravel() for output in graph(np.ascontiguousarray(image[top:top + 224, left:left + 224][None]))}
    logits, vector = outputs[1001].astype(np.float32) * np.float32(0.09889254), outputs[1280]
    shares = np.exp(logits - logits.max())
    shares /= shares.sum()
    return np.argsort(-shares[1:])[:5], vector / np.linalg.norm(vector)


def scene(graph: Graph, image: np.ndarray) -> int:
    return len(seen(graph, image)[0])


def nima(graph: Graph, image: np.ndarray) -> int:
    votes = graph(resized(image, 224, 224).astype(np.float32)[None] / np.float32(127.5) - np.float32(1))[0].ravel()
    mean = float((votes * np.arange(1, 11)).sum())
    _spread = float(np.sqrt((votes * (np.arange(1, 11) - mean) ** 2).sum()))
    return 1


GRIDS = np.concatenate([np.stack(np.meshgrid(np.arange(416 // s), np.arange(416 // s)), -1).reshape(-1, 2) for s in (8, 16, 32)])
STRIDES = np.concatenate([np.full((416 // s) ** 2, s) for s in (8, 16, 32)])[:, None]


def objects(graph: Graph, image: np.ndarray) -> int:
    height, width = image.shape[:2]
    ratio = min(416 / height, 416 / width)
    inner = resized(image, round(width * ratio), round(height * ratio))
    frame = np.full((416, 416, 3), 114, np.uint8)
    frame[:inner.shape[0], :inner.shape[1]] = inner
    rows = graph(planes(frame))[0][0]
    scores = rows[:, 4] * rows[:, 5:].max(1)
    kept = scores >= 0.3
    rows, scores = rows[kept], scores[kept]
    centres, sizes = (rows[:, :2] + GRIDS[kept]) * STRIDES[kept], np.exp(rows[:, 2:4]) * STRIDES[kept]
    boxes = np.concatenate([centres - sizes / 2, sizes], 1)
    found = cv2.dnn.NMSBoxesBatched(boxes.tolist(), scores.tolist(), rows[:, 5:].argmax(1).tolist(), 0.3, 0.45)
    _in_image = boxes[found] / ratio if len(found) else []
    return len(found)


class Text:
    """PP-OCR: boxes around what the finder marks, as in its own post-processing, then lines read in batches of like width."""

    def __init__(self, finder: Graph, reader: Graph, letters: Path):
        self.finder, self.reader = finder, reader
        self.letters = ["", *letters.read_text().splitlines(), " "]

    @property
    def seconds(self) -> float:
        return self.finder.seconds + self.reader.seconds

    def __call__(self, image: np.ndarray) -> int:
        image = image[:, :, ::-1]
        height, width = image.shape[:2]
        factor = min(1280 / max(height, width), 2.0)
        w, h = (max(1, round(side * factor / 32)) * 32 for side in (width, height))
        found = self.finder(planes(resized(image, w, h)))[0].reshape(h, w)
        crops = [self.cut_out(image, box) for box in self.boxes(found, width / w, height / h)]
        return len([line for line, sure in self.read(crops) if sure >= 0.5 and line.strip()])

    @staticmethod
    def boxes(found: np.ndarray, x: float, y: float) -> list[np.ndarray]:
        boxes = []
        contours, _ = cv2.findContours((found > 0.3).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours[:1000]:
            centre, (w, h), angle = cv2.minAreaRect(contour)
            if min(w, h) < 3:
                continue
            left, top, wide, high = cv2.boundingRect(contour)
            mask = np.zeros((high, wide), np.uint8)
            cv2.fillPoly(mask, [contour - (left, top)], 1)
            if cv2.mean(found[top:top + high, left:left + wide], mask)[0] < 0.5:
                continue
            grown = 2 * w * h * 1.5 / (2 * (w + h))
            boxes.append(cv2.boxPoints((centre, (w + grown, h + grown), angle)) * np.float32([x, y]))
        return boxes

    @staticmethod
    def cut_out(image: np.ndarray, box: np.ndarray) -> np.ndarray:
        order = box[np.argsort(box[:, 0])]
        (tl, bl), (tr, br) = order[:2][np.argsort(order[:2, 1])], order[2:][np.argsort(order[2:, 1])]
        w, h = max(1, round(float(np.linalg.norm(tl - tr)))), max(1, round(float(np.linalg.norm(tl - bl))))
        turn = cv2.getPerspectiveTransform(np.float32([tl, tr, br, bl]), np.float32([[0, 0], [w, 0], [w, h], [0, h]]))
        return cv2.warpPerspective(image, turn, (w, h), borderMode=cv2.BORDER_REPLICATE, flags=cv2.INTER_CUBIC)

    def read(self, crops: list[np.ndarray]) -> list[tuple[str, float]]:
        lines = []
        for crop in crops:
            if crop.shape[0] >= 1.5 * crop.shape[1]:
                lines.append(np.rot90(crop))
            lines.append(crop)
        widths = [min(3200, max(1, -(-48 * line.shape[1] // line.shape[0]))) for line in lines]
        order = sorted(range(len(lines)), key=widths.__getitem__)
        said = []
        while order:
            frame = max(320, -(-widths[order[0]] // 32) * 32)
            group = [at for at in order[:8] if max(320, -(-widths[at] // 32) * 32) == frame]
            order = order[len(group):]
            batch = np.zeros((len(group), 3, 48, frame), np.float32)
            for to, at in zip(batch, group, strict=True):
                small = resized(lines[at], widths[at], 48).astype(np.float32)
                to[:, :, :widths[at]] = (small / np.float32(127.5) - np.float32(1)).transpose(2, 0, 1)
            for scores in self.reader(batch)[0]:
                classes, sure = scores.argmax(1), scores.max(1)
                new = (classes != 0) & np.concatenate([[True], classes[1:] != classes[:-1]])
                said.append(("".join(self.letters[at] for at in classes[new]), float(sure[new].mean()) if new.any() else 0.0))
        return said


def main() -> None:
    models, folder = Path(sys.argv[1]), Path(sys.argv[2])
    cv2.setNumThreads(1)
    files = {path.name: path for path in models.rglob("*") if path.is_file()}
    photos = [cv2.imread(str(path))[:, :, ::-1].copy() for path in sorted(folder.glob("*.ppm"))]

    def measure(name: str, graph, look) -> None:
        found = sum(look(photo) for photo in photos)
        graphs = [graph] if isinstance(graph, Graph) else [graph.finder, graph.reader]
        totals, engines = [], []
        for _ in range(ROUNDS):
            before = sum(part.seconds for part in graphs)
            started = time.process_time()
            for photo in photos:
                look(photo)
            totals.append((time.process_time() - started) * 1e3 / len(photos))
            engines.append((sum(part.seconds for part in graphs) - before) * 1e3 / len(photos))
        print(json.dumps({"name": name, "ms": totals, "engine_ms": engines, "found": found}), flush=True)

    for name, file, look in (("mobilenet-v2", "mobilenet_v2_tags1001_emb1280.onnx", scene),
                             ("nima-aesthetic", "nima_aesthetic_mobilenet.onnx", nima),
                             ("nima-technical", "nima_technical_mobilenet.onnx", nima),
                             ("yolox-nano", "yolox_nano.onnx", objects)):
        graph = Graph(files[file])
        measure(name, graph, lambda photo, graph=graph, look=look: look(graph, photo))
    text = Text(Graph(files["text_detection_ppocrv3_2023may.onnx"]), Graph(files["ppocrv6_tiny_rec.onnx"]),
                files["ppocrv6_tiny_keys.txt"])
    measure("ppocr-v3-tiny", text, text)


if __name__ == "__main__":
    main()
