//! Sentences about pictures.

use crate::table::{Format, ModelRow, Pack, Part, Pin, Task};

pub(super) const VIT_GPT2: ModelRow = ModelRow {
    id: "vit-gpt2",
    title: "ViT-GPT2, int8: an English sentence about the picture",
    task: Task::Caption,
    family: "vit_gpt2",
    version: "vit_gpt2_int8@1",
    pack: Pack::Quality,
    licence: "Apache-2.0",
    commercial: true,
    note: "",
    parts: &[
        Part {
            role: "encoder",
            pins: &[Pin {
                name: "vit_gpt2_encoder_int8.onnx",
                format: Format::Onnx,
                bytes: None,
                sha256: "6f6e2e27c11303cf533682184543333e7ecb930a734197a0272a1e408aba2766",
                url: Some(
                    "https://huggingface.co/Xenova/vit-gpt2-image-captioning/resolve/main/onnx/encoder_model_quantized.onnx",
                ),
            }],
        },
        Part {
            role: "decoder",
            pins: &[Pin {
                name: "vit_gpt2_decoder_merged_int8.onnx",
                format: Format::Onnx,
                bytes: None,
                sha256: "1f3ec53b5fc3614c0b54ee786755a7ec3007841f57543f8e241499edfadfa98f",
                url: Some(
                    "https://huggingface.co/Xenova/vit-gpt2-image-captioning/resolve/main/onnx/decoder_model_merged_quantized.onnx",
                ),
            }],
        },
        Part {
            role: "tokenizer",
            pins: &[
                Pin {
                    name: "vit_gpt2_tokenizer.json",
                    format: Format::Data,
                    bytes: None,
                    sha256: "6e785cd4f004c9291dadeba7d8d1c2871318d368a1cfcd416c0571dcd8f11413",
                    url: Some(
                        "https://huggingface.co/Xenova/vit-gpt2-image-captioning/resolve/main/tokenizer.json",
                    ),
                },
                Pin {
                    name: "vit_gpt2_vocab.json",
                    format: Format::Data,
                    bytes: None,
                    sha256: "3ba3c3109ff33976c4bd966589c11ee14fcaa1f4c9e5e154c2ed7f99d80709e7",
                    url: Some(
                        "https://huggingface.co/Xenova/vit-gpt2-image-captioning/resolve/main/vocab.json",
                    ),
                },
            ],
        },
    ],
};

pub(super) const BLIP_BASE: ModelRow = ModelRow {
    id: "blip-base",
    title: "BLIP base: an English sentence about the picture",
    task: Task::Caption,
    family: "blip",
    version: "blip_base@1",
    pack: Pack::Quality,
    licence: "BSD-3-Clause",
    commercial: true,
    note: "its publisher offers PyTorch weights only: export the graphs once with scripts/export_blip.py, then pull it",
    parts: &[
        Part {
            role: "weights",
            pins: &[Pin {
                name: "blip_base_pytorch_model.bin",
                format: Format::PyTorch {
                    graphs: &[
                        ("encoder", "encoder.onnx"),
                        ("decoder", "decoder.onnx"),
                        ("decoder_next", "decoder_next.onnx"),
                    ],
                },
                bytes: Some(989_820_849),
                sha256: "d6638651a5526cc2ede56f2b5104d6851b0755816d220e5e046870430180c767",
                url: Some(
                    "https://huggingface.co/Salesforce/blip-image-captioning-base/resolve/82a37760796d32b1411fe092ab5d4e227313294b/pytorch_model.bin",
                ),
            }],
        },
        Part {
            role: "tokenizer",
            pins: &[Pin {
                name: "blip_base_tokenizer.json",
                format: Format::Data,
                bytes: Some(711_396),
                sha256: "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66",
                url: Some(
                    "https://huggingface.co/Salesforce/blip-image-captioning-base/resolve/82a37760796d32b1411fe092ab5d4e227313294b/tokenizer.json",
                ),
            }],
        },
    ],
};
