//! [`inspect`] turns a file into an [`Inspected`]: what format it is by content, its hashes and its metadata, in one
//! pass over bytes that are read once. [`decode`] turns those same bytes into a [`Picture`], from which every size
//! and shape of pixels that the steps need is cut: luma, RGB and JPEG previews.
//!
//! [`write_metadata`] puts ratings, dates, titles and keywords into a photo's file or its side file, and is the only
//! thing in Tintype that changes files of others.
//!
//! This is the only crate with decoders. Foreign decoders run inside a panic catcher under [`Limits`] of pixels,
//! bytes and time. A broken photo is data: what went wrong is an [`Issue`](tintype_core::Issue) beside what could
//! be read, and [`Error`] means that nothing could be.
//!
//! Formats whose pixels are decoded: JPEG, PNG, WebP, GIF, TIFF, BMP, JPEG XL, JPEG 2000, the merged picture of PSD,
//! and the previews that raw files carry. HEIC and AVIF need `libheif`, films `ffmpeg`, which are looked for when the
//! program runs ([`available_decoders`]); without them, every other file and all metadata are read as before, and
//! their pixels answer [`NotDecodable`](tintype_core::ErrorCode::NotDecodable) with how to get what is missing.
//!
//! ```
//! use tintype_media::{DecodeRequest, Limits, decode, encode_jpeg, inspect_bytes};
//! use tintype_vision::RgbImage;
//!
//! let jpeg = encode_jpeg(&RgbImage::black(64, 48), 80)?;
//! let photo = inspect_bytes(jpeg, &Limits::default());
//! assert_eq!((photo.metadata.width, photo.metadata.height), (64, 48));
//! let picture = decode(&photo, &DecodeRequest { long_side: 1440, limits: Limits::default() })?;
//! assert_eq!(picture.luma(32).width(), 32);
//! # Ok::<(), tintype_media::Error>(())
//! ```

mod bytes;
mod colour;
mod decode;
mod describe;
mod encode;
mod error;
mod exif_write;
mod format;
mod inspect;
mod jpeg_stream;
mod limits;
mod metadata;
mod orient;
mod picture;
mod pixel_hash;
mod planes;
mod write;

pub use decode::{
    DecodeRequest, DecoderInfo, available_decoders, decode, decode_cost, decode_if_asked, decoders,
    jpeg_backend,
};
pub use describe::{Described, read_metadata};
pub use encode::{Encoded, encode_jpeg};
pub use error::Error;
pub use exif_write::{ExifFields, with_exif};
pub use format::{Format, RawKind, VideoKind, is_candidate_name};
pub use inspect::{Inspected, inspect, inspect_bytes};
pub use limits::Limits;
pub use metadata::read_sidecar;
pub use picture::Picture;
pub use write::{
    BatchEdit, Expected, MetadataEdit, Place, TakenEdit, WriteOptions, Written, edit_bytes, find_sidecar,
    is_leftover, is_writable, load_sidecar, merge_sidecar, sidecar_path, write_batch, write_metadata,
    write_sidecar,
};
