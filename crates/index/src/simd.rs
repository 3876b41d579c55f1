//! Which instruction set the kernels use on this machine, decided once at run time.

use std::sync::OnceLock;

/// An instruction set that the kernels have a version for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    not(target_arch = "x86_64"),
    expect(dead_code, reason = "each processor family constructs its own levels")
)]
pub(crate) enum Level {
    /// AVX-512 with byte dot products (VNNI): Intel since Ice Lake, AMD since Zen 4.
    Avx512,
    /// AVX2: x86 since about 2013.
    Avx2,
    /// What the compiler makes of the portable kernels; NEON on 64-bit ARM.
    Portable,
}

/// The widest level of this machine.
pub(crate) fn detected() -> Level {
    static LEVEL: OnceLock<Level> = OnceLock::new();
    *LEVEL.get_or_init(detect)
}

#[cfg(target_arch = "x86_64")]
fn detect() -> Level {
    let avx2 = is_x86_feature_detected!("avx2");
    let avx512 = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vnni");
    match (avx2, avx512) {
        (true, true) => Level::Avx512,
        (true, false) => Level::Avx2,
        _ => Level::Portable,
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn detect() -> Level {
    Level::Portable
}

/// The name of the instruction set that the kernels use here: `avx512`, `avx2`, `neon` or `portable`.
pub fn level() -> &'static str {
    match detected() {
        Level::Avx512 => "avx512",
        Level::Avx2 => "avx2",
        Level::Portable if cfg!(target_arch = "aarch64") => "neon",
        Level::Portable => "portable",
    }
}
