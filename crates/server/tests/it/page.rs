//! The web page and the interactive documentation.

use crate::server::Server;

#[test]
fn the_page_answers_for_its_own_addresses() {
    let server = Server::empty();
    for path in ["/!", "/!photo/1234", "/!duplicates"] {
        let page = server.get(path);
        assert_eq!(page.status, 200, "{path}");
        assert!(
            page.header("content-type").starts_with("text/html"),
            "{path}: {}",
            page.header("content-type")
        );
        assert_eq!(page.header("cache-control"), "no-cache");
        assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
    }
    server.get("/!assets/no-such-file.js").problem(404, "NOT_FOUND");
    server.get("/!../Cargo.toml").problem(404, "NOT_FOUND");
    server.get("/!%2e%2e/Cargo.toml").problem(404, "NOT_FOUND");
    server.send("POST", "/!photo/1", &[], b"").problem(404, "NOT_FOUND");
    if !tintype_server::has_page() {
        eprintln!("SKIPPED: caching of the page's files; no page was built in");
        assert!(server.get("/!").text().contains("make build"), "without a page it is said how to get one");
        return;
    }
    let page = server.get("/!");
    let etag = page.header("etag").to_owned();
    assert_eq!(server.get_with("/!", &[("if-none-match", &etag)]).status, 304);
    let text = page.text();
    let script =
        text.split("src=\"/").nth(1).and_then(|rest| rest.split('"').next()).expect("the page has a script");
    let file = server.get(&format!("/!{script}"));
    assert_eq!((file.status, file.header("content-type")), (200, "text/javascript"));
    assert!(file.header("cache-control").contains("immutable"), "{script} has a hash in its name");
}

#[test]
fn the_documentation_is_interactive() {
    let server = Server::empty();
    assert_eq!(server.get("/!docs").status, 303);
    let page = server.get("/!docs/");
    assert!(page.text().contains("swagger-ui"), "{}", page.text());
    assert!(page.header("content-security-policy").contains("default-src 'self'"));
    let start = server.get("/!docs/swagger-initializer.js").text();
    assert!(start.contains("/api/v1/openapi.json"), "{start}");
}
