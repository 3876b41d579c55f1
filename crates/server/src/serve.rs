//! [`serve`]: listening, and stopping in good order.

use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::time::Duration;

use axum::serve::ListenerExt as _;
use tintype_engine::Engine;
use tokio::net::TcpListener;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::watch;

use crate::app::{App, router};
use crate::error::Error;
use crate::guard::Guard;

/// How long answers in progress may take once the server stops.
const GRACE: Duration = Duration::from_secs(5);

/// How a server is set up.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Whether other machines may connect. There are no keys yet: they may then do everything.
    pub allow_remote: bool,
    /// Names, besides `localhost`, that browsers may know this server by; without port.
    pub host_names: Vec<String>,
    /// Largest request body, in bytes.
    pub max_body_bytes: usize,
}

impl Default for ServeOptions {
    /// Port 8420 on loopback; bodies up to 2 MiB, which 10,000 photo ids fit in.
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 8420).into(),
            allow_remote: false,
            host_names: Vec::new(),
            max_body_bytes: 2 << 20,
        }
    }
}

/// Serves `engine` until `shutdown` completes, then lets answers in progress finish for a few seconds and ends event
/// streams. `on_ready` is told the address once requests are accepted. Operations go on: stopping them is up to
/// [`Engine::shutdown`].
pub async fn serve(
    engine: Engine,
    options: ServeOptions,
    on_ready: impl FnOnce(SocketAddr),
    shutdown: impl Future<Output = ()>,
) -> Result<(), Error> {
    let wanted = options.listen;
    if !wanted.ip().is_loopback() && !options.allow_remote {
        return Err(Error::NotLoopback(wanted));
    }
    let listener =
        TcpListener::bind(wanted).await.map_err(|source| Error::Listen { address: wanted, source })?;
    let address = listener.local_addr()?;
    let (stop, stopping) = watch::channel(false);
    let guard = Guard::new(address, options.allow_remote, &options.host_names);
    let app = router(App::new(engine, stopping.clone()), guard, options.max_body_bytes);
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "a connection stays slow");
        }
    });
    let server = axum::serve(listener, app).with_graceful_shutdown(stopped(stopping));
    let mut server = pin!(server.into_future());
    tell(on_ready, address);
    tokio::select! {
        ended = &mut server => return Ok(ended?),
        () = shutdown => {}
    }
    stop.send_replace(true);
    match tokio::time::timeout(GRACE, server).await {
        Ok(ended) => Ok(ended?),
        Err(_slow_clients) => {
            tracing::info!("some clients were still being answered");
            Ok(())
        }
    }
}

async fn stopped(mut stopping: watch::Receiver<bool>) {
    // An error means that the sender is gone, and with it the server.
    drop(stopping.wait_for(|stop| *stop).await);
}

/// The caller may start work in the engine, which blocks.
fn tell(on_ready: impl FnOnce(SocketAddr), address: SocketAddr) {
    if Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread {
        tokio::task::block_in_place(|| on_ready(address));
    } else {
        on_ready(address);
    }
}
