//! The rows. Hashes are the publisher's own or were computed from the bytes; the lengths of a few large files are not
//! known and are learnt when they are fetched.

mod caption;
mod faces;
mod image_text;
mod pictures;
mod text;

use super::ModelRow;

/// Every model that can be used, in the order in which lists show them.
pub const MODELS: &[ModelRow] = &[
    pictures::MOBILENET_V2,
    pictures::NIMA_AESTHETIC,
    pictures::NIMA_TECHNICAL,
    pictures::YOLOX_NANO,
    text::PPOCR_V6_TINY,
    text::PPOCR_V3_TINY,
    text::PPOCR_V6_SMALL,
    image_text::TINYCLIP,
    image_text::CLIP_VIT_B32_INT8,
    image_text::CLIP_VIT_B32,
    image_text::SIGLIP_B16,
    image_text::MOBILECLIP_S0,
    pictures::DINOV2_SMALL,
    caption::VIT_GPT2,
    caption::BLIP_BASE,
    pictures::LAION_AESTHETIC_B32,
    faces::YUNET,
    faces::MOBILEFACENET,
    faces::SFACE,
    faces::MEDIAPIPE_FACE,
    faces::FSANET,
    faces::SCRFD_500M,
];
