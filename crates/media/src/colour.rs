//! Embedded colour profiles (ICC.1:2022): which ones matter, and conversion to sRGB.

use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};
use tintype_vision::RgbImage;

use crate::bytes::{be32, slice, text, utf16};

/// Larger profiles exist, and none of them is in a photo.
const MAX_PROFILE: usize = 16 << 20;

/// The description of a profile, unless it is sRGB under one of its names.
pub(crate) fn profile_name(profile: &[u8]) -> Option<String> {
    let name = description(profile)?;
    (!is_srgb(&name)).then_some(name)
}

/// Whether pixels with this profile may be shown as they are.
pub(crate) fn needs_conversion(profile: &[u8]) -> bool {
    let known_kind = matches!(slice(profile, 16, 4), Some(b"RGB " | b"GRAY" | b"CMYK"));
    known_kind && profile.len() <= MAX_PROFILE && description(profile).is_none_or(|name| !is_srgb(&name))
}

fn is_srgb(name: &str) -> bool {
    // "sRGB IEC61966-2.1", "sRGB built-in", "c2" (Facebook's tiny sRGB), …
    name.starts_with("sRGB")
        || name == "c2"
        || name.starts_with("IEC 61966-2-1")
        || name.contains("sRGB IEC61966")
}

/// The profile description tag: `desc` text or `mluc` with several languages, of which the first is taken.
fn description(profile: &[u8]) -> Option<String> {
    let count = be32(profile, 128)?.min(100) as usize;
    let tag = (0..count).map(|i| 132 + 12 * i).find(|&at| slice(profile, at, 4) == Some(b"desc"))?;
    let (offset, len) = (be32(profile, tag + 4)? as usize, be32(profile, tag + 8)? as usize);
    let body = profile.get(offset..profile.len().min(offset.checked_add(len)?))?;
    match body.get(..4)? {
        b"desc" => text(body.get(12..)?.get(..be32(body, 8)? as usize)?),
        b"mluc" => {
            let (len, at) = (be32(body, 20)? as usize, be32(body, 24)? as usize);
            utf16(slice(body, at, len)?, true)
        }
        _ => None,
    }
}

/// The profile that stands for code points of ITU-T H.273 in a container, where it is not sRGB or near it: Display P3 and
/// BT.2020 with a curve for ordinary screens. High dynamic range (PQ, HLG) would need tone mapping, not a profile.
pub(crate) fn profile_of_code_points(primaries: u16, transfer: u16) -> Option<Vec<u8>> {
    if matches!(transfer, 16 | 18) {
        return None;
    }
    let profile = match primaries {
        9 => ColorProfile::new_bt2020(),
        12 => ColorProfile::new_display_p3(),
        _ => return None,
    };
    profile.encode().ok()
}

/// Converts RGB pixels from the profile to sRGB. `None` when the profile is broken or not for RGB (grey profiles
/// apply to pictures of three equal channels).
pub(crate) fn to_srgb(image: &RgbImage, profile: &[u8]) -> Option<RgbImage> {
    let source = ColorProfile::new_from_slice(profile).ok()?;
    let srgb = ColorProfile::new_srgb();
    let mut out = RgbImage::black(image.width(), image.height());
    match source.color_space {
        DataColorSpace::Rgb => source
            .create_transform_8bit(Layout::Rgb, &srgb, Layout::Rgb, TransformOptions::default())
            .ok()?
            .transform(image.data(), out.data_mut())
            .ok()?,
        DataColorSpace::Gray => {
            let gray: Vec<u8> = image.data().chunks_exact(3).map(|pixel| pixel[1]).collect();
            source
                .create_transform_8bit(Layout::Gray, &srgb, Layout::Rgb, TransformOptions::default())
                .ok()?
                .transform(&gray, out.data_mut())
                .ok()?;
        }
        _ => return None,
    }
    Some(out)
}

/// Converts CMYK pixels (0 = no ink) to sRGB, by the profile where there is one that works.
pub(crate) fn cmyk_to_srgb(cmyk: &[u8], width: u32, height: u32, profile: Option<&[u8]>) -> RgbImage {
    let mut out = RgbImage::black(width, height);
    let managed = profile.filter(|profile| profile.len() <= MAX_PROFILE).and_then(|profile| {
        let source = ColorProfile::new_from_slice(profile).ok()?;
        (source.color_space == DataColorSpace::Cmyk).then_some(())?;
        let srgb = ColorProfile::new_srgb();
        source
            .create_transform_8bit(Layout::Rgba, &srgb, Layout::Rgb, TransformOptions::default())
            .ok()?
            .transform(cmyk, out.data_mut())
            .ok()
    });
    if managed.is_none() {
        for (pixel, ink) in out.data_mut().chunks_exact_mut(3).zip(cmyk.chunks_exact(4)) {
            let key = 255 - u32::from(ink[3]);
            for (channel, &ink) in pixel.iter_mut().zip(ink) {
                *channel = ((255 - u32::from(ink)) * key / 255) as u8;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_points_of_wide_gamuts_stand_for_profiles() {
        for primaries in [9, 12] {
            let profile = profile_of_code_points(primaries, 13).unwrap();
            assert!(needs_conversion(&profile), "{primaries}");
            // The same numbers mean a stronger red there, and grey stays grey.
            let image = RgbImage::new(2, 1, vec![200, 100, 100, 128, 128, 128]).unwrap();
            let shown = to_srgb(&image, &profile).unwrap();
            assert!(shown.data()[0] > 200 && shown.data()[1] < 100, "{primaries}: {:?}", shown.data());
            assert!(shown.data()[3..].iter().all(|value| value.abs_diff(shown.data()[3]) <= 1));
        }
        // sRGB's own primaries, and a curve that needs tone mapping.
        assert!(profile_of_code_points(1, 13).is_none() && profile_of_code_points(9, 16).is_none());
    }
}
