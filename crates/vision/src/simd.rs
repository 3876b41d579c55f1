//! Which instruction set kernels use on this machine, decided once at run time.

use std::sync::OnceLock;

/// An instruction set that a kernel may have a version for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// AVX-512 with byte, population-count and dot-product instructions: Intel since Ice Lake, AMD since Zen 4.
    Avx512,
    /// AVX2 with FMA and BMI: x86 since about 2013.
    Avx2,
    /// What every processor of the target has; NEON on 64-bit ARM.
    Baseline,
}

/// The widest level of this machine.
pub fn detected() -> Level {
    static LEVEL: OnceLock<Level> = OnceLock::new();
    *LEVEL.get_or_init(detect)
}

#[cfg(target_arch = "x86_64")]
fn detect() -> Level {
    let avx2 = is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("fma")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("popcnt");
    let avx512 = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512vnni")
        && is_x86_feature_detected!("avx512vpopcntdq");
    match (avx2, avx512) {
        (true, true) => Level::Avx512,
        (true, false) => Level::Avx2,
        _ => Level::Baseline,
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn detect() -> Level {
    Level::Baseline
}

/// The name of the widest instruction set that the kernels use here: `avx512`, `avx2`, `neon` or `portable`.
pub fn level() -> &'static str {
    match detected() {
        Level::Avx512 => "avx512",
        Level::Avx2 => "avx2",
        Level::Baseline if cfg!(target_arch = "aarch64") => "neon",
        Level::Baseline => "portable",
    }
}

/// Defines `$name` as `$body` (an `#[inline(always)]` function) compiled once per instruction set and chosen at
/// run time; the compiler vectorises each version for its set. Files that use it allow `unsafe_code`.
macro_rules! per_level {
    ($(#[$doc:meta])* $visibility:vis fn $name:ident($($arg:ident: $type:ty),* $(,)?) $(-> $out:ty)? = $body:path;) => {
        $(#[$doc])*
        $visibility fn $name($($arg: $type),*) $(-> $out)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(
                    enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512vpopcntdq,avx2,fma,bmi1,bmi2,popcnt"
                )]
                fn avx512($($arg: $type),*) $(-> $out)? {
                    $body($($arg),*)
                }
                #[target_feature(enable = "avx2,fma,bmi1,bmi2,popcnt")]
                fn avx2($($arg: $type),*) $(-> $out)? {
                    $body($($arg),*)
                }
                match $crate::simd::detected() {
                    // SAFETY: the processor has the features of the level that was detected.
                    $crate::simd::Level::Avx512 => return unsafe { avx512($($arg),*) },
                    // SAFETY: as above.
                    $crate::simd::Level::Avx2 => return unsafe { avx2($($arg),*) },
                    $crate::simd::Level::Baseline => {}
                }
            }
            $body($($arg),*)
        }
    };
}
pub(crate) use per_level;
