#!/usr/bin/env python3
"""Computes tests/golden/golden.json with onnxruntime, numpy, Pillow and OpenCV: what each family must give.

usage: make_golden.py MODELS PHOTOS   (the folders of models and of photos; only numbers end up in the file)

The pictures without a file are drawn here and in tests/it/pictures.rs by the same whole numbers.
"""
import json
import sys
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from PIL import Image, ImageOps

MODELS, PHOTOS = Path(sys.argv[1]), Path(sys.argv[2])
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)
PHOTO_NAMES = ["scenes/coco/000000000328.jpg", "scenes/coco/000000000164.jpg"]
BIB_PHOTOS = ["bibs/rbnr_set1/set1_39.JPG", "bibs/rbnr_set1/set1_57.JPG"]

DIGITS = {
    "0": "01110 10001 10011 10101 11001 10001 01110", "1": "00100 01100 00100 00100 00100 00100 01110",
    "2": "01110 10001 00001 00010 00100 01000 11111", "3": "11111 00010 00100 00010 00001 10001 01110",
    "4": "00010 00110 01010 10010 11111 00010 00010", "5": "11111 10000 11110 00001 00001 10001 01110",
    "6": "00110 01000 10000 11110 10001 10001 01110", "7": "11111 00001 00010 00100 01000 01000 01000",
    "8": "01110 10001 10001 01110 10001 10001 01110", "9": "01110 10001 10001 01111 00001 00010 01100",
}


def slopes(w=320, h=240):
    y, x = np.mgrid[0:h, 0:w]
    picture = np.stack([x * 255 // (w - 1), y * 255 // (h - 1), (x + y) * 255 // (w + h - 2)], axis=-1)
    for left, top, side, colour in [(40, 30, 90, (230, 40, 30)), (170, 60, 70, (20, 90, 200)), (90, 140, 60, (250, 240, 90))]:
        picture[top : top + side, left : left + side] = colour
    return Image.fromarray(picture.astype(np.uint8))


def numbers(w=640, h=320):
    picture = np.full((h, w, 3), 235, np.uint8)
    for text, left, top, scale in [("2468", 60, 40, 10), ("13579", 250, 190, 8)]:
        for at, digit in enumerate(text):
            for row, bits in enumerate(DIGITS[digit].split()):
                for column, bit in enumerate(bits):
                    if bit == "1":
                        x, y = left + (at * 6 + column) * scale, top + row * scale
                        picture[y : y + scale, x : x + scale] = (30, 30, 60)
    return Image.fromarray(picture)


def photo(name):
    return ImageOps.exif_transpose(Image.open(PHOTOS / name)).convert("RGB")


def session(name):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(MODELS / name, options)


def run(graph, array):
    return graph.run(None, {graph.get_inputs()[0].name: array})


def resized(image, w, h):
    return image.resize((w, h), Image.BILINEAR)


def scene(image, graph=session("scene/mobilenet_v2_tags1001_emb1280.onnx")):
    w, h = image.size
    short = min(w, h)
    image = resized(image, round(w * 256 / short), round(h * 256 / short))
    x, y = (image.width - 224) // 2, (image.height - 224) // 2
    logits, vector = run(graph, np.asarray(image.crop((x, y, x + 224, y + 224)))[None])
    logits, vector = logits[0].astype(np.float64) * 0.09889254, vector[0] / np.linalg.norm(vector[0])
    shares = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    best = [int(at) for at in np.argsort(-logits, kind="stable") if at > 0][:3]
    return {
        "labels": [[at, round(float(shares[at]), 5)] for at in best],
        "embedding": [round(float(value), 6) for value in vector],
    }


def votes(image, graph):
    pixels = np.asarray(resized(image, 224, 224), np.float32) / 127.5 - 1
    return [round(float(share), 6) for share in run(graph, pixels[None])[0][0]]


def objects(image, graph=session("detect/yolox_nano.onnx")):
    ratio = min(416 / image.width, 416 / image.height)
    inner = resized(image, round(image.width * ratio), round(image.height * ratio))
    frame = np.full((416, 416, 3), 114, np.uint8)
    frame[: inner.height, : inner.width] = np.asarray(inner)
    planes = ((frame.astype(np.float32) / 255 - MEAN) / STD).transpose(2, 0, 1)[None]
    rows = run(graph, planes)[0][0]
    cells = [(x, y, s) for s in (8, 16, 32) for y in range(416 // s) for x in range(416 // s)]
    grid, stride = np.array([c[:2] for c in cells], np.float32), np.array([c[2] for c in cells], np.float32)[:, None]
    centre, size = (rows[:, :2] + grid) * stride, np.exp(rows[:, 2:4]) * stride
    score, kind = rows[:, 4] * rows[:, 5:].max(1), rows[:, 5:].argmax(1)
    corners = np.hstack([centre - size / 2, centre + size / 2]) / np.array([inner.width / image.width, inner.height / image.height] * 2)
    found = []
    for at in np.argsort(-score):
        if score[at] < 0.3:
            break
        x1, y1, x2, y2 = corners[at]
        overlaps = False
        for other in found:
            a1, b1, a2, b2 = other["corners"]
            common = max(0, min(x2, a2) - max(x1, a1)) * max(0, min(y2, b2) - max(y1, b1))
            union = (x2 - x1) * (y2 - y1) + (a2 - a1) * (b2 - b1) - common
            overlaps |= other["class"] == kind[at] and common / union > 0.45
        if not overlaps:
            found.append({"class": int(kind[at]), "score": float(score[at]), "corners": [float(c) for c in corners[at]]})
    bounds = [image.width, image.height] * 2
    for item in found:
        item["corners"] = [round(min(max(c, 0), bound), 2) for c, bound in zip(item["corners"], bounds)]
        item["score"] = round(item["score"], 5)
    return found


def text(image, detection, recognition=session("ocr/ppocrv6_tiny_rec.onnx")):
    letters = [""] + (MODELS / "ocr/ppocrv6_tiny_keys.txt").read_text("utf-8").split("\n")[:6904] + [" "]
    factor = min(1280 / max(image.size), 2)
    w, h = (max(1, round(side * factor / 32)) * 32 for side in image.size)
    bgr = ((np.asarray(resized(image, w, h), np.float32) / 255 - MEAN) / STD)[:, :, ::-1]
    heat = run(detection, np.ascontiguousarray(bgr.transpose(2, 0, 1)[None]))[0].reshape(h, w)
    contours, _ = cv2.findContours((heat > 0.3).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    source, lines = np.asarray(image), []
    for contour in contours:
        (cx, cy), (bw, bh), angle = cv2.minAreaRect(contour)
        if min(bw, bh) + 1 < 3:
            continue
        mask = np.zeros((h, w), np.uint8)
        cv2.fillPoly(mask, [np.round(cv2.boxPoints(((cx, cy), (bw, bh), angle))).astype(int)], 1)
        if heat[mask > 0].mean() < 0.5:
            continue
        by = bw * bh * 1.6 / (2 * (bw + bh))
        bw, bh = bw + 2 * by, bh + 2 * by
        while angle > 45:
            bw, bh, angle = bh, bw, angle - 90
        while angle < -45:
            bw, bh, angle = bh, bw, angle + 90
        along = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
        across, middle = np.array([-along[1], along[0]]), np.array([cx, cy])
        quad = [middle + a * along * bw / 2 + b * across * bh / 2 for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        quad = (np.array(quad) * [image.width / w, image.height / h]).astype(np.float32)
        cw, ch = (max(1, round(float(np.linalg.norm(quad[a] - quad[b])))) for a, b in ((0, 1), (0, 3)))
        if ch >= 1.5 * cw:
            continue
        corners = np.float32([[-0.5, -0.5], [cw - 0.5, -0.5], [cw - 0.5, ch - 0.5], [-0.5, ch - 0.5]])
        crop = cv2.warpPerspective(source, cv2.getPerspectiveTransform(quad, corners), (cw, ch), borderMode=cv2.BORDER_REPLICATE)
        width = int(np.ceil(48 * cw / ch))
        frame = np.zeros((48, max(320, -(-width // 32) * 32), 3), np.float32)
        frame[:, :width] = (np.asarray(resized(Image.fromarray(crop), width, 48), np.float32) / 127.5 - 1)[:, :, ::-1]
        scores = run(recognition, frame.transpose(2, 0, 1)[None])[0][0]
        best, read, sure, previous = scores.argmax(1), "", [], 0
        for step, kind in enumerate(best):
            if kind and kind == previous:
                sure[-1] = max(sure[-1], float(scores[step, kind]))
            elif kind:
                read += letters[kind]
                sure.append(float(scores[step, kind]))
            previous = kind
        if read.strip() and np.mean(sure) >= 0.8:
            lines.append({"text": read, "confidence": round(float(np.mean(sure)), 4), "quad": [[round(float(v), 2) for v in corner] for corner in quad]})
    return lines


def main():
    nima = {name: session(f"aesthetics/nima_{name}_mobilenet.onnx") for name in ("aesthetic", "technical")}
    detection = session("ocr/text_detection_ppocrv3_2023may.onnx")
    golden = {"scene": {}, "aesthetic": {}, "technical": {}, "objects": {}, "text": {}}
    for name, image in [("slopes", slopes())] + [(name, photo(name)) for name in PHOTO_NAMES]:
        golden["scene"][name] = scene(image)
        golden["objects"][name] = objects(image)
        for question, graph in nima.items():
            golden[question][name] = votes(image, graph)
    for name, image in [("numbers", numbers())] + [(name, photo(name)) for name in BIB_PHOTOS]:
        golden["text"][name] = text(image, detection)
    out = Path(__file__).with_name("golden.json")
    out.write_text(json.dumps(golden, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
