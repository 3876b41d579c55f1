//! Pictures drawn by whole numbers, the same as in `tests/golden/make_golden.py`.

use tintype_vision::RgbImage;

fn fill(image: &mut RgbImage, left: usize, top: usize, side: usize, colour: [u8; 3]) {
    let stride = image.width() as usize * 3;
    for y in top..top + side {
        for pixel in image.data_mut()[y * stride + left * 3..][..side * 3].chunks_exact_mut(3) {
            pixel.copy_from_slice(&colour);
        }
    }
}

/// Slopes of colour and three squares.
pub(crate) fn slopes() -> RgbImage {
    let (w, h) = (320usize, 240usize);
    let pixel = |at: usize| {
        let (x, y) = (at % w, at / w);
        [x * 255 / (w - 1), y * 255 / (h - 1), (x + y) * 255 / (w + h - 2)].map(|value| value as u8)
    };
    let mut image = RgbImage::new(w as u32, h as u32, (0..w * h).flat_map(pixel).collect()).unwrap();
    fill(&mut image, 40, 30, 90, [230, 40, 30]);
    fill(&mut image, 170, 60, 70, [20, 90, 200]);
    fill(&mut image, 90, 140, 60, [250, 240, 90]);
    image
}

/// Rows of the digits, five bits each.
const DIGITS: [[u8; 7]; 10] = [
    [0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110],
    [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
    [0b01110, 0b10001, 0b00001, 0b00010, 0b00100, 0b01000, 0b11111],
    [0b11111, 0b00010, 0b00100, 0b00010, 0b00001, 0b10001, 0b01110],
    [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010],
    [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110],
    [0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110],
    [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000],
    [0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110],
    [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100],
];

/// Two numbers on a light ground.
pub(crate) fn numbers() -> RgbImage {
    let mut image = RgbImage::new(640, 320, vec![235; 640 * 320 * 3]).unwrap();
    for (digits, left, top, scale) in [(&[2, 4, 6, 8][..], 60, 40, 10), (&[1, 3, 5, 7, 9], 250, 190, 8)] {
        for (at, &digit) in digits.iter().enumerate() {
            for (row, bits) in DIGITS[digit].iter().enumerate() {
                for column in (0..5).filter(|column| bits >> (4 - column) & 1 == 1) {
                    let (x, y) = (left + (at * 6 + column) * scale, top + row * scale);
                    fill(&mut image, x, y, scale, [30, 30, 60]);
                }
            }
        }
    }
    image
}
