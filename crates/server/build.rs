//! Has the page embedded again when it was built anew. A page that is not there is no error: the server then says
//! how to build it, so that Rust can be built and tested without Node.

use std::path::Path;

fn main() {
    let web = Path::new("../../web");
    let built = web.join("dist");
    // A path that does not exist would have the crate compiled again every time.
    let watched = if built.exists() { &built } else { web };
    println!(
        "cargo::rerun-if-changed={}",
        if watched.exists() { watched } else { Path::new("build.rs") }.display()
    );
}
