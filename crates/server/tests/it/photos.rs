//! Lists of photos, one photo, the timeline and facets, duplicates.

use serde_json::Value as Json;

use crate::server::Server;

fn names(page: &Json) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|photo| photo["name"].as_str().unwrap()).collect()
}

#[test]
fn photos_are_listed_page_by_page() {
    let server = Server::indexed();
    let all = server.get("/photos?sort=name&order=asc").json();
    let total = all["total"].as_u64().unwrap();
    assert_eq!(total as usize, names(&all).len());
    assert!(names(&all).contains(&"IMG_0003.jpg"), "{all}");

    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = server.get(&format!("/photos?sort=name&order=asc&limit=2&cursor={cursor}")).json();
        assert_eq!(page.get("total").is_some(), cursor.is_empty(), "the first page alone is counted");
        seen.extend(names(&page).into_iter().map(str::to_owned));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = next.to_owned();
    }
    assert_eq!(seen, names(&all));

    // The same address with another order: the cursor belongs to the order it came from.
    let problem = server.get("/photos?sort=size&limit=2&cursor=nonsense").problem(422, "VALIDATION_ERROR");
    assert!(problem["detail"].as_str().unwrap().contains("cursor"), "{problem}");
}

#[test]
fn a_photo_in_a_list_has_what_the_page_needs() {
    let server = Server::indexed();
    let page = server.get("/photos?name=IMG_0001").json();
    let photo = &page["items"][0];
    assert_eq!((photo["width"].as_u64(), photo["height"].as_u64()), (Some(640), Some(480)));
    assert_eq!((photo["media"].as_str(), photo["format"].as_str()), (Some("photo"), Some("jpeg")));
    assert_eq!(
        (photo["files"].as_u64(), photo["issues"].as_u64(), photo["decodable"].as_bool()),
        (Some(1), Some(0), Some(true))
    );
    assert!(photo["sharpness"].as_f64().is_some_and(|sharpness| (0.0..=1.0).contains(&sharpness)), "{photo}");
    assert!(
        photo["quality"].is_number() && photo["is_blurry"].is_boolean() && photo["blur_kind"].is_string(),
        "{photo}"
    );
    assert!(photo["taken_at"].as_str().is_some_and(|taken| taken.len() == 19), "{photo}");
    assert!(
        photo["camera"].is_null() && photo["rating"].is_null(),
        "absent facts are null, not missing: {photo}"
    );
    assert!(photo["picture_version"].as_str().is_some_and(|version| version.ends_with("-1")), "{photo}");
}

#[test]
fn conditions_leave_photos_out() {
    let server = Server::indexed();
    let count = |query: &str| server.get(&format!("/photos?{query}")).json()["total"].as_u64().unwrap();
    let all = count("");
    assert_eq!(count("format=jpeg&has_issues=false"), 4);
    assert_eq!(count("name=img_0002"), 1, "names match in either case");
    assert_eq!(count("has_gps=true"), 0);
    assert_eq!(count("rating_min=1"), 0);
    assert_eq!(count("taken=1999"), 0);
    assert_eq!(
        count("from=1999&camera=&album="),
        all,
        "everything was drawn later, and empty parameters are none"
    );
    assert_eq!(count("to=1999-12-31"), 0);
    assert_eq!(count("blurry=true") + count("blurry=false"), 4);
    assert_eq!(count("media=video"), 0);
    assert_eq!(count("sharpness_min=0&sharpness_max=1"), 4);
}

#[test]
fn wrong_parameters_are_named() {
    let server = Server::empty();
    let wrong = |query: &str| server.get(&format!("/photos?{query}")).wrong_fields();
    assert_eq!(wrong("limit=0"), ["limit"]);
    assert_eq!(wrong("limit=1001"), ["limit"]);
    assert_eq!(wrong("limit=many&blurry=perhaps"), ["limit", "blurry"]);
    assert_eq!(wrong("sort=colour"), ["sort"]);
    assert_eq!(
        wrong("sharpness_min=2&quality_max=NaN&taken=soon"),
        ["taken", "sharpness_min", "quality_max"]
    );
    assert_eq!(wrong("album=7"), ["album"]);
    let problem = server.get("/photos?camra=x").problem(422, "VALIDATION_ERROR");
    assert_eq!(problem["errors"][0]["detail"], "is not known; did you mean \"camera\"?");
    server.get("/photos?album=00000000-0000-0000-0000-000000000000").problem(404, "NOT_FOUND");
}

#[test]
fn one_photo_in_full() {
    let server = Server::indexed();
    let id = server.photo("IMG_0000");
    let photo = server.get(&format!("/photos/{id}")).json();
    assert_eq!(photo["id"], id.as_str());
    assert_eq!(photo["files"].as_array().unwrap().len(), 2, "the copy is a file of the same photo");
    let file = &photo["files"][0];
    assert!(
        file["path"].as_str().unwrap().starts_with('/') && file["present"] == true && file["online"] == true,
        "{file}"
    );
    assert!(file["modified_at"].as_str().unwrap().ends_with('Z'), "{file}");
    assert_eq!(photo["content_hash"].as_str().unwrap().len(), 64);
    assert_eq!(photo["metadata"]["width"], 640);
    assert_eq!(photo["metadata"]["orientation"], 1);
    assert!(photo["decoder"].is_string() && photo["issue_list"] == serde_json::json!([]), "{photo}");

    server.get("/photos/00000000-0000-0000-0000-000000000000").problem(404, "NOT_FOUND");
    assert_eq!(server.get("/photos/1").wrong_fields(), ["id"]);
    assert_eq!(server.get("/photos/%FF").wrong_fields(), ["id"]);
}

#[test]
fn issues_are_told_with_what_they_mean() {
    let server = Server::indexed();
    let page = server.get("/photos?has_issues=true").json();
    let photo = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|photo| photo["format"] == "heic")
        .expect("the HEIC is listed");
    let detail = server.get(&format!("/photos/{}", photo["id"].as_str().unwrap())).json();
    let issue = &detail["issue_list"][0];
    assert!(
        issue["code"].is_string() && issue["detail"].is_string() && issue["stage"].is_string(),
        "{issue}"
    );
    assert!(issue["help"].as_str().unwrap().ends_with('.'), "{issue}");
}

#[test]
fn features_carry_their_provenance() {
    let server = Server::indexed();
    let id = server.photo("IMG_0001");
    let items = server.get(&format!("/photos/{id}/features")).json()["items"].clone();
    let find = |items: &Json, kind: &str| {
        items.as_array().unwrap().iter().find(|feature| feature["kind"] == kind).cloned().unwrap()
    };
    let hash = find(&items, "perceptual_hash");
    assert!(
        hash["producer"].as_str().unwrap().contains('@')
            && hash["computed_at"].as_str().unwrap().ends_with('Z'),
        "{hash}"
    );
    let short = items
        .as_array()
        .unwrap()
        .iter()
        .find(|feature| feature["value"]["dimension"].is_number())
        .cloned()
        .unwrap();
    let full = server.get(&format!("/photos/{id}/features?full=true")).json()["items"].clone();
    let full = find(&full, short["kind"].as_str().unwrap());
    assert_eq!(full["value"].as_array().unwrap().len() as u64, short["value"]["dimension"].as_u64().unwrap());

    assert_eq!(server.get(&format!("/photos/{id}/features?full=very")).wrong_fields(), ["full"]);
    server.get("/photos/00000000-0000-0000-0000-000000000000/features").problem(404, "NOT_FOUND");
}

#[test]
fn the_timeline_counts_what_the_list_lists() {
    let server = Server::indexed();
    for granularity in ["month", "day"] {
        let timeline = server.get(&format!("/timeline?granularity={granularity}&format=jpeg")).json();
        let listed = server.get("/photos?format=jpeg").json()["total"].clone();
        assert_eq!(timeline["total"], listed);
        let key = timeline["items"][0]["key"].as_str().unwrap();
        let taken = server.get(&format!("/photos?format=jpeg&taken={key}")).json();
        assert_eq!(
            taken["total"], timeline["items"][0]["count"],
            "a key of the timeline is a value for `taken`"
        );
    }
    assert_eq!(server.get("/timeline?granularity=week").wrong_fields(), ["granularity"]);
    server.get("/timeline?album=00000000-0000-0000-0000-000000000000").problem(404, "NOT_FOUND");
}

#[test]
fn facets_are_what_there_is_to_filter_by() {
    let server = Server::indexed();
    let facets = server.get("/facets").json();
    assert!(facets["cameras"].is_array() && facets["lenses"].is_array(), "{facets}");
    let formats = facets["formats"].as_array().unwrap();
    let jpeg = formats.iter().find(|facet| facet["value"] == "jpeg").unwrap();
    assert_eq!(jpeg["count"], server.get("/photos?format=jpeg").json()["total"]);
    assert!(!facets["years"].as_array().unwrap().is_empty(), "{facets}");
    assert_eq!(server.get("/facets?albums=1").wrong_fields(), ["albums"]);
}

#[test]
fn copies_are_a_group_of_equal_bytes() {
    let server = Server::indexed();
    let page = server.get("/duplicates?tier=bytes").json();
    assert_eq!(page["totals"]["bytes"], 1);
    assert_eq!(page["stale"], false);
    let group = &page["items"][0];
    assert_eq!(group["photos"].as_array().unwrap().len(), 2);
    assert_eq!(group["keep"], server.photo("IMG_0000").as_str());
    assert!(!group["why"].as_str().unwrap().is_empty());
    let paths: Vec<&str> =
        group["photos"].as_array().unwrap().iter().map(|photo| photo["path"].as_str().unwrap()).collect();
    assert!(paths.iter().any(|path| path.ends_with("copies/IMG_0000 copy.jpg")), "{paths:?}");
    assert_eq!(group["photos"][0]["width"], 640, "members carry what a tile needs");

    assert_eq!(server.get("/duplicates?tier=pixels").wrong_fields(), ["tier"]);
    assert_eq!(server.get("/duplicates?cursor=x").wrong_fields(), ["cursor"]);
    server.get("/duplicates?album=00000000-0000-0000-0000-000000000000").problem(404, "NOT_FOUND");
}
