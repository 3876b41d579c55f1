//! Vectors: which there are and which are used, and vectors of pictures and words that are not in the library.

use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use tintype_engine::vectors::SpaceWanted;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::{Answer, App};
use crate::dto::listing::Items;
use crate::dto::vectors::{ChooseVectors, EmbedRequest, Embeddings, Input, VectorSpace};
use crate::extract::{Body, is_form, open_form, parse_json, part_bytes, stray, unreadable_form};
use crate::problem::{Invalid, NotJson, NotNow, Problem, TooLarge, Unreadable};

/// A hundred pictures of the size that models look at, or a few of a camera.
const MAX_BYTES: usize = 64 << 20;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(embed))
        .layer(DefaultBodyLimit::max(MAX_BYTES))
        .routes(routes!(list_vectors, choose_vectors))
}

/// Lists the kinds of vectors and their producers, the most telling first
#[utoipa::path(get, path = "/vectors", tag = "search",
    responses((status = 200, description = "Every producer that has vectors or can make them.", body = Items<VectorSpace>)))]
async fn list_vectors(State(app): State<App>) -> Answer<Items<VectorSpace>> {
    app.json(|engine| Ok(engine.vector_spaces()?.into_iter().map(Into::into).collect())).await
}

/// Says which producer's vectors searches use
///
/// From the next search on; nothing is computed and nothing removed.
#[utoipa::path(put, path = "/vectors", tag = "search", request_body = ChooseVectors,
    responses((status = 200, description = "The producers as they are now.", body = Items<VectorSpace>), TooLarge, NotJson, Invalid))]
async fn choose_vectors(
    State(app): State<App>,
    Body(ChooseVectors { kind, producer }): Body<ChooseVectors>,
) -> Answer<Items<VectorSpace>> {
    app.json(move |engine| {
        engine.choose_vectors(&kind, producer.as_deref())?;
        Ok(engine.vector_spaces()?.into_iter().map(Into::into).collect())
    })
    .await
}

/// What to embed, as JSON or as a form.
struct Wanted(EmbedRequest, Vec<Input>);

impl<S: Send + Sync> FromRequest<S> for Wanted {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_form(request.headers()) {
            return Body::from_request(request, state).await.map(|Body(wanted)| Self(wanted, Vec::new()));
        }
        let mut form = open_form(request, state).await?;
        let (mut wanted, mut inputs) = (EmbedRequest::default(), Vec::new());
        while let Some(part) = form.next_field().await.map_err(|error| unreadable_form(&error))? {
            let name = part.name().unwrap_or_default().to_owned();
            let bytes = part_bytes(part).await?;
            let text = || String::from_utf8_lossy(&bytes).into_owned();
            match name.as_str() {
                "image" => inputs.push(Input::Image(bytes)),
                "text" => inputs.push(Input::Text(text())),
                "kind" => wanted.kind = Some(text()),
                "producer" => wanted.producer = Some(text()),
                "request" => wanted = parse_json(&bytes)?,
                other => {
                    let parts =
                        "the parts are image and text, any number of times, and kind, producer or request";
                    return Err(stray(other, parts));
                }
            }
        }
        Ok(Self(wanted, inputs))
    }
}

/// Makes vectors of pictures and texts
///
/// As JSON, or as `multipart/form-data` with parts `image` and `text`. All vectors are of one space: where there is a
/// text, of one that reads words. 503 `MODEL_UNAVAILABLE` where no model is installed that can.
#[utoipa::path(post, path = "/embed", tag = "search", request_body = EmbedRequest,
    responses((status = 200, description = "The vectors, in the order of the inputs.", body = Embeddings), Unreadable, NotNow, TooLarge, NotJson, Invalid))]
async fn embed(State(app): State<App>, Wanted(mut wanted, parts): Wanted) -> Answer<Embeddings> {
    let inputs = wanted.check(parts)?;
    app.json(move |engine| {
        let reads_words = inputs.iter().any(|input| matches!(input, Input::Text(_)));
        let space = engine.vector_space(SpaceWanted {
            kind: wanted.kind.as_deref(),
            producer: wanted.producer.as_deref(),
            reads_words,
        })?;
        let mut vectors = Vec::with_capacity(inputs.len());
        for (at, input) in inputs.iter().enumerate() {
            let vector = match input {
                Input::Text(text) => engine.embed_text(text, &space),
                Input::Image(bytes) => engine.embed_image(bytes, &space),
            };
            vectors.push(vector.map_err(|error| Problem::new(error.code(), format!("input {at}: {error}")))?);
        }
        let dimension = vectors.first().map_or(0, Vec::len);
        Ok(Embeddings { kind: space.kind, producer: space.producer, dimension, vectors })
    })
    .await
}
