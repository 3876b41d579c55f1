//! Recognising formats by content.

use crate::bytes::{be32, le32};
use crate::metadata::tiff;

macro_rules! kinds {
    ($(#[$doc:meta])* $name:ident { $($variant:ident, $text:literal, $mime:literal, $help:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(#[doc = $help] $variant,)*
        }

        impl $name {
            fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            fn mime(self) -> &'static str {
                match self { $(Self::$variant => $mime),* }
            }
        }
    };
}

kinds! {
    /// The maker's format of a camera raw file.
    RawKind {
        Cr2, "cr2", "image/x-canon-cr2", "Canon, TIFF-based.";
        Cr3, "cr3", "image/x-canon-cr3", "Canon, ISO media-based.";
        Crw, "crw", "image/x-canon-crw", "Canon, CIFF heap.";
        Nef, "nef", "image/x-nikon-nef", "Nikon.";
        Arw, "arw", "image/x-sony-arw", "Sony.";
        Dng, "dng", "image/x-adobe-dng", "Adobe Digital Negative.";
        Raf, "raf", "image/x-fujifilm-raf", "Fujifilm.";
        Orf, "orf", "image/x-olympus-orf", "Olympus and OM System.";
        Rw2, "rw2", "image/x-panasonic-rw2", "Panasonic and Leica.";
        Pef, "pef", "image/x-pentax-pef", "Pentax and Ricoh.";
        Srw, "srw", "image/x-samsung-srw", "Samsung.";
        Mrw, "mrw", "image/x-minolta-mrw", "Minolta.";
        X3f, "x3f", "image/x-sigma-x3f", "Sigma.";
    }
}

kinds! {
    /// The container of a film.
    VideoKind {
        Mp4, "mp4", "video/mp4", "ISO base media.";
        Mov, "mov", "video/quicktime", "QuickTime.";
        ThreeGp, "3gp", "video/3gpp", "3GPP.";
        Avi, "avi", "video/x-msvideo", "RIFF AVI.";
        Matroska, "mkv", "video/x-matroska", "Matroska and WebM.";
        MpegTs, "mts", "video/mp2t", "MPEG transport stream (AVCHD).";
        MpegPs, "mpg", "video/mpeg", "MPEG program stream.";
        Asf, "wmv", "video/x-ms-wmv", "Windows Media.";
    }
}

/// What a file holds, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// JPEG.
    Jpeg,
    /// PNG, animated or not.
    Png,
    /// GIF.
    Gif,
    /// WebP.
    WebP,
    /// TIFF that is not a raw file.
    Tiff,
    /// Windows bitmap.
    Bmp,
    /// HEIF with HEVC or other coding.
    Heif,
    /// HEIF with AV1 coding.
    Avif,
    /// JPEG XL, bare or in a container.
    Jxl,
    /// JPEG 2000.
    Jp2,
    /// Photoshop.
    Psd,
    /// A camera raw file.
    Raw(RawKind),
    /// A film.
    Video(VideoKind),
}

impl Format {
    /// The format of a file from its first bytes (the first 64 KiB are more than enough, for TIFF-based raw files
    /// the directory must be among them). The name of the file plays no part.
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        let starts = |magic: &[u8]| bytes.starts_with(magic);
        let at =
            |offset: usize, magic: &[u8]| bytes.get(offset..).is_some_and(|rest| rest.starts_with(magic));
        if starts(&[0xFF, 0xD8, 0xFF]) {
            return Some(Self::Jpeg);
        }
        if starts(b"\x89PNG\r\n\x1a\n") {
            return Some(Self::Png);
        }
        if starts(b"GIF87a") || starts(b"GIF89a") {
            return Some(Self::Gif);
        }
        if starts(b"RIFF") || starts(b"RIFX") {
            return match bytes.get(8..12)? {
                b"WEBP" => Some(Self::WebP),
                b"AVI " | b"AVIX" => Some(Self::Video(VideoKind::Avi)),
                _ => None,
            };
        }
        if starts(b"BM") && plausible_bmp(bytes) {
            return Some(Self::Bmp);
        }
        if starts(b"8BPS\0\x01") || starts(b"8BPS\0\x02") {
            return Some(Self::Psd);
        }
        if starts(&[0xFF, 0x0A]) || starts(b"\0\0\0\x0cJXL \r\n\x87\n") {
            return Some(Self::Jxl);
        }
        if starts(b"\0\0\0\x0cjP  \r\n\x87\n") || starts(&[0xFF, 0x4F, 0xFF, 0x51]) {
            return Some(Self::Jp2);
        }
        if starts(b"FUJIFILMCCD-RAW") {
            return Some(Self::Raw(RawKind::Raf));
        }
        if starts(b"\0MRM") {
            return Some(Self::Raw(RawKind::Mrw));
        }
        if starts(b"FOVb") {
            return Some(Self::Raw(RawKind::X3f));
        }
        if at(6, b"HEAPCCDR") {
            return Some(Self::Raw(RawKind::Crw));
        }
        if starts(b"IIU\0") {
            return Some(Self::Raw(RawKind::Rw2));
        }
        if starts(b"IIRO") || starts(b"IIRS") || starts(b"MMOR") {
            return Some(Self::Raw(RawKind::Orf));
        }
        if starts(b"II*\0") || starts(b"MM\0*") || starts(b"II+\0\x08\0\0\0") || starts(b"MM\0+\0\x08\0\0") {
            return Some(tiff::flavour(bytes).map_or(Self::Tiff, Self::Raw));
        }
        if at(4, b"ftyp") {
            return brand(bytes);
        }
        if (at(4, b"moov") || at(4, b"mdat") || at(4, b"wide") || at(4, b"skip") || at(4, b"free"))
            && be32(bytes, 0).is_some_and(|size| size == 1 || size >= 8)
        {
            return Some(Self::Video(VideoKind::Mov));
        }
        if starts(&[0x1A, 0x45, 0xDF, 0xA3]) {
            return Some(Self::Video(VideoKind::Matroska));
        }
        if starts(&[0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11]) {
            return Some(Self::Video(VideoKind::Asf));
        }
        if starts(&[0, 0, 1, 0xBA]) || starts(&[0, 0, 1, 0xB3]) {
            return Some(Self::Video(VideoKind::MpegPs));
        }
        // Transport stream packets of 188 bytes (192 with AVCHD's time stamps) each start with 0x47.
        let sync = |first: usize, step: usize| (0..4).all(|i| bytes.get(first + i * step) == Some(&0x47));
        if sync(0, 188) || sync(4, 192) {
            return Some(Self::Video(VideoKind::MpegTs));
        }
        None
    }

    /// The format's short name, as its usual file extension.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::WebP => "webp",
            Self::Tiff => "tiff",
            Self::Bmp => "bmp",
            Self::Heif => "heic",
            Self::Avif => "avif",
            Self::Jxl => "jxl",
            Self::Jp2 => "jp2",
            Self::Psd => "psd",
            Self::Raw(kind) => kind.name(),
            Self::Video(kind) => kind.name(),
        }
    }

    /// The media type.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
            Self::Tiff => "image/tiff",
            Self::Bmp => "image/bmp",
            Self::Heif => "image/heic",
            Self::Avif => "image/avif",
            Self::Jxl => "image/jxl",
            Self::Jp2 => "image/jp2",
            Self::Psd => "image/vnd.adobe.photoshop",
            Self::Raw(kind) => kind.mime(),
            Self::Video(kind) => kind.mime(),
        }
    }

    /// Whether this is a film.
    pub fn is_video(self) -> bool {
        matches!(self, Self::Video(_))
    }
}

/// "BM" alone is two letters of any text: the header size must be one that exists as well.
fn plausible_bmp(bytes: &[u8]) -> bool {
    le32(bytes, 14).is_some_and(|size| matches!(size, 12 | 16 | 40 | 52 | 56 | 64 | 108 | 124))
}

/// The kind of an ISO media file by its major brand, then its compatible brands (ISO/IEC 14496-12 §4.3).
fn brand(bytes: &[u8]) -> Option<Format> {
    let size = (be32(bytes, 0)? as usize).clamp(16, 512).min(bytes.len());
    let brands = bytes.get(8..size)?;
    let major = brands.get(..4)?;
    let by_brand = |brand: &[u8]| match brand {
        b"avif" | b"avis" => Some(Format::Avif),
        b"heic" | b"heix" | b"hevc" | b"hevx" | b"heim" | b"heis" | b"hevm" | b"hevs" => Some(Format::Heif),
        b"crx " => Some(Format::Raw(RawKind::Cr3)),
        b"jxl " => Some(Format::Jxl),
        b"jp2 " | b"jpx " | b"jpm " => Some(Format::Jp2),
        _ => None,
    };
    if let Some(format) = by_brand(major) {
        return Some(format);
    }
    match major {
        b"qt  " => return Some(Format::Video(VideoKind::Mov)),
        [b'3', b'g', ..] => return Some(Format::Video(VideoKind::ThreeGp)),
        _ => {}
    }
    // The major brand may be a general one such as mif1 or msf1: the compatible brands say which coding.
    let compatible = || brands.get(8..).unwrap_or_default().chunks_exact(4);
    if let Some(format) = compatible().find_map(by_brand) {
        return Some(format);
    }
    if matches!(major, b"mif1" | b"msf1" | b"mif2") || compatible().any(|brand| brand == b"mif1") {
        return Some(Format::Heif);
    }
    Some(Format::Video(VideoKind::Mp4))
}

/// File-name extensions worth opening. What the file really is, its content decides.
const EXTENSIONS: &[&str] = &[
    "3fr", "3g2", "3gp", "arw", "avi", "avif", "bmp", "cr2", "cr3", "crw", "dcr", "dib", "dng", "erf", "gif",
    "heic", "heif", "hif", "iiq", "j2k", "jfif", "jp2", "jpe", "jpeg", "jpf", "jpg", "jpx", "jxl", "kdc",
    "m2ts", "m4v", "mef", "mkv", "mos", "mov", "mp4", "mpe", "mpeg", "mpg", "mrw", "mts", "nef", "nrw",
    "orf", "pef", "png", "psb", "psd", "qt", "raf", "raw", "rw2", "rwl", "sr2", "srf", "srw", "tif", "tiff",
    "webm", "webp", "wmv", "x3f",
];

/// Whether a file of this name is worth opening: images, raw files and films, by extension, in any letter case.
pub fn is_candidate_name(name: &[u8]) -> bool {
    let Some(dot) = memchr::memrchr(b'.', name) else { return false };
    let extension = &name[dot + 1..];
    // "._IMG_1.jpg" are the resource forks that macOS leaves on foreign disks: never pictures.
    if name.starts_with(b"._") || extension.len() > 4 || dot == 0 {
        return false;
    }
    let lower = extension.to_ascii_lowercase();
    std::str::from_utf8(&lower).is_ok_and(|lower| EXTENSIONS.binary_search(&lower).is_ok())
}

/// Whether a file of this name is a camera raw file by its extension.
pub(crate) fn is_raw_name(name: &[u8]) -> bool {
    const RAW: &[&str] = &[
        "3fr", "arw", "cr2", "cr3", "crw", "dcr", "dng", "erf", "iiq", "kdc", "mef", "mos", "mrw", "nef",
        "nrw", "orf", "pef", "raf", "raw", "rw2", "rwl", "sr2", "srf", "srw", "x3f",
    ];
    let extension = name.rsplit(|&byte| byte == b'.').next().unwrap_or_default().to_ascii_lowercase();
    is_candidate_name(name) && std::str::from_utf8(&extension).is_ok_and(|lower| RAW.contains(&lower))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_extensions_is_sorted_for_the_search() {
        assert!(EXTENSIONS.is_sorted());
        for name in ["a.jpg", "A.JPG", "x.y.HeIc", "é\n.nef"] {
            assert!(is_candidate_name(name.as_bytes()), "{name}");
        }
        for name in ["jpg", ".jpg", "a.txt", "._a.jpg", "a.", "a.jpgx1", ""] {
            assert!(!is_candidate_name(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn formats_are_told_by_their_first_bytes() {
        assert_eq!(Format::sniff(b"\xFF\xD8\xFF\xE0"), Some(Format::Jpeg));
        assert_eq!(Format::sniff(b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic"), Some(Format::Heif));
        assert_eq!(Format::sniff(b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif"), Some(Format::Avif));
        assert_eq!(Format::sniff(b"\0\0\0\x14ftypqt  \0\0\0\0qt  "), Some(Format::Video(VideoKind::Mov)));
        assert_eq!(Format::sniff(b"BM are initials of a text, not a bitmap"), None);
        assert_eq!(Format::sniff(b""), None);
        assert_eq!(Format::sniff(b"\0\0\0"), None);
    }
}
