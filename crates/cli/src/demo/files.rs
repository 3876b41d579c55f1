//! Pictures to files: edits, JPEG with its Exif block, and writing that leaves no half file behind.

use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use tintype_core::{Gps, Orientation};
use tintype_media::{ExifFields, encode_jpeg, with_exif};
use tintype_vision::RgbImage;
use tintype_vision::resize::{fit_within, resize_rgb};

use super::library::{Edit, Painting, Record, Version};

/// Writes a file so that it is either whole or absent.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs_err::create_dir_all(folder)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    fs_err::write(&part, bytes)?;
    fs_err::rename(&part, path)
}

/// When the painting's first recorded version was taken.
pub(super) fn taken(painting: &Painting) -> Option<SystemTime> {
    let record = painting.versions.iter().find_map(|version| version.record.as_ref())?;
    let local = jiff::civil::DateTime::strptime("%Y:%m:%d %H:%M:%S", &record.local).ok()?;
    let utc = local.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::try_from_secs_f64(utc.timestamp().as_second() as f64).ok()?)
}

/// The bytes of one version of a developed picture.
pub(super) fn encode(picture: RgbImage, version: &Version) -> Result<Vec<u8>, tintype_media::Error> {
    let picture = edit(picture, version.edit);
    let mut bytes = encode_jpeg(&picture, version.quality)?;
    if let Some(record) = &version.record {
        bytes = with_exif(&bytes, &fields(record, version.edit));
    }
    if version.keep < 1.0 {
        bytes.truncate((bytes.len() as f32 * version.keep) as usize);
    }
    Ok(bytes)
}

fn fields(record: &Record, edit: Edit) -> ExifFields {
    ExifFields {
        taken_at: Some(record.local.clone()),
        subsec: Some(format!("{:03}", record.millis)),
        offset_minutes: Some(record.offset_minutes),
        make: Some(record.camera.make().to_owned()),
        model: Some(record.camera.model().to_owned()),
        lens: Some(record.camera.lens(record.focal_length_mm).to_owned()),
        // 8: turn counter-clockwise to view; the pixels were turned clockwise.
        orientation: Some(if edit == Edit::Sideways {
            Orientation::from_exif(8)
        } else {
            Orientation::UPRIGHT
        }),
        gps: record.place.map(|(latitude, longitude, altitude)| Gps {
            latitude,
            longitude,
            altitude: Some(altitude),
        }),
        rating: record.rating,
        exposure_secs: Some(f64::from(record.exposure.0) / f64::from(record.exposure.1)),
        f_number: Some(record.f_number),
        iso: Some(record.iso),
        focal_length_mm: Some(record.focal_length_mm),
        ..ExifFields::default()
    }
}

fn edit(picture: RgbImage, edit: Edit) -> RgbImage {
    let (width, height) = (picture.width(), picture.height());
    match edit {
        Edit::None => picture,
        Edit::Mirrored => rearranged(&picture, width, height, |x, y| (width - 1 - x, y)),
        Edit::Sideways => rearranged(&picture, height, width, |x, y| (y, height - 1 - x)),
        Edit::Cropped(share) => {
            let cut = |side: u32| ((side as f32 * share) as u32).max(1);
            let (left, top) = ((width - cut(width)) * 3 / 5, (height - cut(height)) * 2 / 5);
            rearranged(&picture, cut(width), cut(height), |x, y| (x + left, y + top))
        }
        Edit::Resized(long_side) => {
            let (w, h) = fit_within(width, height, long_side);
            resize_rgb(&picture, w, h)
        }
    }
}

/// A picture of the given size whose pixel (x, y) is `source`'s pixel `from(x, y)`.
fn rearranged(source: &RgbImage, width: u32, height: u32, from: impl Fn(u32, u32) -> (u32, u32)) -> RgbImage {
    let mut out = RgbImage::black(width, height);
    for (i, pixel) in out.data_mut().chunks_exact_mut(3).enumerate() {
        let (x, y) = from(i as u32 % width, i as u32 / width);
        pixel.copy_from_slice(&source.row(y)[x as usize * 3..][..3]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered() -> RgbImage {
        RgbImage::new(3, 2, (0..6).flat_map(|i| [i, i, i]).collect()).unwrap()
    }

    fn reds(image: &RgbImage) -> Vec<u8> {
        image.data().chunks_exact(3).map(|p| p[0]).collect()
    }

    #[test]
    fn edits_move_pixels_where_they_should() {
        assert_eq!(reds(&edit(numbered(), Edit::Mirrored)), [2, 1, 0, 5, 4, 3]);
        let turned = edit(numbered(), Edit::Sideways);
        assert_eq!((turned.width(), turned.height()), (2, 3));
        assert_eq!(reds(&turned), [3, 0, 4, 1, 5, 2]);
    }
}
