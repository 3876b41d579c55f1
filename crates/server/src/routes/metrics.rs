//! Figures for Prometheus, in its text format.

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::{HeaderName, header};
use tintype_engine::infer::Models;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::dto::models::ModelSummary;
use crate::problem::Problem;

/// Version 0.0.4 of the text format.
const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_metrics))
}

/// Gives figures for Prometheus
#[utoipa::path(get, path = "/metrics", tag = "health",
    responses((status = 200, description = "The figures, in Prometheus' text format.", body = String, content_type = "text/plain")))]
async fn get_metrics(State(app): State<App>) -> Result<([(HeaderName, &'static str); 1], String), Problem> {
    let text = app.blocking(|engine| Ok(metrics(engine.models()))).await?;
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], text))
}

fn metrics(models: &Models) -> String {
    let mut page = Page(String::new());
    page.one(
        "tintype_build_info",
        "gauge",
        "Version of the program.",
        &[(&[("version", env!("CARGO_PKG_VERSION"))], 1.0)],
    );
    let report = models.engine_report();
    let engine = report.engine.to_string();
    let provider = report.provider.to_string();
    page.one(
        "tintype_inference_engine_info",
        "gauge",
        "What runs models, and why it was chosen.",
        &[(
            &[
                ("engine", engine.as_str()),
                ("version", &report.version),
                ("provider", &provider),
                ("reason", &report.reason),
            ],
            1.0,
        )],
    );
    let statuses = models.list();
    let summary = ModelSummary::of(models, &statuses);
    let states = summary.states().map(|(state, count)| ([("state", state)], count as f64));
    let states: Vec<(&[(&str, &str)], f64)> =
        states.iter().map(|(labels, count)| (&labels[..], *count)).collect();
    page.one("tintype_models", "gauge", "Models by where they stand.", &states);
    let sum =
        |of: fn(&tintype_engine::infer::ModelStatus) -> u64| statuses.iter().map(of).sum::<u64>() as f64;
    page.one(
        "tintype_model_sessions",
        "gauge",
        "Graphs that are loaded.",
        &[(&[], sum(|one| one.sessions as u64))],
    );
    page.one(
        "tintype_model_loaded_bytes",
        "gauge",
        "Bytes of weights that are loaded.",
        &[(&[], sum(|one| one.loaded_bytes))],
    );
    let ran: Vec<_> = statuses.iter().filter(|one| one.ran.runs > 0).collect();
    let labels: Vec<[(&str, &str); 1]> = ran.iter().map(|one| [("model", one.row.id)]).collect();
    let mut counter = |name, help, of: fn(&tintype_engine::infer::RunTotals) -> f64| {
        let values: Vec<(&[(&str, &str)], f64)> =
            ran.iter().zip(&labels).map(|(one, labels)| (&labels[..], of(&one.ran))).collect();
        page.one(name, "counter", help, &values);
    };
    counter("tintype_inference_runs_total", "Runs of graphs, failed ones among them.", |ran| ran.runs as f64);
    counter("tintype_inference_failures_total", "Runs of graphs that failed.", |ran| ran.failures as f64);
    counter("tintype_inference_seconds_total", "Seconds that runs of graphs took, on all threads.", |ran| {
        ran.secs
    });
    page.0
}

/// Labels and a value.
type Sample<'a> = (&'a [(&'a str, &'a str)], f64);

struct Page(String);

impl Page {
    /// A metric with its samples.
    fn one(&mut self, name: &str, kind: &str, help: &str, samples: &[Sample<'_>]) {
        // Writing to a text does not fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (labels, value) in samples {
            let labels: Vec<String> =
                labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
            let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
            let _ = writeln!(self.0, "{name}{labels} {value}");
        }
    }
}

/// A label's value: backslashes, quotes and line ends are escaped.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped() {
        let mut page = Page(String::new());
        page.one("a_total", "counter", "Help.", &[(&[("x", "C:\\a \"b\"\nc"), ("y", "ü")], 1.5), (&[], 2.0)]);
        assert_eq!(
            page.0,
            "# HELP a_total Help.\n# TYPE a_total counter\na_total{x=\"C:\\\\a \\\"b\\\"\\nc\",y=\"ü\"} 1.5\na_total 2\n"
        );
    }
}
