//! Progress of an operation on a terminal, and Ctrl-C.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tintype_core::{Control, Stop};
use tintype_engine::OperationView;

/// A bar on standard error; nothing when that is no terminal or JSON is wanted.
pub(crate) struct Bar {
    bar: ProgressBar,
    phase: String,
}

impl Bar {
    pub(crate) fn new(quiet: bool) -> Self {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr_with_hz(8) };
        Self { bar: ProgressBar::with_draw_target(None, target), phase: String::new() }
    }

    /// Shows where the operation stands.
    pub(crate) fn show(&mut self, view: &OperationView) {
        if self.phase != view.phase {
            self.phase.clone_from(&view.phase);
            let template = if view.phase == "analysing" && view.total > 0 {
                "{prefix:>10} {wide_bar} {pos}/{len}  {msg}"
            } else {
                "{prefix:>10} {spinner} {msg}"
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                self.bar.set_style(style);
            }
            self.bar.set_prefix(view.phase.clone());
        }
        self.bar.set_length(view.total);
        self.bar.set_position(view.done);
        let left = view.eta_secs.map(|secs| format!(", {} left", duration(secs))).unwrap_or_default();
        let issues = if view.issues > 0 { format!(", {} issues", view.issues) } else { String::new() };
        let rate = if view.rate > 0.0 && view.total > 0 {
            format!("{:.0} photos/s{left}{issues}", view.rate)
        } else {
            String::new()
        };
        self.bar.set_message(rate);
        self.bar.tick();
    }

    /// Shows how far something without an operation has come.
    pub(crate) fn show_part(&mut self, name: &str, done: u64, total: u64, in_bytes: bool) {
        if self.phase != name {
            name.clone_into(&mut self.phase);
            let template = if in_bytes {
                "{prefix:>10} {wide_bar} {bytes}/{total_bytes}  {eta} left"
            } else {
                "{prefix:>10} {wide_bar} {pos}/{len}  {per_sec}, {eta} left"
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                self.bar.set_style(style);
            }
            self.bar.set_prefix(self.phase.clone());
        }
        self.bar.set_length(total);
        self.bar.set_position(done);
    }

    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

fn duration(secs: f64) -> String {
    let secs = secs.round() as u64;
    match secs {
        0..60 => format!("{secs} s"),
        60..3600 => format!("{} min {:02} s", secs / 60, secs % 60),
        _ => format!("{} h {:02} min", secs / 3600, secs % 3600 / 60),
    }
}

/// A control that Ctrl-C and SIGTERM ask to stop at the next checkpoint; a second Ctrl-C ends the process at once
/// with exit code 3 (nothing committed is lost either way).
pub(crate) fn stop_on_signal() -> anyhow::Result<Control> {
    let control = Control::new();
    let asked = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register_conditional_shutdown(signal, 3, Arc::clone(&asked))?;
        signal_hook::flag::register(signal, Arc::clone(&asked))?;
    }
    let watched = control.clone();
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        while !asked.load(Ordering::Relaxed) {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        eprintln!("stopping at the next checkpoint (Ctrl-C again to stop at once)");
        watched.request(Stop::Interrupt);
    })?;
    Ok(control)
}
