//! Which instruction set the kernels of this crate use on this machine, decided once at run time.

/// The name of the widest instruction set that the kernels use here: `avx512`, `avx2`, `neon` or `portable`.
pub fn level() -> &'static str {
    "portable"
}
