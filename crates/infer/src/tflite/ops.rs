//! One function for each operator, grouped by what they do. Each adds nodes that compute the same; none trusts the
//! file's options or shapes.

pub(super) mod activation;
pub(super) mod blocks;
pub(super) mod conv;
pub(super) mod dense;
pub(super) mod join;
pub(super) mod pad;
pub(super) mod pointwise;
pub(super) mod pool;
pub(super) mod quantise;
pub(super) mod reduce;
pub(super) mod reshape;
pub(super) mod resize;
pub(super) mod slice;
pub(super) mod window;
