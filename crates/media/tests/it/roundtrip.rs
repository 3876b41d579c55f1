use tintype_core::{Gps, Orientation};
use tintype_media::{
    DecodeRequest, ExifFields, Format, Limits, decode, encode_jpeg, inspect_bytes, with_exif,
};
use tintype_vision::RgbImage;

/// A picture with a bright top-left quarter on a colour gradient.
pub(crate) fn drawn(width: u32, height: u32) -> RgbImage {
    let mut image = RgbImage::black(width, height);
    for (i, pixel) in image.data_mut().chunks_exact_mut(3).enumerate() {
        let (x, y) = (i as u32 % width, i as u32 / width);
        let corner = x < width / 2 && y < height / 2;
        pixel[0] = if corner { 250 } else { (x * 100 / width) as u8 };
        pixel[1] = if corner { 250 } else { (y * 100 / height) as u8 };
        pixel[2] = if corner { 250 } else { 60 };
    }
    image
}

#[test]
fn written_exif_is_read_back_and_keeps_the_pixel_hash() {
    let jpeg = encode_jpeg(&drawn(300, 200), 85).unwrap();
    let fields = ExifFields {
        taken_at: Some("2021-05-12T12:21:21".to_owned()),
        subsec: Some("92".to_owned()),
        offset_minutes: Some(-90),
        make: Some("Tintype".to_owned()),
        model: Some("Demo 1".to_owned()),
        orientation: Some(Orientation::from_exif(6)),
        gps: Some(Gps { latitude: -33.8568, longitude: 151.2153, altitude: Some(12.5) }),
        rating: Some(4),
        exposure_secs: Some(1.0 / 250.0),
        f_number: Some(2.8),
        iso: Some(400),
        focal_length_mm: Some(35.0),
        ..ExifFields::default()
    };
    let tagged = inspect_bytes(with_exif(&jpeg, &fields), &Limits::default());
    let plain = inspect_bytes(jpeg, &Limits::default());
    assert_eq!(tagged.format, Some(Format::Jpeg));
    assert_eq!(tagged.pixel_hash, plain.pixel_hash);
    assert_ne!(tagged.content_hash, plain.content_hash);
    let meta = &tagged.metadata;
    assert_eq!((meta.width, meta.height), (200, 300));
    let taken = meta.taken_at.clone().unwrap();
    assert_eq!(taken.local, "2021-05-12T12:21:21");
    assert_eq!((taken.subsec_nanos, taken.offset_minutes), (Some(920_000_000), Some(-90)));
    assert_eq!(meta.rating, Some(4));
    assert_eq!(meta.iso, Some(400));
    assert_eq!(meta.exposure_secs, Some(1.0 / 250.0));
    let gps = meta.gps.unwrap();
    assert!((gps.latitude + 33.8568).abs() < 1e-6 && (gps.longitude - 151.2153).abs() < 1e-6);
    assert_eq!(gps.altitude, Some(12.5));
    assert!(tagged.issues.is_empty(), "{:?}", tagged.issues);
}

#[test]
fn every_orientation_turns_the_bright_corner_where_exif_says() {
    let jpeg = encode_jpeg(&drawn(640, 400), 90).unwrap();
    // The corner of the upright picture where the stored top-left corner ends up.
    for (value, right, bottom) in
        [(1, 0, 0), (2, 1, 0), (3, 1, 1), (4, 0, 1), (5, 0, 0), (6, 1, 0), (7, 1, 1), (8, 0, 1)]
    {
        let fields = ExifFields { orientation: Some(Orientation::from_exif(value)), ..ExifFields::default() };
        let photo = inspect_bytes(with_exif(&jpeg, &fields), &Limits::default());
        let picture = decode(&photo, &DecodeRequest { long_side: 256, limits: Limits::default() }).unwrap();
        let luma = picture.luma(100);
        assert_eq!(luma.width().max(luma.height()), 100);
        assert_eq!(luma.width() < luma.height(), value >= 5);
        let (x, y) =
            (luma.width() / 4 + right * luma.width() / 2, luma.height() / 4 + bottom * luma.height() / 2);
        assert!(luma.row(y)[x as usize] > 240, "orientation {value}");
        let rgb = picture.rgb(100);
        assert_eq!((rgb.width(), rgb.height()), (luma.width(), luma.height()));
        let preview = picture.jpeg(64, 80).unwrap();
        let again = inspect_bytes(preview.bytes, &Limits::default());
        assert_eq!((again.metadata.width, again.metadata.height), (preview.width, preview.height));
    }
}
