//! The OpenAPI description.

use serde_json::Value as Json;

use crate::server::Server;

/// Every route of the API.
const ROUTES: &[(&str, &str)] = &[
    ("get", "/photos"),
    ("get", "/photos/{id}"),
    ("get", "/photos/{id}/thumbnail"),
    ("get", "/photos/{id}/original"),
    ("get", "/photos/{id}/features"),
    ("post", "/search"),
    ("get", "/search/suggest"),
    ("get", "/photos/{id}/similar"),
    ("get", "/timeline"),
    ("get", "/facets"),
    ("get", "/duplicates"),
    ("get", "/albums"),
    ("post", "/albums"),
    ("get", "/albums/{id}"),
    ("patch", "/albums/{id}"),
    ("delete", "/albums/{id}"),
    ("get", "/albums/{id}/photos"),
    ("post", "/ingest_directory"),
    ("post", "/pipeline/run"),
    ("get", "/pipeline/steps"),
    ("get", "/operations"),
    ("get", "/operations/events"),
    ("get", "/operations/{id}"),
    ("get", "/operations/{id}/events"),
    ("get", "/operations/{id}/issues"),
    ("post", "/operations/{id}/resume"),
    ("post", "/operations/{id}/pause"),
    ("post", "/operations/{id}/cancel"),
    ("get", "/cache/stats"),
    ("delete", "/cache/photos/{id}"),
    ("post", "/cache/prune"),
    ("get", "/health"),
    ("get", "/health/ready"),
    ("get", "/roots"),
    ("patch", "/roots/{id}"),
    ("get", "/photos/favorites"),
    ("post", "/photos/{id}/favorite"),
    ("put", "/photos/{id}/rating"),
    ("put", "/photos/{id}/flag"),
    ("patch", "/photos/{id}/metadata"),
    ("post", "/photos/bulk-favorite"),
    ("post", "/photos/edit-date"),
    ("get", "/trash"),
    ("post", "/trash"),
    ("post", "/trash/restore"),
    ("post", "/trash/purge"),
    ("post", "/duplicates/resolve"),
    ("post", "/import"),
    ("post", "/verify"),
    ("post", "/rebuild"),
    ("get", "/backups"),
    ("post", "/backups"),
    ("post", "/backups/{name}/restore"),
    ("post", "/operations/{id}/undo"),
    ("post", "/operations/{id}/retry"),
    ("get", "/operations/{id}/items"),
    ("get", "/vectors"),
    ("put", "/vectors"),
    ("post", "/embed"),
    ("post", "/caption"),
    ("get", "/metrics"),
    ("get", "/models"),
    ("post", "/models/pull"),
];

#[test]
fn every_route_is_described() {
    let server = Server::empty();
    let description = server.get("/openapi.json").json();
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"), "{}", description["openapi"]);
    let mut described: Vec<(String, String)> = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            described.push((method.clone(), path.strip_prefix("/api/v1").unwrap().to_owned()));
        }
    }
    let mut expected: Vec<(String, String)> =
        ROUTES.iter().map(|(method, path)| ((*method).to_owned(), (*path).to_owned())).collect();
    described.sort();
    expected.sort();
    assert_eq!(described, expected);
}

#[test]
fn every_operation_says_what_it_does_and_how_it_fails() {
    let description = serde_json::to_value(tintype_server::openapi()).unwrap();
    let mut ids = Vec::new();
    for item in description["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{id}");
            assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{id}");
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert!(parameter["description"].is_string(), "{id} {parameter}");
            }
            for status in ["403", "500", "503"] {
                assert!(operation["responses"][status].is_object(), "{id} {status}");
            }
            if operation["requestBody"].is_object() {
                for status in ["413", "415", "422"] {
                    assert!(operation["responses"][status].is_object(), "{id} {status}");
                }
            }
            ids.push(id.to_owned());
        }
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "operation ids are unique");
}

#[test]
fn every_reference_leads_somewhere() {
    let description = serde_json::to_value(tintype_server::openapi()).unwrap();
    let mut references = Vec::new();
    collect(&description, &mut references);
    assert!(references.len() > 50);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(description.pointer(pointer).is_some(), "{reference}");
    }
    let codes = description["components"]["schemas"]["ErrorCode"]["enum"].as_array().unwrap();
    assert_eq!(codes.len(), tintype_core::ErrorCode::ALL.len());
}

fn collect(value: &Json, references: &mut Vec<String>) {
    match value {
        Json::Object(map) => {
            references.extend(map.get("$ref").and_then(Json::as_str).map(str::to_owned));
            map.values().for_each(|value| collect(value, references));
        }
        Json::Array(values) => values.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}
