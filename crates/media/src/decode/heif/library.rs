//! `libheif` as it is found on this machine when the program runs: its stable C interface (`heif.h`, the same since
//! 1.12), looked up by name. Nothing of it is needed to build, and without it the program only says so.
#![allow(unsafe_code, reason = "a C library is called through pointers")]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::OnceLock;

use libloading::Library;

/// Opaque `heif_context`.
pub(super) type Context = c_void;
/// Opaque `heif_image_handle`.
pub(super) type Handle = c_void;
/// Opaque `heif_image`.
pub(super) type Image = c_void;

/// `struct heif_error`, returned by value.
#[derive(Clone, Copy)]
#[repr(C)]
pub(super) struct Status {
    pub(super) code: c_int,
    pub(super) subcode: c_int,
    pub(super) message: *const c_char,
}

/// The first fields of `struct heif_decoding_options`: later versions append to it, and the library allocates it.
#[repr(C)]
pub(super) struct Options {
    version: u8,
    pub(super) ignore_transformations: u8,
    callbacks: [*const c_void; 3],
    user_data: *mut c_void,
    pub(super) convert_hdr_to_8bit: u8,
}

/// The first fields of `struct heif_security_limits` (1.19).
#[repr(C)]
pub(super) struct SecurityLimits {
    version: u8,
    pub(super) max_image_size_pixels: u64,
}

/// `enum heif_compression_format`.
const HEVC: c_int = 1;
const AV1: c_int = 4;

/// The oldest version whose interface this is: major, minor.
const OLDEST: (u32, u32) = (1, 12);

macro_rules! functions {
    (
        required { $($name:ident: fn($($arg:ty),*) $(-> $result:ty)?;)* }
        optional { $($late:ident: fn($($late_arg:ty),*) $(-> $late_result:ty)?;)* }
    ) => {
        /// The functions used. The library is never unloaded.
        pub(super) struct Heif {
            $(pub(super) $name: unsafe extern "C" fn($($arg),*) $(-> $result)?,)*
            $(pub(super) $late: Option<unsafe extern "C" fn($($late_arg),*) $(-> $late_result)?>,)*
            /// Its version, as it says.
            pub(super) version: String,
            /// Whether it has a decoder for HEVC, which is in HEIC files.
            pub(super) hevc: bool,
            /// Whether it has a decoder for AV1, which is in AVIF files.
            pub(super) av1: bool,
        }

        impl Heif {
            fn from_library(library: Library) -> Option<Self> {
                // Leaked on purpose: the functions are used until the program ends.
                let library: &'static Library = Box::leak(Box::new(library));
                // SAFETY: the types are those of `heif.h` for these names, which its authors keep stable.
                unsafe {
                    Some(Self {
                        $($name: *library.get(stringify!($name)).ok()?,)*
                        $($late: library.get(stringify!($late)).ok().map(|symbol| *symbol),)*
                        version: String::new(),
                        hevc: false,
                        av1: false,
                    })
                }
            }
        }
    };
}

functions! {
    required {
        heif_get_version: fn() -> *const c_char;
        heif_have_decoder_for_format: fn(c_int) -> c_int;
        heif_context_alloc: fn() -> *mut Context;
        heif_context_free: fn(*mut Context);
        heif_context_set_maximum_image_size_limit: fn(*mut Context, c_int);
        heif_context_read_from_memory_without_copy:
            fn(*mut Context, *const c_void, usize, *const c_void) -> Status;
        heif_context_get_primary_image_handle: fn(*mut Context, *mut *mut Handle) -> Status;
        heif_image_handle_release: fn(*const Handle);
        heif_image_handle_has_alpha_channel: fn(*const Handle) -> c_int;
        heif_decoding_options_alloc: fn() -> *mut Options;
        heif_decoding_options_free: fn(*mut Options);
        heif_decode_image: fn(*const Handle, *mut *mut Image, c_int, c_int, *const Options) -> Status;
        heif_image_release: fn(*const Image);
        heif_image_get_width: fn(*const Image, c_int) -> c_int;
        heif_image_get_height: fn(*const Image, c_int) -> c_int;
        heif_image_get_plane_readonly: fn(*const Image, c_int, *mut c_int) -> *const u8;
    }
    optional {
        heif_init: fn(*mut c_void) -> Status;
        heif_image_handle_is_premultiplied_alpha: fn(*const Handle) -> c_int;
        heif_context_set_max_decoding_threads: fn(*mut Context, c_int);
        heif_image_get_decoding_warnings: fn(*mut Image, c_int, *mut Status, c_int) -> c_int;
        heif_context_get_security_limits: fn(*mut Context) -> *mut SecurityLimits;
    }
}

/// The library's file names, best first. Names without a folder: the system's own search decides.
const NAMES: &[&str] = if cfg!(target_os = "macos") {
    &["libheif.1.dylib", "/opt/homebrew/lib/libheif.1.dylib", "/usr/local/lib/libheif.1.dylib"]
} else if cfg!(windows) {
    &["heif.dll", "libheif.dll", "libheif-1.dll"]
} else {
    &["libheif.so.1"]
};

/// The library, looked for once. `None` when it is not there or too old.
pub(super) fn library() -> Option<&'static Heif> {
    static FOUND: OnceLock<Option<Heif>> = OnceLock::new();
    FOUND.get_or_init(load).as_ref()
}

fn load() -> Option<Heif> {
    // SAFETY: loading runs the library's initialisers; it is the one that the system's administrator installed
    // under this name.
    let library = NAMES.iter().find_map(|name| unsafe { Library::new(*name) }.ok())?;
    let mut heif = Heif::from_library(library)?;
    // SAFETY: takes nothing and returns a static string.
    let version = unsafe { text((heif.heif_get_version)()) };
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    if (parts.next()?, parts.next()?) < OLDEST {
        return None;
    }
    if let Some(init) = heif.heif_init {
        // SAFETY: null stands for default parameters. Loads decoders that are installed as plug-ins.
        unsafe { init(std::ptr::null_mut()) };
    }
    // SAFETY: takes a number; unknown ones answer 0.
    let has = |format| unsafe { (heif.heif_have_decoder_for_format)(format) } != 0;
    (heif.hevc, heif.av1) = (has(HEVC), has(AV1));
    heif.version = version;
    Some(heif)
}

/// A C string of the library's, or nothing for null.
///
/// # Safety
///
/// The pointer is null or points to bytes that end in NUL and stay until the call returns.
pub(super) unsafe fn text(pointer: *const c_char) -> String {
    if pointer.is_null() {
        return String::new();
    }
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned()
}
