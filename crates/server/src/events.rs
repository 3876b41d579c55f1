//! Server-sent events: operations as they change.
//!
//! Each stream asks the engine for the numbers a few times a second and sends what changed. The engine keeps the
//! live numbers in memory, so asking is cheap; pushing them instead would tie the pace of the work to the slowest
//! reader. A stream ends with its operation, with the client, or with the server.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use tintype_core::{ErrorCode, OperationId};
use tokio::sync::{OwnedSemaphorePermit, watch};
use uuid::Uuid;

use crate::app::App;
use crate::dto::operation::Operation;
use crate::problem::Problem;

/// Time between looks while something runs: at most five updates a second.
const PACE: Duration = Duration::from_millis(200);

/// Time between looks while nothing runs.
const IDLE_PACE: Duration = Duration::from_secs(1);

/// Proxies close connections that are silent for a minute; browsers notice a dead one by the missing beat.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Operations that the stream of all looks at: everything that runs is among the latest.
const LATEST: usize = 50;

/// Which operations a stream follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Followed {
    One(OperationId),
    All,
}

/// The stream of one operation.
pub(crate) async fn of_one(app: App, id: OperationId) -> Result<Response, Problem> {
    follow(app, Followed::One(id)).await
}

/// The stream of all operations.
pub(crate) async fn of_all(app: App) -> Result<Response, Problem> {
    follow(app, Followed::All).await
}

async fn follow(app: App, followed: Followed) -> Result<Response, Problem> {
    let place = app.streams().try_acquire_owned();
    let place = place.map_err(|_full| {
        Problem::new(ErrorCode::Busy, "too many event streams are open; close a few pages")
    })?;
    let mut follower = Follower {
        stopping: app.stopping(),
        app,
        followed,
        sent: HashMap::new(),
        waiting: VecDeque::new(),
        pace: IDLE_PACE,
        has_ended: false,
        _place: place,
    };
    // Before the answer begins: an unknown id is a 404, and whatever happens after the answer has begun is told.
    let known = follower.look().await?;
    follower.note(known, true);
    let events = stream::unfold(follower, |mut follower| async move {
        let event = follower.next().await?;
        Some((Ok::<_, Infallible>(event), follower))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("beat")).into_response())
}

/// One client's view of operations.
struct Follower {
    app: App,
    followed: Followed,
    stopping: watch::Receiver<bool>,
    /// What the client knows.
    sent: HashMap<Uuid, Operation>,
    waiting: VecDeque<Event>,
    /// Time until the next look.
    pace: Duration,
    has_ended: bool,
    _place: OwnedSemaphorePermit,
}

impl Follower {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            if self.has_ended {
                return None;
            }
            tokio::select! {
                _ = self.stopping.wait_for(|stop| *stop) => return None,
                () = tokio::time::sleep(self.pace) => {}
            }
            match self.look().await {
                Ok(operations) => self.note(operations, false),
                // The browser comes back by itself, and then gets the problem as an answer.
                Err(problem) => {
                    tracing::warn!(code = %problem.code, "an event stream ended early");
                    self.has_ended = true;
                }
            }
        }
    }

    /// The operations as they are, the one asked for first first.
    async fn look(&self) -> Result<Vec<Operation>, Problem> {
        let followed = self.followed;
        self.app
            .blocking(move |engine| {
                Ok(match followed {
                    Followed::One(id) => vec![engine.operation(id)?.into()],
                    Followed::All => engine
                        .operations(None, LATEST, None)?
                        .items
                        .into_iter()
                        .rev()
                        .map(Into::into)
                        .collect(),
                })
            })
            .await
    }

    /// Puts what the client does not know yet into the queue.
    fn note(&mut self, operations: Vec<Operation>, is_first: bool) {
        let is_active = operations.iter().any(|operation| operation.state.is_active());
        self.pace = if is_active { PACE } else { IDLE_PACE };
        let known = std::mem::take(&mut self.sent);
        for operation in operations {
            let is_done = operation.state.is_final();
            // A stream of all begins with what goes on; the past is a list.
            let is_past = is_first && is_done && self.followed == Followed::All;
            if !is_past && known.get(&operation.id) != Some(&operation) {
                let name = if is_done { "done" } else { "progress" };
                match Event::default().event(name).json_data(&operation) {
                    Ok(event) => self.waiting.push_back(event),
                    Err(error) => tracing::error!(%error, "an operation cannot be written as JSON"),
                }
            }
            self.has_ended |= is_done && self.followed != Followed::All;
            self.sent.insert(operation.id, operation);
        }
    }
}
