//! What is in a picture, how it looks, how good it is.

use crate::table::{Format, ModelRow, Pack, Part, Pin, Task};

pub(super) const MOBILENET_V2: ModelRow = ModelRow {
    id: "mobilenet-v2",
    title: "MobileNetV2: 1001 labels and a 1280-number scene vector",
    task: Task::Scene,
    family: "scene",
    version: "mobilenet_v2_quant@1",
    pack: Pack::Lite,
    licence: "Apache-2.0",
    commercial: true,
    note: "",
    parts: &[
        Part {
            role: "graph",
            pins: &[
                Pin {
                    name: "mobilenet_v2_tags1001_emb1280.onnx",
                    format: Format::Onnx,
                    bytes: Some(3_637_177),
                    sha256: "dcd256b61a1ea19194e5850fc3d926b325f340c0d40c2fe90b489ea5a1b734ab",
                    url: None,
                },
                Pin {
                    name: "mobilenet_v2_1.0_224_quant.tflite",
                    format: Format::TfLite { more: &[("MobilenetV2/Logits/AvgPool", "embedding")] },
                    bytes: Some(3_577_760),
                    sha256: "f08d447cde49b4e0446428aa921aff0a14ea589fa9c5817b31f83128e9a43c1d",
                    url: Some(
                        "https://storage.googleapis.com/mediapipe-assets/mobilenet_v2_1.0_224_quant.tflite?generation=1664340173966530",
                    ),
                },
            ],
        },
        Part {
            role: "labels",
            pins: &[Pin {
                name: "imagenet_labels_1001.txt",
                format: Format::Data,
                bytes: Some(21_686),
                sha256: "b8aaeb5630c62626a7d124a05c0e14230a7ffdd2136a31d0190a4fb71c1d82f1",
                url: Some(
                    "https://raw.githubusercontent.com/google-coral/test_data/104342d2d3480b3e66203073dac24f4e2dbb4c41/imagenet_labels.txt",
                ),
            }],
        },
    ],
};

pub(super) const NIMA_AESTHETIC: ModelRow = ModelRow {
    id: "nima-aesthetic",
    title: "NIMA MobileNet, aesthetic: how good the picture looks, as votes from 1 to 10",
    task: Task::Quality,
    family: "nima",
    version: "nima_mobilenet_aesthetic@1",
    pack: Pack::Lite,
    licence: "Apache-2.0",
    commercial: true,
    note: "trained on votes of the AVA data set, collected for research",
    parts: &[Part {
        role: "graph",
        pins: &[
            Pin {
                name: "nima_aesthetic_mobilenet.onnx",
                format: Format::Onnx,
                bytes: Some(3_322_213),
                sha256: "3eeeda68daf02c5922acd7a6bf8654be533e3d58468520e3003205c89e9ed501",
                url: None,
            },
            Pin {
                name: "nima_aesthetic_mobilenet.tflite",
                format: Format::TfLite { more: &[] },
                bytes: Some(3_390_960),
                sha256: "fb110d0f14deab549e14b5ac9a89218b31aeb369ee4b98407e4e74f2d768739f",
                url: Some(
                    "https://raw.githubusercontent.com/MichaelLedger/image-quality-assessment-exercise/db0a65ad26586e58ffd1293b0780e0dd1e52634d/TensorFlow-Lite-implementation-of-Google-NIMA/aesthetic_model.tflite",
                ),
            },
        ],
    }],
};

pub(super) const NIMA_TECHNICAL: ModelRow = ModelRow {
    id: "nima-technical",
    title: "NIMA MobileNet, technical: how good it is technically, as votes from 1 to 10",
    task: Task::Quality,
    family: "nima",
    version: "nima_mobilenet_technical@1",
    pack: Pack::Lite,
    licence: "Apache-2.0",
    commercial: true,
    note: "trained on votes of the TID2013 data set, collected for research",
    parts: &[Part {
        role: "graph",
        pins: &[
            Pin {
                name: "nima_technical_mobilenet.onnx",
                format: Format::Onnx,
                bytes: Some(3_323_252),
                sha256: "1abd027ea9cbe4cecc842065a853ee72fe4693df609deede542e1196ac846d0c",
                url: None,
            },
            Pin {
                name: "nima_technical_mobilenet.tflite",
                format: Format::TfLite { more: &[] },
                bytes: Some(3_391_248),
                sha256: "c5ed895dcd58ac0e23b9057118c184cd3a9ee78182547ac8ebaf7492ab9f52f2",
                url: Some(
                    "https://raw.githubusercontent.com/MichaelLedger/image-quality-assessment-exercise/db0a65ad26586e58ffd1293b0780e0dd1e52634d/TensorFlow-Lite-implementation-of-Google-NIMA/technical_model.tflite",
                ),
            },
        ],
    }],
};

pub(super) const YOLOX_NANO: ModelRow = ModelRow {
    id: "yolox-nano",
    title: "YOLOX-nano: 80 kinds of objects with boxes",
    task: Task::Objects,
    family: "yolox",
    version: "yolox_nano@1",
    pack: Pack::Lite,
    licence: "Apache-2.0",
    commercial: true,
    note: "",
    parts: &[Part {
        role: "graph",
        pins: &[Pin {
            name: "yolox_nano.onnx",
            format: Format::Onnx,
            bytes: Some(3_660_102),
            sha256: "e7a3e6f6b6a04da5e86408b7199b4e9bc6ec1c5ca2df1e77609004911e593f0d",
            url: Some(
                "https://raw.githubusercontent.com/DefTruth/lite.ai.toolkit/6c3243b6f9a68d68ea284213dce7de9fdd5d3520/examples/hub/onnx/cv/yolox_nano.onnx",
            ),
        }],
    }],
};

pub(super) const DINOV2_SMALL: ModelRow = ModelRow {
    id: "dinov2-small",
    title: "DINOv2-small, int8: a vector of 384 numbers of how a picture looks",
    task: Task::Embedding,
    family: "dino",
    version: "dinov2_small_int8@1",
    pack: Pack::Quality,
    licence: "Apache-2.0",
    commercial: true,
    note: "",
    parts: &[Part {
        role: "graph",
        pins: &[Pin {
            name: "dinov2_small_int8.onnx",
            format: Format::Onnx,
            bytes: Some(24_446_700),
            sha256: "c179f8f7f592449c4c1bca4cd124a7538021428c5ffb89afde9503935b197efb",
            url: Some(
                "https://huggingface.co/onnx-community/dinov2-small/resolve/8b1f705a3a7f6f062f6bdd21986c1583d3ef105d/onnx/model_quantized.onnx",
            ),
        }],
    }],
};

pub(super) const LAION_AESTHETIC_B32: ModelRow = ModelRow {
    id: "laion-aesthetic-b32",
    title: "LAION aesthetic score over CLIP ViT-B/32 vectors",
    task: Task::Quality,
    family: "clip",
    version: "laion_sa04_vit_b32@1",
    pack: Pack::Quality,
    licence: "MIT",
    commercial: true,
    note: "converted from the published weights, so that only a mirror has this file",
    parts: &[Part {
        role: "graph",
        pins: &[Pin {
            name: "laion_sa_0_4_vit_b_32_linear.onnx",
            format: Format::Onnx,
            bytes: Some(2_272),
            sha256: "7ce3a9cb8dc9dab27b62983ff46322324ea038112dac3e9482dea3bab9e01379",
            url: None,
        }],
    }],
};
