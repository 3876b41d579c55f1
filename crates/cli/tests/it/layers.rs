//! Dependencies between crates point down only.

use std::collections::BTreeMap;
use std::process::Command;

/// Each crate with those it may depend on. `testkit` is for tests and may use what it draws with.
const ALLOWED: &[(&str, &[&str])] = &[
    ("tintype-core", &[]),
    ("tintype-vision", &["tintype-core"]),
    ("tintype-index", &["tintype-core", "tintype-vision"]),
    ("tintype-store", &["tintype-core"]),
    ("tintype-media", &["tintype-core", "tintype-vision"]),
    ("tintype-infer", &["tintype-core", "tintype-vision"]),
    (
        "tintype-engine",
        &[
            "tintype-core",
            "tintype-vision",
            "tintype-store",
            "tintype-media",
            "tintype-infer",
            "tintype-index",
        ],
    ),
    ("tintype-server", &["tintype-core", "tintype-engine"]),
    ("tintype", &["tintype-core", "tintype-vision", "tintype-media", "tintype-engine", "tintype-server"]),
    ("tintype-testkit", &["tintype-core", "tintype-vision", "tintype-media"]),
];

#[test]
fn dependencies_point_down() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    let packages = metadata["packages"].as_array().unwrap();
    assert_eq!(packages.len(), ALLOWED.len(), "a new crate needs a row in this test and in ARCHITECTURE.md");
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let may = allowed.get(name).unwrap_or_else(|| panic!("{name} has no row in this test"));
        for dependency in package["dependencies"].as_array().unwrap() {
            let on = dependency["name"].as_str().unwrap();
            let is_dev = dependency["kind"] == "dev";
            if on.starts_with("tintype") && !is_dev {
                assert!(may.contains(&on), "{name} may not depend on {on}");
            }
        }
    }
}
