//! What can keep a server from starting. A request that fails is a [`crate::problem::Problem`] instead.

use std::net::SocketAddr;

use tintype_core::ErrorCode;

/// Why the server could not start or had to stop.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Without keys, whoever reaches the port may do everything.
    #[error(
        "{0} can be reached from other machines, and there are no keys yet; listen on 127.0.0.1, or allow it with --allow-remote"
    )]
    NotLoopback(SocketAddr),
    /// The port is taken, or not ours to take.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The listening socket failed.
    #[error("the server stopped: {0}")]
    Io(#[from] std::io::Error),
}

impl Error {
    /// The public code of this error.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NotLoopback(_) => ErrorCode::ValidationError,
            Self::Listen { source, .. } if source.kind() == std::io::ErrorKind::AddrInUse => ErrorCode::Busy,
            Self::Listen { .. } | Self::Io(_) => ErrorCode::FileUnreadable,
        }
    }
}
