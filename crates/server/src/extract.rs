//! Reading requests: [`Id`] from the path, [`Query`] from the query string, [`Body`] from JSON, [`Upload`] from a form. Each names the
//! field that is wrong, and refuses unknown names with the nearest known one, so that a typing error is never
//! taken for "no condition".

mod body;
mod nearest;
mod query;
mod upload;

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

use crate::problem::Problem;

pub(crate) use body::{Body, OptionalBody, parse as parse_json};
pub(crate) use query::Query;
pub(crate) use upload::{
    MAX_UPLOAD_BYTES, Upload, UploadForm, is_form, open_form, part_bytes, stray,
    unreadable as unreadable_form,
};

/// The `{id}` of the path.
pub(crate) struct Id<T>(pub(crate) T);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let bad = |text: &str| Problem::field("id", format!("{text:?} is not a UUID"));
        let params =
            RawPathParams::from_request_parts(parts, state).await.map_err(|error| bad(&error.to_string()))?;
        let text = params.iter().find(|(name, _)| *name == "id").map_or("", |(_, value)| value);
        text.parse().map(Self).map_err(|_not_an_id| bad(text))
    }
}
