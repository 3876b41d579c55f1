//! Query strings.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::nearest;
use crate::problem::{FieldError, Problem};

/// Parameters of up to three records, each name known to exactly one of them. What [`IntoParams`] documents is
/// what is accepted. A parameter without a value counts as absent, as forms send it.
pub(crate) struct Query<A, B = NoParameters, C = NoParameters>(pub(crate) A, pub(crate) B, pub(crate) C);

/// No parameters.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct NoParameters {}

impl IntoParams for NoParameters {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        Vec::new()
    }
}

impl<S, A, B, C> FromRequestParts<S> for Query<A, B, C>
where
    S: Send + Sync,
    A: DeserializeOwned + IntoParams,
    B: DeserializeOwned + IntoParams,
    C: DeserializeOwned + IntoParams,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parse(parts.uri.query().unwrap_or(""))
    }
}

fn names<T: IntoParams>() -> Vec<String> {
    T::into_params(|| None).into_iter().map(|parameter| parameter.name).collect()
}

fn parse<A, B, C>(query: &str) -> Result<Query<A, B, C>, Problem>
where
    A: DeserializeOwned + IntoParams,
    B: DeserializeOwned + IntoParams,
    C: DeserializeOwned + IntoParams,
{
    let (for_a, for_b, for_c) = (names::<A>(), names::<B>(), names::<C>());
    let known: Vec<&str> = for_a.iter().chain(&for_b).chain(&for_c).map(String::as_str).collect();
    let mut pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    pairs.retain(|(_, value)| !value.is_empty());
    let mut errors: Vec<FieldError> = pairs
        .iter()
        .filter(|(name, _)| !known.contains(&name.as_str()))
        .map(|(name, _)| FieldError::new(name, nearest::unknown(name, known.iter().copied())))
        .collect();
    let a = read::<A>(&pairs, &for_a).map_err(|error| errors.push(error));
    let b = read::<B>(&pairs, &for_b).map_err(|error| errors.push(error));
    let c = read::<C>(&pairs, &for_c).map_err(|error| errors.push(error));
    match (a, b, c) {
        (Ok(a), Ok(b), Ok(c)) if errors.is_empty() => Ok(Query(a, b, c)),
        _ => Err(Problem::invalid(errors)),
    }
}

fn read<T: DeserializeOwned>(pairs: &[(String, String)], names: &[String]) -> Result<T, FieldError> {
    let known = pairs.iter().filter(|(name, _)| names.contains(name));
    let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(known).finish();
    let deserializer = serde_urlencoded::Deserializer::new(form_urlencoded::parse(text.as_bytes()));
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let (path, message) = (error.path().to_string(), error.inner().to_string());
        match message.strip_prefix("duplicate field `").and_then(|rest| rest.strip_suffix('`')) {
            Some(name) => FieldError::new(name, "is given twice"),
            None => FieldError::new(path, message),
        }
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, IntoParams)]
    #[into_params(parameter_in = Query)]
    struct Paging {
        /// Rows.
        limit: Option<u32>,
        /// Where.
        cursor: Option<String>,
    }

    #[derive(Debug, Deserialize, IntoParams)]
    #[into_params(parameter_in = Query)]
    struct Conditions {
        /// Blurred.
        blurry: Option<bool>,
        /// Camera.
        camera: Option<String>,
    }

    fn wrong(query: &str) -> Vec<FieldError> {
        parse::<Paging, Conditions, NoParameters>(query).err().unwrap().errors().to_vec()
    }

    #[test]
    fn known_parameters_are_read() {
        let Query(paging, conditions, _) =
            parse::<Paging, Conditions, NoParameters>("limit=5&camera=A%26B+7&blurry=true&cursor=").unwrap();
        assert_eq!((paging.limit, paging.cursor), (Some(5), None));
        assert_eq!((conditions.blurry, conditions.camera.as_deref()), (Some(true), Some("A&B 7")));
    }

    #[test]
    fn every_wrong_parameter_is_named() {
        assert_eq!(wrong("limt=5"), [FieldError::new("limt", "is not known; did you mean \"limit\"?")]);
        let several: Vec<String> =
            wrong("limit=-1&blurry=maybe&x=1").into_iter().map(|error| error.field).collect();
        assert_eq!(several, ["x", "limit", "blurry"]);
        assert_eq!(wrong("limit=1&limit=2"), [FieldError::new("limit", "is given twice")]);
    }
}
