//! Running the binary and reading what it prints.

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The counts of SPEC §12's closing line.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
pub(crate) struct Counts {
    pub(crate) operation: String,
    pub(crate) state: String,
    pub(crate) files: u64,
    pub(crate) photos: u64,
    pub(crate) computed: u64,
    pub(crate) cached: u64,
    pub(crate) opened: u64,
    pub(crate) issues: u64,
}

pub(crate) fn command(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tintype"));
    command
        .arg("--data")
        .arg(data)
        .env_remove("TINTYPE_DATA")
        .env_remove("TINTYPE__DATABASE__URL")
        .stdin(Stdio::null());
    command
}

pub(crate) fn tintype(data: &Path, args: &[&str]) -> Output {
    command(data).args(args).output().unwrap()
}

/// Standard output of a run that must succeed.
pub(crate) fn stdout(data: &Path, args: &[&str]) -> String {
    let output = tintype(data, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn index(data: &Path, dirs: &[&Path]) -> Counts {
    let mut args = vec!["index", "--json"];
    args.extend(dirs.iter().map(|dir| dir.to_str().unwrap()));
    let out = stdout(data, &args);
    let counts: Counts = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!(counts.state, "completed");
    counts
}

/// The report, one JSON value a file, without what depends on the run.
pub(crate) fn report(data: &Path) -> Vec<serde_json::Value> {
    stdout(data, &["report", "--json"]).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(crate) fn dupes(data: &Path) -> Vec<serde_json::Value> {
    stdout(data, &["dupes", "--json"]).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
