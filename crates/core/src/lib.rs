//! [`ContentHash`], [`PixelHash`] and [`FeatureKey`] are the identities that everything in Tintype hangs on;
//! this crate holds them together with the records that several crates exchange ([`Metadata`], [`Issue`],
//! [`FeatureValue`]), the one table of public error codes ([`ErrorCode`]), and the small services that long
//! work needs ([`Control`] for pause and cancel, [`clock`]).
//!
//! It performs no I/O and knows no other crate of the workspace.
//!
//! ```
//! use tintype_core::{FeatureKey, Orientation};
//! let key = FeatureKey::new("perceptual_hash", "dct8@1");
//! assert_eq!(key.kind, "perceptual_hash");
//! assert_eq!(Orientation::from_exif(6).upright_size(4000, 3000), (3000, 4000));
//! ```

pub mod caption;
pub mod clock;
pub mod control;
pub mod error_code;
pub mod feature;
pub mod hash;
pub mod id;
pub mod issue;
pub mod metadata;
pub mod orientation;

pub use caption::{Caption, CaptionBy, ComputedCaption};
pub use control::{Control, Stop};
pub use error_code::{ErrorClass, ErrorCode};
pub use feature::{FeatureKey, FeatureValue};
pub use hash::{ContentHash, PixelHash};
pub use id::{AlbumId, OperationId, PhotoId};
pub use issue::{Issue, Stage};
pub use metadata::{FaceRegion, Flag, Gps, MediaKind, Metadata, TakenAt};
pub use orientation::Orientation;
