//! All distances between two sets of descriptors, with the population count instruction where there is one.
#![allow(unsafe_code, reason = "calls a function compiled for an instruction set that was checked for")]

/// Differing bits of every descriptor of `rows` (outer) with every one of `columns`, row by row.
pub(super) fn table(rows: &[[u64; 4]], columns: &[[u64; 4]]) -> Vec<u16> {
    let mut out = vec![0; rows.len() * columns.len()];
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("popcnt") {
        // SAFETY: the instruction set that `with_popcnt` is compiled for was just found on this machine.
        unsafe { with_popcnt(rows, columns, &mut out) };
        return out;
    }
    portable(rows, columns, &mut out);
    out
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "popcnt")]
fn with_popcnt(rows: &[[u64; 4]], columns: &[[u64; 4]], out: &mut [u16]) {
    portable(rows, columns, out);
}

/// The plain form, compiled once for every machine and once for those that count bits in one instruction.
#[inline(always)]
#[allow(clippy::inline_always, reason = "must be compiled into its caller to use that one's instruction set")]
fn portable(rows: &[[u64; 4]], columns: &[[u64; 4]], out: &mut [u16]) {
    for (row, line) in rows.iter().zip(out.chunks_exact_mut(columns.len().max(1))) {
        for (column, distance) in columns.iter().zip(line) {
            *distance = (0..4).map(|i| (row[i] ^ column[i]).count_ones() as u16).sum();
        }
    }
}
