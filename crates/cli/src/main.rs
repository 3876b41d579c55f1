//! The `tintype` binary: commands and wiring. What they do lives in `engine` and `server`.

mod args;
mod commands;
mod demo;
mod exit;
mod out;
mod progress;

use clap::Parser as _;

/// Pictures are megabytes that come and go: the system's allocator maps and unmaps each, and the kernel clears its
/// pages again and again.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    // Before anything else: such a process decodes one picture and does nothing else.
    if let Some(code) = tintype_media::decode_if_asked(std::env::args_os()) {
        return code;
    }
    let args = args::Args::parse();
    logging(args.verbose);
    exit::code_of(commands::run(&args))
}

/// Log lines go to standard error: results go to standard output.
fn logging(verbose: u8) {
    let level = ["warn", "info", "debug", "trace"][usize::from(verbose.min(3))];
    let filter =
        tracing_subscriber::EnvFilter::try_from_env("TINTYPE_LOG").unwrap_or_else(|_absent| level.into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).init();
}
