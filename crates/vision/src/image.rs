//! Tightly packed 8-bit images, upright, sRGB.

macro_rules! image_type {
    ($(#[$doc:meta])* $name:ident, $channels:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            width: u32,
            height: u32,
            data: Vec<u8>,
        }

        impl $name {
            /// Bytes of one pixel.
            pub const CHANNELS: usize = $channels;

            /// An image over `data`, row by row from the top. `None` unless the length is exactly
            /// `width × height × channels`.
            pub fn new(width: u32, height: u32, data: Vec<u8>) -> Option<Self> {
                let wanted = (width as usize).checked_mul(height as usize)?.checked_mul($channels)?;
                (data.len() == wanted).then_some(Self { width, height, data })
            }

            /// An image of zeros.
            pub fn black(width: u32, height: u32) -> Self {
                Self { width, height, data: vec![0; width as usize * height as usize * $channels] }
            }

            /// Width in pixels.
            pub fn width(&self) -> u32 {
                self.width
            }

            /// Height in pixels.
            pub fn height(&self) -> u32 {
                self.height
            }

            /// The pixels, row by row from the top.
            pub fn data(&self) -> &[u8] {
                &self.data
            }

            /// The pixels, to write.
            pub fn data_mut(&mut self) -> &mut [u8] {
                &mut self.data
            }

            /// The pixels, given away.
            pub fn into_data(self) -> Vec<u8> {
                self.data
            }

            /// The bytes of row `y`. Panics if `y` is outside the image.
            pub fn row(&self, y: u32) -> &[u8] {
                let stride = self.width as usize * $channels;
                &self.data[y as usize * stride..][..stride]
            }
        }
    };
}

image_type! {
    /// One byte of luma per pixel.
    GrayImage, 1
}
image_type! {
    /// Three bytes per pixel: red, green, blue, sRGB-encoded.
    RgbImage, 3
}
