//! The rows. Hashes are the publisher's own or were computed from the bytes; the lengths of a few large files are not
//! known and are learnt when they are fetched.

use super::{Format, ModelRow, Pack, Part, Pin, Task};

/// Every model that can be used, in the order in which lists show them.
pub const MODELS: &[ModelRow] = &[
    ModelRow {
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
                        format: Format::TfLite,
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
    },
    ModelRow {
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
                    format: Format::TfLite,
                    bytes: Some(3_390_960),
                    sha256: "fb110d0f14deab549e14b5ac9a89218b31aeb369ee4b98407e4e74f2d768739f",
                    url: Some(
                        "https://raw.githubusercontent.com/MichaelLedger/image-quality-assessment-exercise/db0a65ad26586e58ffd1293b0780e0dd1e52634d/TensorFlow-Lite-implementation-of-Google-NIMA/aesthetic_model.tflite",
                    ),
                },
            ],
        }],
    },
    ModelRow {
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
                    format: Format::TfLite,
                    bytes: Some(3_391_248),
                    sha256: "c5ed895dcd58ac0e23b9057118c184cd3a9ee78182547ac8ebaf7492ab9f52f2",
                    url: Some(
                        "https://raw.githubusercontent.com/MichaelLedger/image-quality-assessment-exercise/db0a65ad26586e58ffd1293b0780e0dd1e52634d/TensorFlow-Lite-implementation-of-Google-NIMA/technical_model.tflite",
                    ),
                },
            ],
        }],
    },
    ModelRow {
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
    },
    ModelRow {
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
            Part {
                role: "recognition",
                pins: &[
                    Pin {
                        name: "ppocrv6_tiny_rec.onnx",
                        format: Format::Onnx,
                        bytes: Some(4_431_314),
                        sha256: "aaebaa79459f4f03f20cc0376037c8e116d76cf8a699195aa6c17e18f2648614",
                        url: None,
                    },
                    Pin {
                        name: "ppocrv6_tiny_rec_fp32.onnx",
                        format: Format::Onnx,
                        bytes: Some(4_462_639),
                        sha256: "9ef676d6ed3c88256a2d92c640c44f25b0c40947e111b14b8be8f594091563e6",
                        url: Some(
                            "https://huggingface.co/PaddlePaddle/PP-OCRv6_tiny_rec_onnx/resolve/main/inference.onnx",
                        ),
                    },
                ],
            },
            Part {
                role: "characters",
                pins: &[Pin {
                    name: "ppocrv6_tiny_keys.txt",
                    format: Format::Data,
                    bytes: Some(27_156),
                    sha256: "c5cbe34ef40c29c4df07ed012bf96569cb69a2d2a01a07027e9f13cb832bd9cd",
                    url: Some(
                        "https://raw.githubusercontent.com/PaddlePaddle/PaddleOCR/2661c7c0ef5c613e8f93c6e93b2e052399f0f854/ppocr/utils/dict/ppocrv6_tiny_dict.txt",
                    ),
                }],
            },
        ],
    },
    ModelRow {
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
            Part {
                role: "recognition",
                pins: &[
                    Pin {
                        name: "ppocrv6_tiny_rec.onnx",
                        format: Format::Onnx,
                        bytes: Some(4_431_314),
                        sha256: "aaebaa79459f4f03f20cc0376037c8e116d76cf8a699195aa6c17e18f2648614",
                        url: None,
                    },
                    Pin {
                        name: "ppocrv6_tiny_rec_fp32.onnx",
                        format: Format::Onnx,
                        bytes: Some(4_462_639),
                        sha256: "9ef676d6ed3c88256a2d92c640c44f25b0c40947e111b14b8be8f594091563e6",
                        url: Some(
                            "https://huggingface.co/PaddlePaddle/PP-OCRv6_tiny_rec_onnx/resolve/main/inference.onnx",
                        ),
                    },
                ],
            },
            Part {
                role: "characters",
                pins: &[Pin {
                    name: "ppocrv6_tiny_keys.txt",
                    format: Format::Data,
                    bytes: Some(27_156),
                    sha256: "c5cbe34ef40c29c4df07ed012bf96569cb69a2d2a01a07027e9f13cb832bd9cd",
                    url: Some(
                        "https://raw.githubusercontent.com/PaddlePaddle/PaddleOCR/2661c7c0ef5c613e8f93c6e93b2e052399f0f854/ppocr/utils/dict/ppocrv6_tiny_dict.txt",
                    ),
                }],
            },
        ],
    },
    ModelRow {
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
    },
    ModelRow {
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
    },
    ModelRow {
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
            Part {
                role: "tokenizer",
                pins: &[
                    Pin {
                        name: "clip_vit_b32_tokenizer.json",
                        format: Format::Data,
                        bytes: Some(2_224_119),
                        sha256: "f7f3b7af117d467b58374797691a6438d3e6b9e9cef800dfd5dced7f697a90cd",
                        url: Some(
                            "https://huggingface.co/Xenova/clip-vit-base-patch32/resolve/d15189d7028b43f1d3e65039190477f6af591c2a/tokenizer.json",
                        ),
                    },
                    Pin {
                        name: "bpe_simple_vocab_16e6.txt.gz",
                        format: Format::Data,
                        bytes: Some(1_356_917),
                        sha256: "924691ac288e54409236115652ad4aa250f48203de50a9e4722a6ecd48d6804a",
                        url: Some(
                            "https://raw.githubusercontent.com/openai/CLIP/main/clip/bpe_simple_vocab_16e6.txt.gz",
                        ),
                    },
                ],
            },
        ],
    },
    ModelRow {
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
            Part {
                role: "tokenizer",
                pins: &[
                    Pin {
                        name: "clip_vit_b32_tokenizer.json",
                        format: Format::Data,
                        bytes: Some(2_224_119),
                        sha256: "f7f3b7af117d467b58374797691a6438d3e6b9e9cef800dfd5dced7f697a90cd",
                        url: Some(
                            "https://huggingface.co/Xenova/clip-vit-base-patch32/resolve/d15189d7028b43f1d3e65039190477f6af591c2a/tokenizer.json",
                        ),
                    },
                    Pin {
                        name: "bpe_simple_vocab_16e6.txt.gz",
                        format: Format::Data,
                        bytes: Some(1_356_917),
                        sha256: "924691ac288e54409236115652ad4aa250f48203de50a9e4722a6ecd48d6804a",
                        url: Some(
                            "https://raw.githubusercontent.com/openai/CLIP/main/clip/bpe_simple_vocab_16e6.txt.gz",
                        ),
                    },
                ],
            },
        ],
    },
    ModelRow {
        id: "siglip-b16",
        title: "SigLIP B/16 at 224 px, int8 pictures and full-precision words: one space of 768 numbers",
        task: Task::ImageText,
        family: "clip",
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
    },
    ModelRow {
        id: "mobileclip-s0",
        title: "MobileCLIP-S0: pictures and words in one space of 512 numbers",
        task: Task::ImageText,
        family: "clip",
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
    },
    ModelRow {
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
    },
    ModelRow {
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
    },
    ModelRow {
        id: "blip-base",
        title: "BLIP base: an English sentence about the picture",
        task: Task::Caption,
        family: "blip",
        version: "blip_base@1",
        pack: Pack::Quality,
        licence: "BSD-3-Clause",
        commercial: true,
        note: "its publisher offers PyTorch weights only: the graphs are exported from them once",
        parts: &[
            Part {
                role: "weights",
                pins: &[Pin {
                    name: "blip_base_pytorch_model.bin",
                    format: Format::PyTorch,
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
    },
    ModelRow {
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
    },
    ModelRow {
        id: "yunet",
        title: "YuNet 2026may: faces with boxes and five points",
        task: Task::FaceDetection,
        family: "yunet",
        version: "yunet_2026may@1",
        pack: Pack::Lite,
        licence: "MIT",
        commercial: true,
        note: "",
        parts: &[Part {
            role: "graph",
            pins: &[Pin {
                name: "face_detection_yunet_2026may.onnx",
                format: Format::Onnx,
                bytes: Some(229_738),
                sha256: "ebafce4e3c118d6554634be5c27ab333b4c047a9a8c3faf1d7cf93101c22f0f0",
                url: Some(
                    "https://media.githubusercontent.com/media/opencv/opencv_zoo/main/models/face_detection_yunet/face_detection_yunet_2026may.onnx",
                ),
            }],
        }],
    },
    ModelRow {
        id: "mobilefacenet",
        title: "MobileFaceNet: a vector of 128 numbers of whose face it is",
        task: Task::FaceIdentity,
        family: "mobilefacenet",
        version: "mobilefacenet_128@1",
        pack: Pack::Lite,
        licence: "Apache-2.0",
        commercial: true,
        note: "trained on refined MS-Celeb-1M, a data set that was withdrawn: check before shipping a product with it",
        parts: &[Part {
            role: "graph",
            pins: &[Pin {
                name: "mobilefacenet_foamliu_128.onnx",
                format: Format::Onnx,
                bytes: Some(3_998_070),
                sha256: "b7120c095d60094f28a4a54ba6a8bf51b297a6273fb40ef6350dfec1f63d9507",
                url: Some(
                    "https://raw.githubusercontent.com/foamliu/MobileFaceNet/22d3e78287c70e23cf2f5b6a6a92594008831a7f/weights/MobileFaceNet.onnx",
                ),
            }],
        }],
    },
    ModelRow {
        id: "sface",
        title: "SFace: a vector of 128 numbers of whose face it is",
        task: Task::FaceIdentity,
        family: "sface",
        version: "sface_2021dec@1",
        pack: Pack::Quality,
        licence: "Apache-2.0",
        commercial: true,
        note: "",
        parts: &[Part {
            role: "graph",
            pins: &[Pin {
                name: "face_recognition_sface_2021dec.onnx",
                format: Format::Onnx,
                bytes: Some(38_696_353),
                sha256: "0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
                url: Some(
                    "https://media.githubusercontent.com/media/opencv/opencv_zoo/main/models/face_recognition_sface/face_recognition_sface_2021dec.onnx",
                ),
            }],
        }],
    },
    ModelRow {
        id: "mediapipe-face",
        title: "MediaPipe face landmarks: 478 points and 52 expressions",
        task: Task::FaceLandmarks,
        family: "face_landmarks",
        version: "mediapipe_face_landmarker@1",
        pack: Pack::Lite,
        licence: "Apache-2.0",
        commercial: true,
        note: "",
        parts: &[
            Part {
                role: "landmarks",
                pins: &[
                    Pin {
                        name: "mediapipe_face_landmarks_478.onnx",
                        format: Format::Onnx,
                        bytes: Some(4_920_997),
                        sha256: "715cdb4453a6945e8d2da841ae702ac6e1f9c11db4351f99f6c7576806ed35cf",
                        url: None,
                    },
                    Pin {
                        name: "face_landmarker.task",
                        format: Format::Task,
                        bytes: Some(3_758_596),
                        sha256: "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
                        url: Some(
                            "https://storage.googleapis.com/mediapipe-models/face_landmarker/face_landmarker/float16/1/face_landmarker.task",
                        ),
                    },
                ],
            },
            Part {
                role: "expressions",
                pins: &[
                    Pin {
                        name: "mediapipe_face_blendshapes_52.onnx",
                        format: Format::Onnx,
                        bytes: Some(1_883_810),
                        sha256: "b24eb26d31d4be63258e9c6dc3a42dfc336ab71b3177bac01cda0568e07b0e03",
                        url: None,
                    },
                    Pin {
                        name: "face_landmarker.task",
                        format: Format::Task,
                        bytes: Some(3_758_596),
                        sha256: "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
                        url: Some(
                            "https://storage.googleapis.com/mediapipe-models/face_landmarker/face_landmarker/float16/1/face_landmarker.task",
                        ),
                    },
                ],
            },
        ],
    },
    ModelRow {
        id: "fsanet",
        title: "FSA-Net pair: yaw, pitch and roll of a head",
        task: Task::HeadPose,
        family: "fsanet",
        version: "fsanet_pair@1",
        pack: Pack::Lite,
        licence: "MIT",
        commercial: true,
        note: "trained on 300W-LP, a data set for research",
        parts: &[
            Part {
                role: "plain",
                pins: &[Pin {
                    name: "fsanet-1x1-iter-688590.onnx",
                    format: Format::Onnx,
                    bytes: Some(1_247_488),
                    sha256: "d85e90cb4b9d3a87e81bbfdcfcd130cbe0e175407042e439a570aa396c44eda6",
                    url: Some(
                        "https://raw.githubusercontent.com/omasaht/headpose-fsanet-pytorch/master/pretrained/fsanet-1x1-iter-688590.onnx",
                    ),
                }],
            },
            Part {
                role: "variance",
                pins: &[Pin {
                    name: "fsanet-var-iter-688590.onnx",
                    format: Format::Onnx,
                    bytes: Some(1_246_963),
                    sha256: "2877b1db98e3dc66468e90df8db4a21059facd1c3f107af91c6d4fe6476a03e1",
                    url: Some(
                        "https://raw.githubusercontent.com/omasaht/headpose-fsanet-pytorch/master/pretrained/fsanet-var-iter-688590.onnx",
                    ),
                }],
            },
        ],
    },
    ModelRow {
        id: "scrfd-500m",
        title: "SCRFD 500M: faces with boxes and five points",
        task: Task::FaceDetection,
        family: "scrfd",
        version: "scrfd_500m@1",
        pack: Pack::Research,
        licence: "InsightFace (non-commercial research only)",
        commercial: false,
        note: "the publisher offers it inside an archive, so that only a mirror has this file",
        parts: &[Part {
            role: "graph",
            pins: &[Pin {
                name: "scrfd_det_500m.onnx",
                format: Format::Onnx,
                bytes: Some(2_524_817),
                sha256: "5e4447f50245bbd7966bd6c0fa52938c61474a04ec7def48753668a9d8b4ea3a",
                url: None,
            }],
        }],
    },
];
