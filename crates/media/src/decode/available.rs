//! What can be decoded here: by what was built in, and by what was found on this machine.

use std::sync::OnceLock;

use super::{film, heif, jpeg_backend};

/// The version of the decoders that are built in. It rises when they learn to read more files.
const BUILT_IN: &str = "media@2";

/// The set of decoders of this program on this machine. It is kept with pictures that none of them could decode, so
/// that they are tried again once the set is another one: after an update, or after `libheif` or `ffmpeg` was
/// installed.
pub fn decoders() -> &'static str {
    static SET: OnceLock<String> = OnceLock::new();
    SET.get_or_init(|| {
        let mut set = BUILT_IN.to_owned();
        if let Some((version, hevc, av1)) = heif::installed() {
            let only = match (hevc, av1) {
                (true, true) => "",
                (true, false) => "-hevc",
                (false, true) => "-av1",
                (false, false) => "-none",
            };
            set.extend(["+heif-", version, only]);
        }
        if let Some(ffmpeg) = film::installed() {
            set.extend(["+ffmpeg-", &ffmpeg.version]);
        }
        set
    })
}

/// One decoder, whether it is here or not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecoderInfo {
    /// Its name.
    pub name: &'static str,
    /// What it decodes, for people.
    pub formats: &'static str,
    /// Its version; `None` when it is not here.
    pub version: Option<String>,
    /// How to get it, when it is not here.
    pub how_to_get: Option<String>,
}

/// Every decoder that this program knows to use, present or not.
pub fn available_decoders() -> Vec<DecoderInfo> {
    let built_in =
        |name, formats| DecoderInfo { name, formats, version: Some("built in".to_owned()), how_to_get: None };
    let found = |name, formats, version: Option<String>, how: &str| DecoderInfo {
        name,
        formats,
        how_to_get: version.is_none().then(|| how.to_owned()),
        version,
    };
    let heif = heif::installed();
    let version_if = |wanted: fn(bool, bool) -> bool| {
        heif.filter(|&(_version, hevc, av1)| wanted(hevc, av1)).map(|(version, ..)| version.to_owned())
    };
    let how = |coding: &str| match heif {
        Some((version, ..)) => {
            format!(
                "libheif {version} is installed without its decoder for {coding}: {}",
                heif::plugin(coding)
            )
        }
        None => heif::HOW_TO_GET.to_owned(),
    };
    vec![
        built_in(jpeg_backend(), "JPEG, and the previews in raw files"),
        built_in("image", "PNG, WebP, GIF, TIFF, BMP"),
        built_in("jxl-oxide", "JPEG XL"),
        built_in("hayro-jpeg2000", "JPEG 2000"),
        built_in("photoshop", "PSD and PSB: the merged picture"),
        found("libheif (HEVC)", "HEIC and HEIF", version_if(|hevc, _| hevc), &how("HEVC")),
        found("libheif (AV1)", "AVIF", version_if(|_, av1| av1), &how("AV1")),
        found(
            "ffmpeg",
            "films (one frame)",
            film::installed().map(|ffmpeg| ffmpeg.version.clone()),
            film::HOW_TO_GET,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_here_says_how_to_get_it() {
        let all = available_decoders();
        for decoder in &all {
            assert_ne!(decoder.version.is_some(), decoder.how_to_get.is_some(), "{decoder:?}");
        }
        let has = |name: &str| all.iter().any(|decoder| decoder.name == name && decoder.version.is_some());
        assert_eq!(decoders().contains("+ffmpeg"), has("ffmpeg"));
        assert_eq!(decoders().contains("+heif"), heif::installed().is_some());
        assert!(decoders().starts_with(BUILT_IN));
    }
}
