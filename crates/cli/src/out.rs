//! Lines on the standard output. `println!` is not used: it panics when whoever reads has gone (`tintype search sea |
//! head -1`), which is no mistake of anybody's.

use std::fmt::Arguments;
use std::io::Write as _;

/// Prints a line. When the reader is gone that is an error like any other, which [`crate::exit::code_of`] takes for
/// the end of what was wanted.
pub(crate) fn line(line: Arguments<'_>) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_fmt(line)?;
    out.write_all(b"\n")
}

/// `println!` with an outcome: see [`line`].
macro_rules! outln {
    ($($arguments:tt)+) => {
        $crate::out::line(format_args!($($arguments)+))
    };
}
pub(crate) use outln;
