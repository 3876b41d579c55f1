//! Exit codes: 0 done; 1 done with issues under `--strict`; 2 wrong usage; 3 interrupted, can be resumed;
//! 4 environment (disk, database, permission); 70 a bug.

use std::process::ExitCode;

use tintype_core::ErrorCode;

/// How a command that did not fail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Everything was done.
    Done,
    /// Done, but some photos had issues and `--strict` was given.
    Issues,
    /// Stopped; it can be resumed.
    Interrupted,
}

/// The exit code for a command's outcome; an error is printed with its causes and a hint.
pub(crate) fn code_of(outcome: anyhow::Result<Ended>) -> ExitCode {
    match outcome {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::Issues) => ExitCode::from(1),
        Ok(Ended::Interrupted) => ExitCode::from(3),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let code = public_code(&error);
            eprintln!("error: {error}");
            for cause in error.chain().skip(1) {
                let cause = cause.to_string();
                if !error.to_string().contains(&cause) {
                    eprintln!("  because: {cause}");
                }
            }
            if let Some(code) = code {
                eprintln!("  {code}: {}", code.help());
            }
            ExitCode::from(code.map_or(4, |code| code.class().exit_status()))
        }
    }
}

/// A reader that closed its end (`tintype report | head`) has what it wanted.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let io = error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>());
    io.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

fn public_code(error: &anyhow::Error) -> Option<ErrorCode> {
    error.chain().find_map(|cause| {
        let engine = cause.downcast_ref::<tintype_engine::Error>().map(tintype_engine::Error::code);
        engine.or_else(|| cause.downcast_ref::<Usage>().map(|_| ErrorCode::ValidationError))
    })
}

/// A command line that clap accepts but that makes no sense here.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);
