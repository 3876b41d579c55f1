//! Text in pictures.

use crate::table::{Format, ModelRow, Pack, Part, Pin, Task};

/// Shared by several rows.
const PPOCRV6_TINY_REC: Pin = Pin {
    name: "ppocrv6_tiny_rec.onnx",
    format: Format::Onnx,
    bytes: Some(4_431_314),
    sha256: "aaebaa79459f4f03f20cc0376037c8e116d76cf8a699195aa6c17e18f2648614",
    url: None,
};

/// Shared by several rows.
const PPOCRV6_TINY_REC_FP32: Pin = Pin {
    name: "ppocrv6_tiny_rec_fp32.onnx",
    format: Format::Onnx,
    bytes: Some(4_462_639),
    sha256: "9ef676d6ed3c88256a2d92c640c44f25b0c40947e111b14b8be8f594091563e6",
    url: Some("https://huggingface.co/PaddlePaddle/PP-OCRv6_tiny_rec_onnx/resolve/main/inference.onnx"),
};

/// Shared by several rows.
const PPOCRV6_TINY_KEYS: Pin = Pin {
    name: "ppocrv6_tiny_keys.txt",
    format: Format::Data,
    bytes: Some(27_156),
    sha256: "c5cbe34ef40c29c4df07ed012bf96569cb69a2d2a01a07027e9f13cb832bd9cd",
    url: Some(
        "https://raw.githubusercontent.com/PaddlePaddle/PaddleOCR/2661c7c0ef5c613e8f93c6e93b2e052399f0f854/ppocr/utils/dict/ppocrv6_tiny_dict.txt",
    ),
};

pub(super) const PPOCR_V6_TINY: ModelRow = ModelRow {
    id: "ppocr-v6-tiny",
    title: "PP-OCRv6 tiny: finds and reads lines of text",
    task: Task::Text,
    family: "ocr",
    version: "ppocr_v6_tiny@1",
    pack: Pack::Lite,
    licence: "Apache-2.0",
    commercial: true,
    note: "",
    parts: &[
        Part {
            role: "detection",
            pins: &[Pin {
                name: "ppocrv6_tiny_det.onnx",
                format: Format::Onnx,
                bytes: Some(1_780_590),
                sha256: "193bab7a04fca699a6c82e6abb5b81bdb28177f0abd4062552b04908dafb19f8",
                url: Some(
                    "https://huggingface.co/PaddlePaddle/PP-OCRv6_tiny_det_onnx/resolve/main/inference.onnx",
                ),
            }],
        },
        Part { role: "recognition", pins: &[PPOCRV6_TINY_REC, PPOCRV6_TINY_REC_FP32] },
        Part { role: "characters", pins: &[PPOCRV6_TINY_KEYS] },
    ],
};

pub(super) const PPOCR_V3_TINY: ModelRow = ModelRow {
    id: "ppocr-v3-tiny",
    title: "PP-OCRv3 detection with PP-OCRv6 tiny recognition: finds small lines better",
    task: Task::Text,
    family: "ocr",
    version: "ppocr_v3_v6@1",
    pack: Pack::Lite,
    licence: "Apache-2.0",
    commercial: true,
    note: "",
    parts: &[
        Part {
            role: "detection",
            pins: &[Pin {
                name: "text_detection_ppocrv3_2023may.onnx",
                format: Format::Onnx,
                bytes: Some(2_423_490),
                sha256: "03f550c6b406fda8bf54bd8327815f6c7e2edd98cea02348c93d879254366587",
                url: Some(
                    "https://media.githubusercontent.com/media/opencv/opencv_zoo/main/models/text_detection_ppocr/text_detection_en_ppocrv3_2023may.onnx",
                ),
            }],
        },
        Part { role: "recognition", pins: &[PPOCRV6_TINY_REC, PPOCRV6_TINY_REC_FP32] },
        Part { role: "characters", pins: &[PPOCRV6_TINY_KEYS] },
    ],
};

pub(super) const PPOCR_V6_SMALL: ModelRow = ModelRow {
    id: "ppocr-v6-small",
    title: "PP-OCRv6 small: finds and reads lines of text, 18,708 characters",
    task: Task::Text,
    family: "ocr",
    version: "ppocr_v6_small@1",
    pack: Pack::Quality,
    licence: "Apache-2.0",
    commercial: true,
    note: "",
    parts: &[
        Part {
            role: "detection",
            pins: &[Pin {
                name: "ppocrv6_small_det.onnx",
                format: Format::Onnx,
                bytes: None,
                sha256: "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
                url: Some(
                    "https://www.modelscope.cn/models/RapidAI/RapidOCR/resolve/v3.9.2/onnx/PP-OCRv6/det/PP-OCRv6_det_small.onnx",
                ),
            }],
        },
        Part {
            role: "recognition",
            pins: &[Pin {
                name: "ppocrv6_small_rec.onnx",
                format: Format::Onnx,
                bytes: Some(21_234_383),
                sha256: "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
                url: Some(
                    "https://www.modelscope.cn/models/RapidAI/RapidOCR/resolve/v3.9.2/onnx/PP-OCRv6/rec/PP-OCRv6_rec_small.onnx",
                ),
            }],
        },
        Part {
            role: "characters",
            pins: &[Pin {
                name: "ppocrv6_dict.txt",
                format: Format::Data,
                bytes: Some(74_947),
                sha256: "b5f2bfe2bdd9448429e3e82b51c789775d9b42f2403d082b00662eb77e401c5d",
                url: Some(
                    "https://www.modelscope.cn/models/RapidAI/RapidOCR/resolve/v3.9.2/paddle/PP-OCRv6/rec/PP-OCRv6_rec_small/ppocrv6_dict.txt",
                ),
            }],
        },
    ],
};
