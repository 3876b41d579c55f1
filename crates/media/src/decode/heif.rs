//! HEIC, HEIF and AVIF by `libheif`, where it is installed.
//!
//! The pixels are asked for as they are stored: the turns that the container prescribes are in
//! [`Metadata::orientation`](tintype_core::Metadata) like every format's, and are applied once, by
//! [`Picture`](crate::Picture).
#![allow(unsafe_code, reason = "a C library is called through pointers")]

mod library;

use std::ffi::c_int;
use std::ptr;

use tintype_core::{ErrorCode, Issue, Stage};
use tintype_vision::RgbImage;

use super::{DecodeRequest, Decoded, on_white};
use crate::picture::Base;
use crate::{Error, Format, metadata};
use library::{Heif, Status};

/// `heif_colorspace_RGB`.
const RGB: c_int = 1;
/// `heif_chroma_interleaved_RGB` and `…_RGBA`.
const INTERLEAVED: [c_int; 2] = [10, 11];
/// `heif_channel_interleaved`.
const CHANNEL: c_int = 10;
/// `heif_error_Unsupported_feature`, `heif_error_Memory_allocation_error`, `heif_suberror_End_of_data`.
const UNSUPPORTED: c_int = 4;
const NO_MEMORY: c_int = 6;
const END_OF_DATA: c_int = 100;

/// How to get it, in the words of this system.
pub(super) const HOW_TO_GET: &str = if cfg!(target_os = "macos") {
    "brew install libheif"
} else if cfg!(windows) {
    "put heif.dll (libheif 1.12 or later) on the PATH"
} else {
    "install libheif 1.12 or later (Debian and Ubuntu: apt-get install libheif1)"
};

/// Where a decoder that the library lacks is to be had: newer distributions package them one by one.
pub(super) fn plugin(coding: &str) -> &'static str {
    match coding {
        "HEVC" => "install libde265 support (Debian and Ubuntu: apt-get install libheif-plugin-libde265)",
        _ => "install dav1d support (Debian and Ubuntu: apt-get install libheif-plugin-dav1d)",
    }
}

/// What is installed: version, and whether HEVC and AV1 can be decoded.
pub(super) fn installed() -> Option<(&'static str, bool, bool)> {
    library::library().map(|heif| (heif.version.as_str(), heif.hevc, heif.av1))
}

/// Bytes that decoding a pixel takes at most: planes of 4:4:4 with alpha, the same once more while colours are
/// converted or tiles are put together, and the result. Twice where samples have more than 8 bits.
pub(super) fn bytes_per_pixel(deep: bool) -> u64 {
    if deep { 12 } else { 8 }
}

/// Whether it can be tried at all.
pub(super) fn check(format: Format) -> Result<(), Error> {
    installed_for(format).map(|_heif| ())
}

fn installed_for(format: Format) -> Result<&'static Heif, Error> {
    library::library().ok_or_else(|| Error::NotDecodable {
        format: format.name(),
        detail: format!("needs libheif, which is not installed: {HOW_TO_GET}"),
    })
}

pub(super) fn decode(format: Format, bytes: &[u8], request: &DecodeRequest) -> Result<Decoded, Error> {
    let heif = installed_for(format)?;
    let layout = metadata::heif_layout(bytes);
    let missing = match layout.coding {
        Some([b'a', b'v', b'0', b'1']) if !heif.av1 => Some("AV1"),
        Some([b'h', ..]) if !heif.hevc => Some("HEVC"),
        _ => None,
    };
    if let Some(coding) = missing {
        let detail = format!("libheif {} has no decoder for {coding}: {}", heif.version, plugin(coding));
        return Err(Error::NotDecodable { format: format.name(), detail });
    }
    // Tiles and layers are decoded one after another: a small file may point to one large tile ten thousand times.
    let limits = &request.limits;
    if layout.pixels > limits.max_pixels.saturating_mul(2) {
        let detail = format!("tiles and layers of {} pixels, at most {}", layout.pixels, limits.max_pixels);
        return Err(Error::TooLarge { detail });
    }
    let (image, issues) = Session { heif, format }.decode(bytes, limits.max_pixels)?;
    let image = match layout.crop {
        Some(crop) => cropped(&image, crop),
        None => image,
    };
    let decoder = format!("libheif {}", heif.version).into();
    Ok(Decoded { base: Base::Rgb(image), decoder, issues, managed: false, upright: false })
}

/// The part of a picture that its clean aperture shows: left, top, width, height.
fn cropped(image: &RgbImage, [left, top, width, height]: [u32; 4]) -> RgbImage {
    if left.saturating_add(width) > image.width() || top.saturating_add(height) > image.height() {
        return image.clone();
    }
    let (from, len) = (left as usize * 3, width as usize * 3);
    let rows = image.data().chunks_exact(image.width() as usize * 3);
    let data: Vec<u8> = rows
        .skip(top as usize)
        .take(height as usize)
        .flat_map(|row| &row[from..from + len])
        .copied()
        .collect();
    RgbImage::new(width, height, data).unwrap_or_else(|| image.clone())
}

fn failed(detail: String) -> Error {
    Error::Decoder { decoder: "libheif", detail }
}

/// A pointer that the library allocated.
fn made<T>(pointer: *mut T) -> Result<*mut T, Error> {
    if pointer.is_null() { Err(failed("out of memory".to_owned())) } else { Ok(pointer) }
}

/// Frees what the library allocated, however the decode ends.
struct Owned<T> {
    pointer: *mut T,
    free: unsafe extern "C" fn(*mut T),
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        // SAFETY: the pointer is not null, came from the allocating function that belongs to `free`, and is freed here only.
        unsafe { (self.free)(self.pointer) }
    }
}

/// As [`Owned`], for functions that free a pointer to constant data.
struct Held<T> {
    pointer: *mut T,
    release: unsafe extern "C" fn(*const T),
}

impl<T> Drop for Held<T> {
    fn drop(&mut self) {
        // SAFETY: as for `Owned`.
        unsafe { (self.release)(self.pointer) }
    }
}

/// One decode with the library.
struct Session {
    heif: &'static Heif,
    format: Format,
}

impl Session {
    fn decode(&self, bytes: &[u8], max_pixels: u64) -> Result<(RgbImage, Vec<Issue>), Error> {
        let heif = self.heif;
        // SAFETY: takes nothing.
        let pointer = unsafe { (heif.heif_context_alloc)() };
        let context = Owned { pointer: made(pointer)?, free: heif.heif_context_free };
        self.limit(&context, max_pixels);
        // SAFETY: the bytes outlive the context, which keeps pointing to them.
        self.check(unsafe {
            (heif.heif_context_read_from_memory_without_copy)(
                context.pointer,
                bytes.as_ptr().cast(),
                bytes.len(),
                ptr::null(),
            )
        })?;
        let mut pointer = ptr::null_mut();
        // SAFETY: the context is alive; the handle is written to a local.
        self.check(unsafe {
            (heif.heif_context_get_primary_image_handle)(context.pointer, &raw mut pointer)
        })?;
        let handle = Held { pointer: made(pointer)?, release: heif.heif_image_handle_release };
        // SAFETY: the handle is alive.
        let has_alpha = unsafe { (heif.heif_image_handle_has_alpha_channel)(handle.pointer) } != 0;
        // SAFETY: the handle is alive.
        let is_premultiplied = heif
            .heif_image_handle_is_premultiplied_alpha
            .is_some_and(|ask| unsafe { ask(handle.pointer) } != 0);

        // SAFETY: takes nothing.
        let pointer = unsafe { (heif.heif_decoding_options_alloc)() };
        let options = Owned { pointer: made(pointer)?, free: heif.heif_decoding_options_free };
        // SAFETY: the library allocated the structure, and these fields are in its oldest version that is accepted.
        unsafe {
            (*options.pointer).ignore_transformations = 1;
            (*options.pointer).convert_hdr_to_8bit = 1;
        }
        let mut pointer = ptr::null_mut();
        // SAFETY: handle and options are alive; the image is written to a local.
        self.check(unsafe {
            (heif.heif_decode_image)(
                handle.pointer,
                &raw mut pointer,
                RGB,
                INTERLEAVED[usize::from(has_alpha)],
                options.pointer,
            )
        })?;
        let image = Held { pointer: made(pointer)?, release: heif.heif_image_release };
        let issues = self.warnings(&image);
        Ok((self.copied(&image, has_alpha.then_some(is_premultiplied), max_pixels)?, issues))
    }

    /// What was wrong with the data although there is a picture.
    fn warnings(&self, image: &Held<library::Image>) -> Vec<Issue> {
        let mut first = Status { code: 0, subcode: 0, message: ptr::null() };
        let Some(warnings) = self.heif.heif_image_get_decoding_warnings else { return Vec::new() };
        // SAFETY: the image is alive, and one status is written to a local. Its message lives as long as the image.
        let detail = unsafe {
            let count = warnings(image.pointer, 0, &raw mut first, 1);
            (count > 0).then(|| library::text(first.message))
        };
        detail.map(|detail| Issue::new(Stage::Decode, ErrorCode::InvalidImage, detail)).into_iter().collect()
    }

    /// What the library itself can be told of limits. The threads are ours: one picture, one thread.
    fn limit(&self, context: &Owned<library::Context>, max_pixels: u64) {
        // SAFETY: the context is alive, and a structure that the library returns has the fields of its first version.
        unsafe {
            // Its own default, 32,768, counts sides: a picture longer than the pixels allowed is none.
            let side = c_int::try_from(max_pixels).unwrap_or(c_int::MAX).min(1 << 16);
            (self.heif.heif_context_set_maximum_image_size_limit)(context.pointer, side);
            if let Some(set) = self.heif.heif_context_set_max_decoding_threads {
                set(context.pointer, 0);
            }
            if let Some(limits) = self.heif.heif_context_get_security_limits {
                let limits = limits(context.pointer);
                if !limits.is_null() {
                    (*limits).max_image_size_pixels = max_pixels;
                }
            }
        }
    }

    /// The decoded plane, copied and without alpha; `alpha` says whether it has some, and whether it is premultiplied.
    fn copied(
        &self,
        image: &Held<library::Image>,
        alpha: Option<bool>,
        max_pixels: u64,
    ) -> Result<RgbImage, Error> {
        let mut stride = 0;
        // SAFETY: the image is alive; the stride is written to a local.
        let (width, height, plane) = unsafe {
            (
                (self.heif.heif_image_get_width)(image.pointer, CHANNEL),
                (self.heif.heif_image_get_height)(image.pointer, CHANNEL),
                (self.heif.heif_image_get_plane_readonly)(image.pointer, CHANNEL, &raw mut stride),
            )
        };
        let bad = || failed("the decoder gave no picture".to_owned());
        let (Ok(width), Ok(height), Ok(stride)) =
            (usize::try_from(width), usize::try_from(height), usize::try_from(stride))
        else {
            return Err(bad());
        };
        let channels = if alpha.is_some() { 4 } else { 3 };
        if plane.is_null() || width == 0 || height == 0 || stride < width * channels {
            return Err(bad());
        }
        if width as u64 * height as u64 > max_pixels {
            return Err(Error::TooLarge {
                detail: format!("{width} × {height} pixels, at most {max_pixels}"),
            });
        }
        let mut data = Vec::with_capacity(width * height * 3);
        for y in 0..height {
            // SAFETY: a plane has `height` rows of `stride` bytes, of which `width` pixels are read, and lives as
            // long as the image.
            let row = unsafe { std::slice::from_raw_parts(plane.add(y * stride), width * channels) };
            match alpha {
                None => data.extend_from_slice(row),
                Some(false) => row.chunks_exact(4).for_each(|pixel| data.extend(on_white(pixel))),
                Some(true) => row.chunks_exact(4).for_each(|pixel| {
                    data.extend([0, 1, 2].map(|i: usize| pixel[i].saturating_add(255 - pixel[3])));
                }),
            }
        }
        RgbImage::new(width as u32, height as u32, data).ok_or_else(bad)
    }

    fn check(&self, status: Status) -> Result<(), Error> {
        if status.code == 0 {
            return Ok(());
        }
        // SAFETY: messages are static, or live in the object that the failed call was about.
        let detail = unsafe { library::text(status.message) };
        Err(match (status.code, status.subcode) {
            (_, END_OF_DATA) => Error::Truncated { detail },
            (UNSUPPORTED, _) => Error::NotDecodable { format: self.format.name(), detail },
            (NO_MEMORY, _) => Error::TooLarge { detail },
            _ => failed(detail),
        })
    }
}
