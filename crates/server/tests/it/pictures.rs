//! Thumbnails and originals.

use crate::server::Server;

#[test]
fn thumbnails_are_kept_by_browsers() {
    let server = Server::indexed();
    let photo = server.get("/photos?name=IMG_0001").json()["items"][0].clone();
    let path = format!("/photos/{}/thumbnail", photo["id"].as_str().unwrap());
    let small = server.get(&path);
    assert_eq!((small.status, small.header("content-type")), (200, "image/jpeg"));
    assert!(small.body.starts_with(&[0xff, 0xd8]));
    assert!(small.header("cache-control").contains("max-age=300"), "{}", small.header("cache-control"));
    assert!(small.header("content-encoding").is_empty(), "a JPEG is compressed already");

    let versioned = server.get(&format!("{path}?size=1440&v={}", photo["picture_version"].as_str().unwrap()));
    assert!(versioned.header("cache-control").contains("immutable"));
    assert_ne!(versioned.header("etag"), small.header("etag"));

    let known = server.get_with(&path, &[("if-none-match", small.header("etag"))]);
    assert_eq!((known.status, known.body.len()), (304, 0));
    assert_eq!(known.header("etag"), small.header("etag"));
    assert_eq!(server.get_with(&path, &[("if-none-match", "\"other\"")]).status, 200);

    assert_eq!(server.get(&format!("{path}?size=512")).wrong_fields(), ["size"]);
    assert_eq!(server.get(&format!("{path}?size=big")).wrong_fields(), ["size"]);
    server.get("/photos/00000000-0000-0000-0000-000000000000/thumbnail").problem(404, "NOT_FOUND");
}

#[test]
fn a_thumbnail_that_was_removed_is_made_again() {
    let server = Server::indexed();
    let path = format!("/photos/{}/thumbnail?size=1440", server.photo("IMG_0002"));
    let before = server.get(&path);
    fs_err::remove_dir_all(server.library.data().join("previews")).unwrap();
    let after = server.get(&path);
    assert_eq!((after.status, &after.body), (200, &before.body));
}

#[test]
fn a_photo_that_cannot_be_decoded_has_no_thumbnail() {
    let server = Server::indexed();
    let page = server.get("/photos?format=heic").json();
    assert_eq!(page["items"][0]["decodable"], false, "{page}");
    let id = page["items"][0]["id"].as_str().unwrap();
    // Which of the two depends on whether there is a decoder to find out.
    let answer = server.get(&format!("/photos/{id}/thumbnail"));
    let is_looked_into = answer.text().contains("libheif:");
    answer.problem(404, if is_looked_into { "INVALID_IMAGE" } else { "NOT_DECODABLE" });
    assert_eq!(server.get(&format!("/photos/{id}/original")).status, 200, "its file can still be had");
}

#[test]
fn originals_come_whole_or_in_parts() {
    let server = Server::indexed();
    let path = format!("/photos/{}/original", server.photo("IMG_0003"));
    let whole = server.get(&path);
    assert_eq!((whole.status, whole.header("content-type")), (200, "image/jpeg"));
    let bytes = fs_err::read(server.photos_dir().join("roll-00/IMG_0003.jpg")).unwrap();
    assert_eq!(whole.body, bytes);
    assert_eq!(whole.header("accept-ranges"), "bytes");
    assert_eq!(
        whole.header("content-disposition"),
        "inline; filename=\"IMG_0003.jpg\"; filename*=UTF-8''IMG_0003.jpg"
    );
    assert!(whole.header("content-security-policy").contains("sandbox"), "nothing in the file may run");

    let part = server.get_with(&path, &[("range", "bytes=10-19")]);
    assert_eq!((part.status, part.body.as_slice()), (206, &bytes[10..20]));
    assert_eq!(part.header("content-range"), format!("bytes 10-19/{}", bytes.len()));
    let tail = server.get_with(&path, &[("range", "bytes=-5")]);
    assert_eq!((tail.status, tail.body.as_slice()), (206, &bytes[bytes.len() - 5..]));
    let resumed = server.get_with(&path, &[("range", "bytes=10-19"), ("if-range", "\"an older file\"")]);
    assert_eq!(
        (resumed.status, resumed.body.len()),
        (200, bytes.len()),
        "parts of another file are never mixed in"
    );
    server.get_with(&path, &[("range", "bytes=99999999-")]).problem(416, "VALIDATION_ERROR");

    let since = whole.header("last-modified").to_owned();
    assert_eq!(server.get_with(&path, &[("if-modified-since", &since)]).status, 304);
    let head = server.send("HEAD", &path, &[], b"");
    assert_eq!(
        (head.status, head.body.len(), head.header("content-length")),
        (200, 0, whole.header("content-length"))
    );
}

#[test]
fn an_original_that_is_gone_is_said_to_be() {
    let server = Server::indexed();
    let path = format!("/photos/{}/original", server.photo("IMG_0001"));
    fs_err::remove_file(server.photos_dir().join("roll-00/IMG_0001.jpg")).unwrap();
    let answer = server.get(&path);
    assert!((400..500).contains(&answer.status), "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/problem+json");
    server.get("/photos/00000000-0000-0000-0000-000000000000/original").problem(404, "NOT_FOUND");
}

#[test]
fn a_link_put_in_place_of_a_photo_leads_nowhere() {
    let server = Server::indexed();
    let path = format!("/photos/{}/original", server.photo("IMG_0001"));
    let file = server.photos_dir().join("roll-00/IMG_0001.jpg");
    let secret = server.library.path().join("secret.txt");
    fs_err::write(&secret, b"secret").unwrap();
    fs_err::remove_file(&file).unwrap();
    std::os::unix::fs::symlink(&secret, &file).unwrap();
    let answer = server.get(&path);
    assert_eq!(answer.status, 403, "{}", answer.text());
}
