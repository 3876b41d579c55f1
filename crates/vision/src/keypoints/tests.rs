use super::*;

/// Overlapping discs and bars of fixed places and greys: structure on every scale.
pub(crate) fn picture(width: u32, height: u32, seed: u64) -> GrayImage {
    let mut state = seed | 1;
    let mut next = |below: u32| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) as u32 % below
    };
    let mut image = GrayImage::black(width, height);
    image.data_mut().fill(120);
    for _ in 0..160 {
        let (cx, cy) = (next(width) as i32, next(height) as i32);
        let (rx, ry) = (4 + next(40) as i32, 4 + next(40) as i32);
        let (grey, round) = (next(256) as u8, next(2) == 0);
        for y in (cy - ry).max(0)..(cy + ry).min(height as i32) {
            for x in (cx - rx).max(0)..(cx + rx).min(width as i32) {
                let (dx, dy) = ((x - cx) as f32 / rx as f32, (y - cy) as f32 / ry as f32);
                if !round || dx * dx + dy * dy <= 1.0 {
                    image.data_mut()[(y as u32 * width + x as u32) as usize] = grey;
                }
            }
        }
    }
    image
}

pub(crate) fn mirrored_picture(image: &GrayImage) -> GrayImage {
    let data =
        (0..image.height()).flat_map(|y| image.row(y).iter().rev().copied().collect::<Vec<_>>()).collect();
    GrayImage::new(image.width(), image.height(), data).unwrap()
}

#[test]
fn equal_pixels_give_equal_points_within_limits() {
    let image = picture(512, 384, 7);
    let found = extract(&image);
    assert_eq!(found, extract(&image));
    assert!(found.points.len() > 40, "{}", found.points.len());
    assert!(found.points.len() <= MAX_POINTS);
    assert!(found.points.iter().all(|p| (0.0..=1.0).contains(&p.x) && (0.0..=0.75).contains(&p.y)));
}

#[test]
fn stored_form_returns_the_points() {
    let found = extract(&picture(400, 300, 3));
    let bytes = found.to_bytes();
    assert!(bytes.len() <= 7_000, "{}", bytes.len());
    let read = Keypoints::from_bytes(&bytes).unwrap();
    assert_eq!(read.points.len(), found.points.len());
    for (l, r) in read.points.iter().zip(&found.points) {
        assert_eq!(l.descriptor, r.descriptor);
        assert!(
            (l.x - r.x).abs() < 1e-4 && (l.y - r.y).abs() < 1e-4 && (l.scale / r.scale - 1.0).abs() < 0.05
        );
    }
    assert_eq!(Keypoints::from_bytes(&read.to_bytes()), Some(read));
}

#[test]
fn damaged_stored_form_is_refused() {
    let bytes = extract(&picture(200, 200, 5)).to_bytes();
    for len in 0..bytes.len() {
        assert_eq!(Keypoints::from_bytes(&bytes[..len]), None, "{len}");
    }
    let mut other = bytes.clone();
    other[0] = 99;
    assert_eq!(Keypoints::from_bytes(&other), None);
}

#[test]
fn tiny_and_flat_images_have_no_points() {
    for (w, h) in [(0, 0), (1, 1), (1, 600), (31, 400), (36, 36), (512, 33)] {
        assert!(extract(&GrayImage::black(w, h)).points.is_empty(), "{w}×{h}");
    }
    assert!(extract(&GrayImage::black(512, 512)).points.is_empty());
}

#[test]
fn swapping_halves_gives_the_descriptors_of_the_mirrored_picture() {
    let image = picture(300, 300, 11);
    let (there, back) = (extract(&image), extract(&mirrored_picture(&image)));
    let close = there.points.iter().filter(|p| {
        back.points.iter().any(|q| {
            let same_place = (1.0 - p.x - q.x).abs() < 0.005 && (p.y - q.y).abs() < 0.005;
            let bits: u32 =
                mirrored(p.descriptor).iter().zip(q.descriptor).map(|(l, r)| (l ^ r).count_ones()).sum();
            same_place && bits <= 40
        })
    });
    let share = close.count() as f32 / there.points.len() as f32;
    assert!(share > 0.7, "{share}");
}
