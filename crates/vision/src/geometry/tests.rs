use super::*;
use crate::GrayImage;
use crate::keypoints::extract;
use crate::keypoints::tests::{mirrored_picture, picture};
use crate::resize::resize_gray;

fn crop(image: &GrayImage, left: u32, top: u32, width: u32, height: u32) -> GrayImage {
    let rows =
        (top..top + height).flat_map(|y| image.row(y)[left as usize..(left + width) as usize].to_vec());
    GrayImage::new(width, height, rows.collect()).unwrap()
}

fn quarter_turn(image: &GrayImage) -> GrayImage {
    let (w, h) = (image.width(), image.height());
    let data =
        (0..w).flat_map(|y| (0..h).map(move |x| (x, y))).map(|(x, y)| image.row(h - 1 - x)[y as usize]);
    GrayImage::new(h, w, data.collect()).unwrap()
}

fn same(a: &GrayImage, b: &GrayImage) -> Option<Alignment> {
    align(&extract(a), &extract(b)).filter(same_picture)
}

#[test]
fn copies_are_recognised() {
    let image = picture(512, 384, 21);
    let brighter =
        GrayImage::new(512, 384, image.data().iter().map(|v| (f32::from(*v) * 0.8 + 40.0) as u8).collect())
            .unwrap();
    for (name, copy, is_mirrored) in [
        ("itself", image.clone(), false),
        ("smaller", resize_gray(&image, 300, 225), false),
        ("brighter", brighter, false),
        ("mirrored", mirrored_picture(&image), true),
        ("turned", quarter_turn(&image), false),
        ("three quarters", crop(&image, 60, 40, 384, 288), false),
    ] {
        let found = same(&image, &copy);
        assert!(
            found.is_some_and(|g| g.mirrored == is_mirrored),
            "{name}: {:?}",
            align(&extract(&image), &extract(&copy))
        );
    }
}

#[test]
fn a_crop_is_laid_where_it_was_cut() {
    let image = picture(512, 384, 22);
    let found = align(&extract(&crop(&image, 100, 50, 384, 288)), &extract(&image)).unwrap();
    let (x, y) = apply(&found.transform, (0.0, 0.0));
    assert!((x * 512.0 - 100.0).abs() < 4.0 && (y * 512.0 - 50.0).abs() < 4.0, "{x} {y}");
    assert!((found.transform[0] - 0.75).abs() < 0.02, "{:?}", found.transform);
}

#[test]
fn other_pictures_are_not_recognised() {
    for seed in 0..6 {
        assert_eq!(same(&picture(512, 384, 100 + seed), &picture(512, 384, 200 + seed)), None);
    }
}

#[test]
fn nothing_aligns_with_nothing() {
    let (flat, image) = (extract(&GrayImage::black(300, 300)), extract(&picture(300, 300, 1)));
    assert_eq!(align(&flat, &image), None);
    assert_eq!(align(&image, &flat), None);
    assert_eq!(align(&extract(&GrayImage::black(0, 0)), &image), None);
}
