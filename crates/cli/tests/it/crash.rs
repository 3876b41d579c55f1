//! `kill -9` at random moments, then resume: the store equals an undisturbed run's, and no finished batch is redone.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value as Json;
use tintype_testkit::Library;

use crate::support::{Counts, command, dupes, index, report, stdout};

/// The report without run-dependent facts: nothing in it may depend on how often the run died.
fn picture(library: &Library) -> (Vec<Json>, Vec<Json>) {
    (report(&library.data()), dupes(&library.data()))
}

#[test]
fn killed_twenty_times_ends_as_if_undisturbed() {
    let library = Library::drawn(400);
    let photos = library.photos();
    let undisturbed = index(&library.data(), &[&photos]);
    let expected = picture(&library);
    fs_err::remove_dir_all(library.data()).unwrap();

    let mut state = 0x2545_F491_4F6C_DD1Du64;
    let mut kills = 0;
    for _ in 0..20 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut child = command(&library.data())
            .args(["index", "--json", photos.to_str().unwrap()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(5 + (state >> 33) % 350));
        // SIGKILL: nothing in the process gets to run again.
        child.kill().unwrap();
        let status = child.wait().unwrap();
        kills += u32::from(!status.success());
    }
    assert!(kills > 0, "no run was caught before it ended: the library is too small for this test");

    let last = index(&library.data(), &[&photos]);
    assert_eq!((last.files, last.photos, last.issues), (undisturbed.files, undisturbed.photos, 0));
    assert_eq!(last.cached + last.computed, undisturbed.computed, "every feature exists exactly once");
    assert_eq!(picture(&library), expected);

    // All features of all attempts together: a finished batch that was redone would raise the sum.
    let operations: Vec<Json> = stdout(&library.data(), &["ops", "list", "--json", "--limit", "100"])
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let computed: u64 = operations.iter().map(|operation| operation["computed"].as_u64().unwrap()).sum();
    assert_eq!(computed, undisturbed.computed, "committed work was done again");
    assert!(
        operations.iter().all(|operation| operation["state"] != "running"),
        "no operation is left behind as running"
    );

    let after = index(&library.data(), &[&photos]);
    assert_eq!((after.computed, after.opened), (0, 0));
}

#[test]
fn an_interrupted_run_says_how_to_resume_and_resumes() {
    let library = Library::drawn(300);
    let photos = library.photos();
    let child = command(&library.data())
        .args(["--threads", "1", "index", "--json", photos.to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Wait until there is something to interrupt.
    let database = library.data().join("run");
    while !database.is_dir() {
        std::thread::sleep(Duration::from_millis(2));
    }
    std::thread::sleep(Duration::from_millis(150));
    let terminated =
        std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(terminated.success());
    let output = child.wait_with_output().unwrap();
    if output.status.success() {
        // It was faster than the signal; the other test covers the rest.
        return;
    }
    assert_eq!(output.status.code(), Some(3));
    let line: Counts = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(line.state, "interrupted");
    let resumed = stdout(&library.data(), &["ops", "resume", &line.operation, "--json"]);
    let resumed: Counts = serde_json::from_str(resumed.trim()).unwrap();
    assert_eq!(
        (resumed.state.as_str(), resumed.photos, resumed.operation),
        ("completed", 300, line.operation)
    );
}
