//! A program run for one picture: bounded in time and in what it may answer, with nothing left behind.

use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::Error;

/// Most bytes kept of what a program says on its standard error.
const MAX_WORDS: u64 = 16 << 10;

/// What a program answered.
pub(super) struct Answer {
    pub(super) status: ExitStatus,
    pub(super) output: Vec<u8>,
    /// What it said on standard error.
    pub(super) words: String,
}

/// Runs `command` with `input`, for at most `time`; an answer of more than `max_output` bytes is too large. The
/// program and all that it started are killed when the time is up.
pub(super) fn run(
    mut command: Command,
    name: &'static str,
    input: &[u8],
    time: Duration,
    max_output: u64,
) -> Result<Answer, Error> {
    let deadline = Instant::now() + time;
    let failed = |error: std::io::Error| Error::Decoder { decoder: name, detail: error.to_string() };
    command.stdin(if input.is_empty() { Stdio::null() } else { Stdio::piped() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut running = Running { child: command.spawn().map_err(failed)?, ended: false };
    let child = &mut running.child;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (done, finished) = mpsc::sync_channel(1);
    std::thread::scope(|scope| {
        let thread = |role: &str| std::thread::Builder::new().name(format!("{name}-{role}"));
        if let Some(mut stdin) = stdin {
            // A program that stops reading has seen enough: its answer counts, not the broken pipe.
            thread("input").spawn_scoped(scope, move || stdin.write_all(input).ok()).map_err(failed)?;
        }
        let output = thread("output")
            .spawn_scoped(scope, move || {
                let output = read(stdout, max_output.saturating_add(1));
                // The other end is gone only when nobody waits any more.
                let _ = done.send(());
                output
            })
            .map_err(failed)?;
        let words = thread("words").spawn_scoped(scope, move || read(stderr, MAX_WORDS)).map_err(failed)?;
        let answered = finished.recv_timeout(deadline.saturating_duration_since(Instant::now())).is_ok();
        let status = if answered { running.wait(deadline).map_err(failed)? } else { None };
        // Before the threads are joined: what is still alive holds their pipes open.
        running.end();
        let output = output.join().unwrap_or_default();
        let words = String::from_utf8_lossy(&words.join().unwrap_or_default()).trim().to_owned();
        let Some(status) = status else { return Err(Error::TimedOut { limit_secs: time.as_secs() }) };
        if output.len() as u64 > max_output {
            return Err(Error::TooLarge { detail: format!("{name} answers more than {max_output} bytes") });
        }
        Ok(Answer { status, output, words })
    })
}

fn read(from: Option<impl Read>, limit: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        // What arrived before a pipe broke is the answer; the exit status tells whether it is whole.
        let _ = from.take(limit).read_to_end(&mut bytes);
    }
    bytes
}

/// A program that is killed when nobody waits for it any more.
struct Running {
    child: Child,
    ended: bool,
}

impl Running {
    /// How it ended, if it does in time.
    fn wait(&mut self, deadline: Instant) -> std::io::Result<Option<ExitStatus>> {
        // It has closed its output: the end is near, and there is no waiting with a limit in the library.
        loop {
            if let Some(status) = self.child.try_wait()? {
                self.ended = true;
                return Ok(Some(status));
            }
            if Instant::now() >= deadline {
                return Ok(None);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn end(&mut self) {
        if self.ended {
            return;
        }
        self.ended = true;
        // Its whole group: what it started holds our pipes open too.
        #[cfg(unix)]
        if let Some(group) = rustix::process::Pid::from_raw(self.child.id().cast_signed()) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        // Gone already is what we want.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn input_goes_in_and_output_and_words_come_out() {
        let long = vec![b'x'; 1 << 20];
        let answer =
            run(shell("cat; echo said >&2; exit 3"), "sh", &long, Duration::from_mins(1), 1 << 21).unwrap();
        assert_eq!((answer.output.len(), answer.words.as_str()), (1 << 20, "said"));
        assert_eq!(answer.status.code(), Some(3));
    }

    #[test]
    fn a_program_that_hangs_is_killed_with_its_children() {
        // The inner sleep holds the pipe open after the shell is gone.
        let error =
            run(shell("sleep 1000 & sleep 1000"), "sh", &[], Duration::from_millis(200), 10).err().unwrap();
        assert!(matches!(error, Error::TimedOut { .. }), "{error}");
    }

    #[test]
    fn an_answer_without_end_is_cut() {
        let error = run(shell("exec yes"), "sh", &[], Duration::from_mins(1), 1000).err().unwrap();
        assert!(matches!(error, Error::TooLarge { .. }), "{error}");
    }

    #[test]
    fn a_program_that_does_not_read_still_answers() {
        let answer = run(shell("echo ok"), "sh", &vec![0; 1 << 20], Duration::from_mins(1), 10).unwrap();
        assert_eq!(answer.output, b"ok\n");
    }
}
