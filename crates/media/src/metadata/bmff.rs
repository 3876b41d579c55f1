//! ISO base media boxes.

use super::draft::Draft;
use crate::Format;

pub(crate) fn read(_format: Format, _bytes: &[u8], _draft: &mut Draft) {}

pub(crate) fn coded_parts(_format: Format, _bytes: &[u8]) -> Vec<&[u8]> {
    Vec::new()
}
