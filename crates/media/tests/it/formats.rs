//! Every format: what decodes, what says why it does not, and which way up it is.

use tintype_core::{ErrorCode, Orientation};
use tintype_media::{
    DecodeRequest, ExifFields, Limits, Picture, available_decoders, decode, encode_jpeg, inspect,
    inspect_bytes, with_exif,
};

use crate::roundtrip::drawn;
use crate::{files_below, photos};

fn request() -> DecodeRequest {
    DecodeRequest { long_side: 1440, limits: Limits::default() }
}

/// Whether a decoder is installed here; tests that need one say so and pass without, except in CI.
fn has(decoder: &str) -> bool {
    let there = available_decoders().iter().any(|info| info.name == decoder && info.version.is_some());
    if !there {
        eprintln!("SKIPPED: {decoder} is not installed");
    }
    there
}

/// The mean difference of two pictures in luma at 64 pixels, 0 to 255.
fn difference(a: &Picture, b: &Picture) -> f64 {
    let (a, b) = (a.luma(64), b.luma(64));
    assert_eq!((a.width(), a.height()), (b.width(), b.height()));
    let sum: u64 = a.data().iter().zip(b.data()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.data().len() as f64
}

const AVIF: &[u8] = include_bytes!("fixtures/drawn.avif");
const HEIC: &[u8] = include_bytes!("fixtures/drawn.heic");
const JXL: &[u8] = include_bytes!("fixtures/drawn.jxl");
const JP2: &[u8] = include_bytes!("fixtures/drawn.jp2");

/// The pictures of this folder's `draw.py`, with the decoder that each needs.
pub(crate) const FIXTURES: [(&str, &str, &[u8]); 4] = [
    ("avif", "libheif (AV1)", AVIF),
    ("heic", "libheif (HEVC)", HEIC),
    ("jxl", "jxl-oxide", JXL),
    ("jp2", "hayro-jpeg2000", JP2),
];

/// Where the bright quarter of the drawn picture is: right, bottom.
fn bright_quarter(picture: &Picture) -> (bool, bool) {
    let luma = picture.luma(1440);
    let at = |right: bool, bottom: bool| {
        let (x, y) =
            (luma.width() * (1 + 2 * u32::from(right)) / 4, luma.height() * (1 + 2 * u32::from(bottom)) / 4);
        luma.row(y)[x as usize] > 200
    };
    let all = [(false, false), (true, false), (false, true), (true, true)];
    let bright: Vec<_> = all.into_iter().filter(|&(right, bottom)| at(right, bottom)).collect();
    assert_eq!(bright.len(), 1, "{bright:?}");
    bright[0]
}

#[test]
fn drawn_pictures_come_back_with_their_colours() {
    for (name, decoder, bytes) in FIXTURES {
        if !has(decoder) {
            continue;
        }
        let photo = inspect_bytes(bytes.to_vec(), &Limits::default());
        let picture = decode(&photo, &request()).unwrap();
        assert_eq!(
            (picture.width(), picture.height()),
            (photo.metadata.width, photo.metadata.height),
            "{name}"
        );
        let turned = picture.width() < picture.height();
        let (rgb, expected) = (picture.rgb(96), drawn(96, 64));
        for (x, y) in [(10, 50), (80, 10), (80, 50), (20, 10)] {
            // The AVIF is stored with a transposing turn.
            let (shown_x, shown_y) = if turned { (y, x) } else { (x, y) };
            let found = &rgb.row(shown_y)[shown_x as usize * 3..][..3];
            let drawn = &expected.row(y)[x as usize * 3..][..3];
            let worst = found.iter().zip(drawn).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
            assert!(worst < 12, "{name} at {x}, {y}: {found:?}, drawn {drawn:?}");
        }
    }
}

#[test]
fn turns_and_mirrors_of_a_container_apply_once() {
    if !has("libheif (AV1)") {
        return;
    }
    let find = |code: &[u8]| AVIF.windows(4).position(|four| four == code).unwrap() + 4;
    let (rotation, mirror) = (find(b"irot"), find(b"imir"));
    for turns in 0..4_u8 {
        for axis in 0..2_u8 {
            let mut bytes = AVIF.to_vec();
            (bytes[rotation], bytes[mirror]) = (turns, axis);
            let picture = decode(&inspect_bytes(bytes, &Limits::default()), &request()).unwrap();
            // Quarter turns counter-clockwise, then top and bottom or left and right swapped.
            let (mut right, mut bottom) = (false, false);
            for _ in 0..turns {
                (right, bottom) = (bottom, !right);
            }
            (right, bottom) = if axis == 0 { (right, !bottom) } else { (!right, bottom) };
            assert_eq!(bright_quarter(&picture), (right, bottom), "{turns} turns, axis {axis}");
            assert_eq!(picture.width() < picture.height(), turns % 2 == 1);
        }
    }
}

/// The drawn JPEG XL as a bare code stream of another orientation (ISO/IEC 18181-1 §D): the headers are put together
/// bit by bit, frames begin at whole bytes.
fn jxl_with(orientation: u32) -> Vec<u8> {
    let frames = JXL.iter().position(|&byte| byte == 0xFF).map(|at| &JXL[at + 4..]).unwrap();
    let mut bits = vec![];
    let mut put = |value: u32, len: u32| bits.extend((0..len).map(|i| value >> i & 1 == 1));
    // 8 × 8 rows of 8, at 3 : 2.
    put(1, 1);
    put(7, 5);
    put(4, 3);
    // Not all default, with extra fields: orientation; no intrinsic size, preview or animation.
    put(0b10, 2);
    put(orientation - 1, 3);
    put(0, 3);
    // Integer samples of 8 bits, 16-bit buffers suffice, no extra channels, XYB, default colours and tone mapping.
    put(0, 1);
    put(0, 2);
    put(1, 1);
    put(0, 2);
    put(0b111, 3);
    // No extensions; default transform.
    put(0, 2);
    put(1, 1);
    let header = bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |all, &bit| all << 1 | u8::from(bit)));
    [0xFF, 0x0A].into_iter().chain(header).chain(frames.iter().copied()).collect()
}

#[test]
fn a_jpeg_xl_decoders_own_turn_is_not_repeated() {
    for (value, right, bottom) in [
        (1, false, false),
        (2, true, false),
        (3, true, true),
        (4, false, true),
        (5, false, false),
        (6, true, false),
        (7, true, true),
        (8, false, true),
    ] {
        let photo = inspect_bytes(jxl_with(value), &Limits::default());
        assert_eq!(u32::from(photo.metadata.orientation.exif()), value);
        let picture = decode(&photo, &request()).unwrap();
        assert_eq!(bright_quarter(&picture), (right, bottom), "orientation {value}");
        assert_eq!((picture.width(), picture.height()), (photo.metadata.width, photo.metadata.height));
    }
}

#[test]
fn what_a_decoder_lacks_is_said_and_no_set_of_decoders_tries_twice() {
    let mut bytes = AVIF.to_vec();
    // A coding that does not exist.
    let at = bytes.windows(4).position(|four| four == b"av01").unwrap();
    bytes[at..at + 4].copy_from_slice(b"av99");
    let error = decode(&inspect_bytes(bytes, &Limits::default()), &request()).unwrap_err();
    assert!(matches!(error.code(), ErrorCode::NotDecodable | ErrorCode::InvalidImage), "{error}");
}

#[test]
fn every_real_file_decodes_or_says_why_not() {
    let Some(photos) = photos() else { return };
    let (mut decoded, mut refused) = (0, Vec::new());
    for path in files_below(&photos.join("exif")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.extension().is_some_and(|extension| extension == "xmp") {
            continue;
        }
        let photo = inspect(&path, &Limits::default()).unwrap();
        match decode(&photo, &request()) {
            Ok(picture) => {
                decoded += 1;
                let (w, h) = (picture.width(), picture.height());
                let (meta_w, meta_h) = (photo.metadata.width, photo.metadata.height);
                println!("{name}: {w} × {h} of {meta_w} × {meta_h} by {}", picture.decoder());
                // The shape that the metadata promises: a turn too many or too few would swap the sides.
                let (wide, tall) = (f64::from(w) / f64::from(h), f64::from(meta_w) / f64::from(meta_h));
                let squarish = (0.8..1.25).contains(&tall) || tall.is_nan() || w == h;
                assert!(squarish || (wide > 1.0) == (tall > 1.0), "{name}: {w} × {h} of {meta_w} × {meta_h}");
                assert!(!picture.decoder().is_empty(), "{name}");
                assert!(picture.jpeg(256, 80).is_ok(), "{name}");
            }
            Err(error) => {
                assert!(!error.to_string().is_empty());
                assert_ne!(error.code(), ErrorCode::Internal, "{name}: {error}");
                refused.push(format!("{name}: {:?}: {error}", error.code()));
            }
        }
    }
    println!("{decoded} decoded, {} refused:\n{}", refused.len(), refused.join("\n"));
    assert!(decoded > 120, "{decoded} decoded; {}", refused.join("\n"));
}

#[test]
fn all_eight_orientations_of_one_picture_look_the_same() {
    let (width, height) = (640, 400);
    let upright = decode(
        &inspect_bytes(encode_jpeg(&drawn(width, height), 92).unwrap(), &Limits::default()),
        &request(),
    )
    .unwrap();
    for value in 1..=8 {
        let orientation = Orientation::from_exif(value);
        let (stored_w, stored_h) = orientation.upright_size(width, height);
        let mut stored = tintype_vision::RgbImage::black(stored_w, stored_h);
        // Where each upright pixel is stored (Exif 2.32 §4.6.4 A).
        let picture = drawn(width, height);
        for y in 0..height {
            for x in 0..width {
                let (right, bottom) = (width - 1 - x, height - 1 - y);
                let (sx, sy) = match value {
                    1 => (x, y),
                    2 => (right, y),
                    3 => (right, bottom),
                    4 => (x, bottom),
                    5 => (y, x),
                    6 => (y, right),
                    7 => (bottom, right),
                    _ => (bottom, x),
                };
                let (from, to) = ((y * width + x) as usize * 3, (sy * stored_w + sx) as usize * 3);
                stored.data_mut()[to..to + 3].copy_from_slice(&picture.data()[from..from + 3]);
            }
        }
        let fields = ExifFields { orientation: Some(orientation), ..ExifFields::default() };
        let jpeg = with_exif(&encode_jpeg(&stored, 92).unwrap(), &fields);
        let turned = decode(&inspect_bytes(jpeg, &Limits::default()), &request()).unwrap();
        let difference = difference(&upright, &turned);
        assert!(difference < 2.0, "orientation {value}: {difference}");
    }
}

/// A Photoshop document of 8-bit channels: each row of each channel packed, or none.
fn psd(mode: u16, width: u32, channels: &[Vec<u8>], packed: bool) -> Vec<u8> {
    let height = channels[0].len() as u32 / width;
    let mut file = b"8BPS\0\x01\0\0\0\0\0\0".to_vec();
    file.extend((channels.len() as u16).to_be_bytes());
    file.extend(height.to_be_bytes());
    file.extend(width.to_be_bytes());
    file.extend(8_u16.to_be_bytes());
    file.extend(mode.to_be_bytes());
    file.extend([0; 12]);
    file.extend(u16::from(packed).to_be_bytes());
    let rows: Vec<&[u8]> = channels.iter().flat_map(|channel| channel.chunks_exact(width as usize)).collect();
    if packed {
        // Literal runs of up to 128 bytes.
        let pack = |row: &[u8]| -> Vec<u8> {
            row.chunks(128).flat_map(|run| [&[run.len() as u8 - 1], run].concat()).collect()
        };
        let packed: Vec<Vec<u8>> = rows.iter().map(|row| pack(row)).collect();
        file.extend(packed.iter().flat_map(|row| (row.len() as u16).to_be_bytes()));
        file.extend(packed.concat());
    } else {
        file.extend(rows.concat());
    }
    file
}

#[test]
fn photoshop_documents_are_read_plane_by_plane() {
    let picture = drawn(320, 200);
    let plane = |i: usize| picture.data().chunks_exact(3).map(|pixel| pixel[i]).collect::<Vec<u8>>();
    let rgb = [plane(0), plane(1), plane(2)];
    for packed in [false, true] {
        let file = psd(3, 320, &rgb, packed);
        let decoded = decode(&inspect_bytes(file.clone(), &Limits::default()), &request()).unwrap();
        assert_eq!(decoded.rgb(320).data(), picture.data());
        assert!(decoded.issues().is_empty());
        // Ink: 255 is none, so that the same planes with no black give the same picture.
        let [r, g, b] = &rgb;
        let ink = psd(4, 320, &[r.clone(), g.clone(), b.clone(), vec![255; r.len()]], packed);
        let decoded = decode(&inspect_bytes(ink, &Limits::default()), &request()).unwrap();
        assert_eq!(decoded.rgb(320).data(), picture.data());
        // Cut in the last channel.
        let cut = file[..file.len() - 1000].to_vec();
        let decoded = decode(&inspect_bytes(cut, &Limits::default()), &request()).unwrap();
        assert_eq!(decoded.issues()[0].code, ErrorCode::TruncatedImage);
    }
}

#[test]
fn the_first_frame_of_an_animated_gif_is_shown() {
    let picture = decode(&inspect_bytes(animation(), &Limits::default()), &request()).unwrap();
    assert!(picture.luma(40).data().iter().all(|&value| value > 250));
}

/// One frame of 40 × 30 pixels in a format.
fn still(format: image::ImageFormat, value: u8) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    let frame = image::RgbImage::from_pixel(40, 30, image::Rgb([value; 3]));
    frame.write_to(&mut out, format).unwrap();
    out.into_inner()
}

#[test]
fn the_first_frame_of_an_animated_webp_is_shown() {
    let chunk = |code: &[u8; 4], body: &[u8]| -> Vec<u8> {
        [&code[..], &(body.len() as u32).to_le_bytes(), body, &vec![0; body.len() % 2]].concat()
    };
    // Position 0, 0; 40 × 30 less one; 100 ms; no blending.
    let head = [0, 0, 0, 0, 0, 0, 39, 0, 0, 29, 0, 0, 100, 0, 0, 2];
    // The coded frame, without the RIFF header.
    let frame = |value| chunk(b"ANMF", &[&head[..], &still(image::ImageFormat::WebP, value)[12..]].concat());
    let body = [
        b"WEBP".to_vec(),
        chunk(b"VP8X", &[2, 0, 0, 0, 39, 0, 0, 29, 0, 0]),
        chunk(b"ANIM", &[255, 255, 255, 255, 0, 0]),
        frame(255),
        frame(0),
    ]
    .concat();
    let photo = inspect_bytes(chunk(b"RIFF", &body), &Limits::default());
    let picture = decode(&photo, &request()).unwrap();
    assert_eq!((picture.width(), picture.height()), (40, 30));
    assert!(picture.luma(40).data().iter().all(|&value| value > 250));
}

#[test]
fn the_first_frame_of_an_animated_png_is_shown() {
    let chunk = |code: &[u8; 4], body: &[u8]| -> Vec<u8> {
        let mut sum = flate2::Crc::new();
        sum.update(code);
        sum.update(body);
        [&(body.len() as u32).to_be_bytes()[..], code, body, &sum.sum().to_be_bytes()].concat()
    };
    let control = |sequence: u8| {
        let mut body = vec![0, 0, 0, sequence, 0, 0, 0, 40, 0, 0, 0, 30, 0, 0, 0, 0, 0, 0, 0, 0];
        body.extend([0, 1, 0, 10, 0, 0]);
        chunk(b"fcTL", &body)
    };
    let (white, black) = (still(image::ImageFormat::Png, 255), still(image::ImageFormat::Png, 0));
    let data = black.windows(4).position(|code| code == b"IDAT").unwrap();
    let len = u32::from_be_bytes(black[data - 4..data].try_into().unwrap()) as usize;
    let second = chunk(b"fdAT", &[&[0, 0, 0, 2][..], &black[data + 4..data + 4 + len]].concat());
    // Signature and header are 33 bytes, the end is 12.
    let (head, end) = (white[..33].to_vec(), white[white.len() - 12..].to_vec());
    let first = white[33..white.len() - 12].to_vec();
    let file = [head, chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]), control(0), first, control(1), second, end]
        .concat();
    let picture = decode(&inspect_bytes(file, &Limits::default()), &request()).unwrap();
    assert!(picture.luma(40).data().iter().all(|&value| value > 250));
}

/// A GIF of a white frame and two black ones.
pub(crate) fn animation() -> Vec<u8> {
    let frame = |value: u8| image::RgbaImage::from_pixel(40, 30, image::Rgba([value, value, value, 255]));
    let mut gif = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut gif);
    for value in [255, 0, 0] {
        encoder.encode_frame(image::Frame::new(frame(value))).unwrap();
    }
    drop(encoder);
    gif
}

/// A small packed Photoshop document.
pub(crate) fn document() -> Vec<u8> {
    psd(3, 40, &[0_u8, 100, 200].map(|value| vec![value; 40 * 30]), true)
}

/// The boxes of a HEIF whose primary item is a grid that names one tile `count` times.
pub(crate) fn grid_of_one_tile(width: u32, height: u32, count: u16) -> Vec<u8> {
    let sized = |kind: &[u8; 4], body: &[u8]| -> Vec<u8> {
        [&(body.len() as u32 + 8).to_be_bytes()[..], kind, body].concat()
    };
    let full = |kind: &[u8; 4], version: u32, body: &[u8]| {
        sized(kind, &[&(version << 24).to_be_bytes()[..], body].concat())
    };
    let entry =
        |id: u16, kind: &[u8; 4]| full(b"infe", 2, &[&id.to_be_bytes()[..], &[0, 0], kind, &[0]].concat());
    let items = [&2_u16.to_be_bytes()[..], &entry(1, b"grid"), &entry(2, b"hvc1")].concat();
    let tiles: Vec<u8> = (0..count).flat_map(|_| 2_u16.to_be_bytes()).collect();
    let reference = sized(b"dimg", &[&1_u16.to_be_bytes()[..], &count.to_be_bytes(), &tiles].concat());
    let size = |w: u32, h: u32| full(b"ispe", 0, &[w.to_be_bytes(), h.to_be_bytes()].concat());
    let properties = sized(b"ipco", &[size(64, 64), size(width, height)].concat());
    let owners = full(b"ipma", 0, &[&2_u32.to_be_bytes()[..], &[0, 1, 1, 1, 0, 2, 1, 2]].concat());
    let meta = [
        full(b"hdlr", 0, b"\0\0\0\0pict\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        full(b"pitm", 0, &1_u16.to_be_bytes()),
        full(b"iinf", 0, &items),
        full(b"iref", 0, &reference),
        sized(b"iprp", &[properties, owners].concat()),
    ];
    [sized(b"ftyp", b"heic\0\0\0\0mif1heic"), full(b"meta", 0, &meta.concat())].concat()
}

/// A minimal raw file: TIFF with a preview's place and orientation, and JPEG data behind it.
fn raw_with(orientation: u16, sensor: (u32, u32), preview: &[u8]) -> Vec<u8> {
    let entry = |tag: u16, kind: u16, value: u32| -> Vec<u8> {
        let value = if kind == 3 { value << 16 } else { value };
        [&tag.to_be_bytes()[..], &kind.to_be_bytes(), &1_u32.to_be_bytes(), &value.to_be_bytes()].concat()
    };
    let entries = [
        entry(0x00FE, 4, 0),
        entry(0x0100, 4, sensor.0),
        entry(0x0101, 4, sensor.1),
        entry(0x0112, 3, u32::from(orientation)),
        // DNGVersion.
        entry(0xC612, 1, 0x0104_0000),
    ];
    let mut file = b"MM\0*\0\0\0\x08".to_vec();
    file.extend((entries.len() as u16).to_be_bytes());
    file.extend(entries.concat());
    file.extend([0; 4]);
    file.extend(preview);
    file
}

#[test]
fn a_raw_files_orientation_counts_once() {
    let landscape = encode_jpeg(&drawn(600, 400), 90).unwrap();
    let portrait = encode_jpeg(&drawn(400, 600), 90).unwrap();
    let tagged = with_exif(
        &landscape,
        &ExifFields { orientation: Some(Orientation::from_exif(6)), ..ExifFields::default() },
    );
    for (preview, orientation, corner_is_right) in [
        // As the sensor saw it, whatever the preview's own tag says.
        (&landscape, 6, true),
        (&tagged, 6, true),
        // Turned by the camera already.
        (&portrait, 6, false),
    ] {
        let photo = inspect_bytes(raw_with(orientation, (6000, 4000), preview), &Limits::default());
        assert_eq!((photo.metadata.width, photo.metadata.height), (4000, 6000));
        let picture = decode(&photo, &request()).unwrap();
        assert!(picture.width() < picture.height());
        assert!(picture.decoder().starts_with("embedded preview"), "{}", picture.decoder());
        let luma = picture.luma(600);
        let bright = |right: bool| luma.row(50)[if right { luma.width() as usize - 50 } else { 50 }] > 200;
        assert_eq!((bright(true), bright(false)), (corner_is_right, !corner_is_right));
    }
}

#[test]
fn a_raw_file_without_preview_says_so() {
    let error =
        decode(&inspect_bytes(raw_with(1, (6000, 4000), b""), &Limits::default()), &request()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotDecodable);
    assert!(error.to_string().contains("preview"), "{error}");
}

#[test]
fn a_broken_large_preview_gives_way_to_a_smaller_one() {
    let large = encode_jpeg(&drawn(1200, 800), 90).unwrap();
    let small = encode_jpeg(&drawn(300, 200), 90).unwrap();
    // Without the tables to decode it.
    let frame = large.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    let broken = [&large[..2], &large[frame..]].concat();
    let photo = inspect_bytes(raw_with(1, (6000, 4000), &[broken, small].concat()), &Limits::default());
    let picture = decode(&photo, &request()).unwrap();
    assert_eq!(picture.decoder(), "embedded preview 300 × 200");
}

#[test]
fn real_heif_files_decode_to_pictures_with_light_and_dark() {
    let Some(photos) = photos() else { return };
    if !has("libheif (HEVC)") {
        return;
    }
    let mut compared = 0;
    for path in files_below(&photos.join("exif/photo")) {
        let photo = inspect(&path, &Limits::default()).unwrap();
        if photo.format != Some(tintype_media::Format::Heif) {
            continue;
        }
        let name = path.display();
        match decode(&photo, &request()) {
            Ok(picture) => {
                assert!(picture.decoder().starts_with("libheif"), "{name}");
                // Decoded, not blank: photos have light and dark parts, but for one that was taken with the lens covered.
                let luma = picture.luma(128);
                let (least, most) = (luma.data().iter().min().unwrap(), luma.data().iter().max().unwrap());
                compared += u32::from(most - least > 60);
            }
            Err(error) => eprintln!("{name}: {error}"),
        }
    }
    assert!(compared >= 2, "{compared}");
}
