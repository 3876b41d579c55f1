//! Pictures and words in one space.

use crate::table::{Format, ModelRow, Pack, Part, Pin, Task};

/// Shared by several rows.
const CLIP_VIT_B32_TOKENIZER: Pin = Pin {
    name: "clip_vit_b32_tokenizer.json",
    format: Format::Data,
    bytes: Some(2_224_119),
    sha256: "f7f3b7af117d467b58374797691a6438d3e6b9e9cef800dfd5dced7f697a90cd",
    url: Some(
        "https://huggingface.co/Xenova/clip-vit-base-patch32/resolve/d15189d7028b43f1d3e65039190477f6af591c2a/tokenizer.json",
    ),
};

/// Shared by several rows.
const BPE_SIMPLE_VOCAB_16E6_TXT: Pin = Pin {
    name: "bpe_simple_vocab_16e6.txt.gz",
    format: Format::Data,
    bytes: Some(1_356_917),
    sha256: "924691ac288e54409236115652ad4aa250f48203de50a9e4722a6ecd48d6804a",
    url: Some("https://raw.githubusercontent.com/openai/CLIP/main/clip/bpe_simple_vocab_16e6.txt.gz"),
};

pub(super) const TINYCLIP: ModelRow = ModelRow {
    id: "tinyclip",
    title: "TinyCLIP 8M/3M, int8: pictures and words in one space of 512 numbers",
    task: Task::ImageText,
    family: "clip",
    version: "tinyclip_vit_8m_16_int8@1",
    pack: Pack::Lite,
    licence: "MIT",
    commercial: true,
    note: "",
    parts: &[
        Part {
            role: "graph",
            pins: &[Pin {
                name: "tinyclip_8m_3m_int8.onnx",
                format: Format::Onnx,
                bytes: Some(24_683_626),
                sha256: "844d1a46ab18acf50c989e541b12fe3b6dc7f8d6004725b4e992d142788e0600",
                url: Some(
                    "https://huggingface.co/onnx-community/TinyCLIP-ViT-8M-16-Text-3M-YFCC15M-ONNX/resolve/9463a9c508a344c837ffefe9d724f3827bf2dc79/onnx/model_int8.onnx",
                ),
            }],
        },
        Part {
            role: "tokenizer",
            pins: &[Pin {
                name: "tinyclip_tokenizer.json",
                format: Format::Data,
                bytes: None,
                sha256: "6d9109cc838977f3ca94a379eec36aecc7c807e1785cd729660ca2fc0171fb35",
                url: Some(
                    "https://huggingface.co/onnx-community/TinyCLIP-ViT-8M-16-Text-3M-YFCC15M-ONNX/resolve/9463a9c508a344c837ffefe9d724f3827bf2dc79/tokenizer.json",
                ),
            }],
        },
    ],
};

pub(super) const CLIP_VIT_B32_INT8: ModelRow = ModelRow {
    id: "clip-vit-b32-int8",
    title: "CLIP ViT-B/32, int8: pictures and words in one space of 512 numbers",
    task: Task::ImageText,
    family: "clip",
    version: "clip_vit_b32_int8@1",
    pack: Pack::Quality,
    licence: "MIT",
    commercial: true,
    note: "",
    parts: &[
        Part {
            role: "image",
            pins: &[Pin {
                name: "clip_vit_b32_vision_int8.onnx",
                format: Format::Onnx,
                bytes: Some(89_117_001),
                sha256: "583fd1110a514667812fee7d684952aaf82a99b959760c8d7dca7e0ab9839299",
                url: Some(
                    "https://huggingface.co/Xenova/clip-vit-base-patch32/resolve/d15189d7028b43f1d3e65039190477f6af591c2a/onnx/vision_model_quantized.onnx",
                ),
            }],
        },
        Part {
            role: "text",
            pins: &[Pin {
                name: "clip_vit_b32_text_int8.onnx",
                format: Format::Onnx,
                bytes: Some(64_504_507),
                sha256: "73baab855d406190da9faa498cfedf65f15cf309f4cc7385b7b032e6d08e5c3a",
                url: Some(
                    "https://huggingface.co/Xenova/clip-vit-base-patch32/resolve/d15189d7028b43f1d3e65039190477f6af591c2a/onnx/text_model_quantized.onnx",
                ),
            }],
        },
        Part { role: "tokenizer", pins: &[CLIP_VIT_B32_TOKENIZER, BPE_SIMPLE_VOCAB_16E6_TXT] },
    ],
};

pub(super) const CLIP_VIT_B32: ModelRow = ModelRow {
    id: "clip-vit-b32",
    title: "CLIP ViT-B/32, full precision: pictures and words in one space of 512 numbers",
    task: Task::ImageText,
    family: "clip",
    version: "clip_vit_b32@1",
    pack: Pack::Quality,
    licence: "MIT",
    commercial: true,
    note: "",
    parts: &[
        Part {
            role: "image",
            pins: &[Pin {
                name: "clip_vit_b32_vision.onnx",
                format: Format::Onnx,
                bytes: None,
                sha256: "fd6e1402a588279d1723c7534d4bcba5bc0b14b47dfab0e46f8c47b8270d7d40",
                url: Some(
                    "https://huggingface.co/Xenova/clip-vit-base-patch32/resolve/d15189d7028b43f1d3e65039190477f6af591c2a/onnx/vision_model.onnx",
                ),
            }],
        },
        Part {
            role: "text",
            pins: &[Pin {
                name: "clip_vit_b32_text.onnx",
                format: Format::Onnx,
                bytes: None,
                sha256: "3f6571f5bad13a97c469c1622e1cfc4d9aef78b79fdbfcff804ca357bfada8cc",
                url: Some(
                    "https://huggingface.co/Xenova/clip-vit-base-patch32/resolve/d15189d7028b43f1d3e65039190477f6af591c2a/onnx/text_model.onnx",
                ),
            }],
        },
        Part { role: "tokenizer", pins: &[CLIP_VIT_B32_TOKENIZER, BPE_SIMPLE_VOCAB_16E6_TXT] },
    ],
};

pub(super) const SIGLIP_B16: ModelRow = ModelRow {
    id: "siglip-b16",
    title: "SigLIP B/16 at 224 px, int8 pictures and full-precision words: one space of 768 numbers",
    task: Task::ImageText,
    family: "siglip",
    version: "siglip_b16_224@1",
    pack: Pack::Quality,
    licence: "Apache-2.0",
    commercial: true,
    note: "",
    parts: &[
        Part {
            role: "image",
            pins: &[Pin {
                name: "siglip_b16_224_vision_int8.onnx",
                format: Format::Onnx,
                bytes: Some(99_499_129),
                sha256: "ef14a954f3d57e1806666432bd9785004c1dc27100aa260eee0cb0f10a5de058",
                url: Some(
                    "https://huggingface.co/Xenova/siglip-base-patch16-224/resolve/4649052661e53c7000355844105f8a1792088239/onnx/vision_model_quantized.onnx",
                ),
            }],
        },
        Part {
            role: "text",
            pins: &[Pin {
                name: "siglip_b16_224_text.onnx",
                format: Format::Onnx,
                bytes: Some(441_332_132),
                sha256: "3aa7fdbd20eaa8740cce17bf82913de641fcb632a768fed59f661cdcd0c32553",
                url: Some(
                    "https://huggingface.co/Xenova/siglip-base-patch16-224/resolve/4649052661e53c7000355844105f8a1792088239/onnx/text_model.onnx",
                ),
            }],
        },
        Part {
            role: "tokenizer",
            pins: &[Pin {
                name: "siglip_b16_224_tokenizer.json",
                format: Format::Data,
                bytes: Some(2_398_744),
                sha256: "4a17c975210be5ab4c36b47d8dae4eefb866dbfb1e676e394aad85dc30a3ae08",
                url: Some(
                    "https://huggingface.co/Xenova/siglip-base-patch16-224/resolve/4649052661e53c7000355844105f8a1792088239/tokenizer.json",
                ),
            }],
        },
    ],
};

pub(super) const MOBILECLIP_S0: ModelRow = ModelRow {
    id: "mobileclip-s0",
    title: "MobileCLIP-S0: pictures and words in one space of 512 numbers",
    task: Task::ImageText,
    family: "mobileclip",
    version: "mobileclip_s0@1",
    pack: Pack::Research,
    licence: "Apple AMLR (research only)",
    commercial: false,
    note: "",
    parts: &[
        Part {
            role: "image",
            pins: &[Pin {
                name: "mobileclip_s0_vision.onnx",
                format: Format::Onnx,
                bytes: Some(45_543_630),
                sha256: "17d3c037b1d488c10c50e09f6009ea5a198caef4e0e8f4ea5617b7cb2d067ac0",
                url: Some(
                    "https://huggingface.co/Xenova/mobileclip_s0/resolve/757d59c9c6870a76a4b0306f05f5061bca15c39f/onnx/vision_model.onnx",
                ),
            }],
        },
        Part {
            role: "text",
            pins: &[Pin {
                name: "mobileclip_s0_text_int8.onnx",
                format: Format::Onnx,
                bytes: Some(42_799_230),
                sha256: "fc8d87978623385c17a46331ffb9cb5ab7fe8b61c513c094602b85f08edd0a0b",
                url: Some(
                    "https://huggingface.co/Xenova/mobileclip_s0/resolve/757d59c9c6870a76a4b0306f05f5061bca15c39f/onnx/text_model_quantized.onnx",
                ),
            }],
        },
        Part {
            role: "tokenizer",
            pins: &[Pin {
                name: "mobileclip_s0_tokenizer.json",
                format: Format::Data,
                bytes: None,
                sha256: "72ed5c96db5729294468543e4bc75fce14ca63f58e37300290189ba1c1e52b85",
                url: Some(
                    "https://huggingface.co/Xenova/mobileclip_s0/resolve/757d59c9c6870a76a4b0306f05f5061bca15c39f/tokenizer.json",
                ),
            }],
        },
    ],
};
