//! [`Plan`]: which steps run, in which order, with which parameters, and so which features are wanted.

use std::collections::HashSet;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value as Json;
use tintype_core::FeatureKey;
use tintype_infer::Models;
use tintype_media::decoders;

use crate::steps::{self, Params, PhotoStep, StepRow, StepScope};
use crate::{Error, Result};

/// One photo step of a plan.
#[derive(Clone)]
pub(crate) struct PlannedStep {
    pub(crate) step: Arc<dyn PhotoStep>,
    pub(crate) params: Params,
    pub(crate) key: FeatureKey,
}

/// What a run wants to know about every photo, and which collection steps follow.
#[derive(Clone)]
pub(crate) struct Plan {
    /// Photo steps, each after those it needs.
    pub(crate) photo: Vec<PlannedStep>,
    /// Whether duplicates are grouped at the end.
    pub(crate) group_duplicates: Option<Params>,
    /// Names of all steps that run, for people.
    pub(crate) names: Vec<&'static str>,
    /// Steps that were wanted and do not run, and why.
    pub(crate) skipped: Vec<SkippedStep>,
    /// Fallbacks that other variants of their steps make needless, unless none of those gets ready.
    spare: Vec<PlannedStep>,
}

/// A step that does not run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct SkippedStep {
    /// Which.
    pub(crate) step: &'static str,
    /// Why, and what to do about it.
    pub(crate) reason: String,
}

impl Plan {
    /// The plan for the steps asked for (`None`: every step), with what they need added, and `config` mapping
    /// step names to parameters. Every variant of a step runs whose models are installed; a step of which none can is
    /// skipped, and so are those that need it.
    pub(crate) fn new(
        available: &[Arc<dyn PhotoStep>],
        models: &Models,
        asked: Option<&[String]>,
        config: &Json,
    ) -> Result<Self> {
        let rows = steps::rows(available);
        let mut wanted: HashSet<&'static str> = HashSet::new();
        match asked {
            None => wanted.extend(rows.iter().map(|row| row.id)),
            Some(names) => {
                for name in names {
                    match steps::PRESETS.iter().find(|(preset, _)| preset == name) {
                        Some((_, preset)) => wanted.extend(*preset),
                        None => _ = wanted.insert(find(&rows, name)?.id),
                    }
                }
            }
        }
        if let Some(config) = config.as_object() {
            for name in config.keys() {
                find(&rows, name)?;
            }
        }
        let grouping = &steps::group_duplicates::ROW;
        if wanted.contains(grouping.id) {
            wanted.extend(grouping.needs);
        }
        let chosen = choose(available, models, &mut wanted);
        let (mut photo, mut skipped, mut spare) = (Vec::<PlannedStep>::new(), Vec::new(), Vec::new());
        for row in rows.iter().filter(|row| row.scope == StepScope::Photo && wanted.contains(row.id)) {
            let params = steps::check_params(row, config.get(row.id))?;
            let planned = |step: &Arc<dyn PhotoStep>| PlannedStep {
                key: step.key(&params),
                step: Arc::clone(step),
                params: params.clone(),
            };
            let is_chosen = |step: &Arc<dyn PhotoStep>| chosen.iter().any(|one| Arc::ptr_eq(one, step));
            let mut reason = None;
            for step in available.iter().filter(|step| step.row().id == row.id) {
                if !is_chosen(step) {
                    spare.extend(step.is_fallback().then(|| planned(step)));
                    continue;
                }
                match lacking(step.as_ref(), &photo) {
                    Some(lacking) => reason = Some(lacking),
                    None => photo.push(planned(step)),
                }
            }
            if !photo.iter().any(|planned| planned.step.row().id == row.id) {
                let reason = reason.unwrap_or_else(|| not_installed(row, available, models));
                skipped.push(SkippedStep { step: row.id, reason });
            }
        }
        let group_duplicates = if wanted.contains(grouping.id) {
            Some(steps::check_params(grouping, config.get(grouping.id))?)
        } else {
            None
        };
        let runs = |row: &StepRow| match row.scope {
            StepScope::Photo => photo.iter().any(|planned| planned.step.row().id == row.id),
            StepScope::Library | StepScope::Collection => wanted.contains(row.id),
        };
        let names = rows.iter().filter(|row| runs(row)).map(|row| row.id).collect();
        Ok(Self { photo, group_duplicates, names, skipped, spare })
    }

    /// Gets the steps ready. Those that cannot be, because a model is damaged or does not load, are skipped from here
    /// on, with those that need them; where a fallback can do the same, it runs instead.
    pub(crate) fn prepare(&mut self) {
        let mut ready: Vec<PlannedStep> = Vec::with_capacity(self.photo.len());
        for planned in std::mem::take(&mut self.photo) {
            let reason = match lacking(planned.step.as_ref(), &ready) {
                Some(reason) => reason,
                None => match planned.step.prepare() {
                    Ok(()) => {
                        ready.push(planned);
                        continue;
                    }
                    Err(error) => error.to_string(),
                },
            };
            let step = planned.step.row().id;
            tracing::warn!(step, reason, "skipped");
            self.skipped.push(SkippedStep { step, reason });
        }
        for planned in std::mem::take(&mut self.spare) {
            let row = planned.step.row();
            let is_wanted =
                self.names.contains(&row.id) && !ready.iter().any(|one| one.step.row().id == row.id);
            if is_wanted && lacking(planned.step.as_ref(), &ready).is_none() && planned.step.prepare().is_ok()
            {
                ready.push(planned);
            }
        }
        let runs = |id: &str| ready.iter().any(|planned| planned.step.row().id == id);
        self.names.retain(|id| runs(id) || !self.skipped.iter().any(|skipped| skipped.step == *id));
        self.photo = ready;
    }

    /// The features wanted of every photo, in the order of `photo`.
    pub(crate) fn keys(&self) -> Vec<FeatureKey> {
        self.photo.iter().map(|planned| planned.key.clone()).collect()
    }

    /// A fingerprint of everything that decides what a run computes per photo: keys and decoders.
    pub(crate) fn fingerprint(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(decoders().as_bytes());
        for key in self.keys() {
            for part in [&key.kind, &key.producer, &key.params] {
                hasher.update(part.as_bytes()).update(&[0]);
            }
        }
        hasher.update(&[u8::from(self.group_duplicates.is_some())]);
        hasher.finalize().to_hex()[..16].to_owned()
    }
}

/// The steps to run: those that are wanted and whose models are installed, and only then what they need.
///
/// The table lists every step after those it needs, so that, backwards, each is known to be wanted before its turn.
fn choose(
    available: &[Arc<dyn PhotoStep>],
    models: &Models,
    wanted: &mut HashSet<&'static str>,
) -> Vec<Arc<dyn PhotoStep>> {
    let is_installed = |step: &dyn PhotoStep| step.models().iter().all(|id| models.is_available(id));
    let mut chosen: Vec<Arc<dyn PhotoStep>> = Vec::new();
    for step in available.iter().rev() {
        let id = step.row().id;
        let is_needed = || {
            !step.is_fallback()
                || !available
                    .iter()
                    .any(|other| other.row().id == id && !other.is_fallback() && is_installed(other.as_ref()))
        };
        if wanted.contains(id) && is_installed(step.as_ref()) && is_needed() {
            wanted.extend(step.needs());
            chosen.push(Arc::clone(step));
        }
    }
    chosen.reverse();
    chosen
}

/// Why a step of which no variant has its models does not run.
fn not_installed(row: &StepRow, available: &[Arc<dyn PhotoStep>], models: &Models) -> String {
    let first = available.iter().find(|step| step.row().id == row.id);
    let missing: Vec<&str> = first
        .map_or(&[][..], |step| step.models())
        .iter()
        .copied()
        .filter(|id| !models.is_available(id))
        .collect();
    format!("its model is not installed; get it with: tintype models pull {}", missing.join(" "))
}

/// What a step needs and will not have, if anything.
fn lacking(step: &dyn PhotoStep, running: &[PlannedStep]) -> Option<String> {
    let needed = step
        .needs()
        .iter()
        .find(|needed| !running.iter().any(|planned| planned.step.row().id == **needed))?;
    Some(format!("it needs {needed}, which is skipped"))
}

fn find(rows: &[&'static StepRow], name: &str) -> Result<&'static StepRow> {
    rows.iter().copied().find(|row| row.id == name).ok_or_else(|| Error::UnknownStep {
        name: name.to_owned(),
        nearest: rows
            .iter()
            .map(|row| row.id)
            .min_by_key(|id| edit_distance(id, name))
            .filter(|id| edit_distance(id, name) <= 4),
    })
}

/// Levenshtein distance, for "did you mean".
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plan").field("names", &self.names).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::previews::Previews;

    fn no_models() -> Models {
        Models::open(tintype_infer::InferConfig::new("nowhere"))
    }

    fn available() -> Vec<Arc<dyn PhotoStep>> {
        let models = no_models();
        let embedders = crate::vectors::embedder::embedders(&models);
        steps::photo_steps(&Previews::new(std::path::Path::new("nowhere")), &models, &embedders)
    }

    #[test]
    fn steps_without_their_model_are_skipped_with_those_that_need_them() {
        let asked = ["detect_blur", "caption"].map(str::to_owned);
        let plan = Plan::new(&available(), &no_models(), Some(&asked), &Json::Null).unwrap();
        assert_eq!(plan.names, ["detect_blur"]);
        let skipped: Vec<_> = plan.skipped.iter().map(|skipped| skipped.step).collect();
        assert_eq!(skipped, ["extract_tags", "read_text", "caption"]);
        assert!(plan.skipped[0].reason.contains("tintype models pull mobilenet-v2 yolox-nano"));
        assert!(plan.skipped[2].reason.contains("extract_tags"));
    }

    /// A variant of one step that is installed, and loads or does not.
    struct Variant {
        producer: &'static str,
        loads: bool,
        is_fallback: bool,
    }

    impl PhotoStep for Variant {
        fn row(&self) -> &'static StepRow {
            static ROW: StepRow = StepRow {
                id: "say",
                version: 1,
                scope: StepScope::Photo,
                needs: &[],
                makes: &["said"],
                parameters: &[],
                help: "",
            };
            &ROW
        }

        fn key(&self, _params: &Params) -> FeatureKey {
            FeatureKey::new("said", self.producer)
        }

        fn is_fallback(&self) -> bool {
            self.is_fallback
        }

        fn prepare(&self) -> Result<()> {
            let detail = "it does not load".to_owned();
            if self.loads { Ok(()) } else { Err(Error::BadValue { field: "model", detail }) }
        }

        fn compute(
            &self,
            _subject: &steps::Subject<'_>,
            _facts: &steps::Facts,
            _params: &Params,
        ) -> Result<tintype_core::FeatureValue> {
            Ok(tintype_core::FeatureValue::Number(0.0))
        }
    }

    #[test]
    fn a_fallback_runs_where_no_other_variant_gets_ready() {
        let producers = |plan: &Plan| plan.keys().into_iter().map(|key| key.producer).collect::<Vec<_>>();
        for (loads, expected, skipped) in [(true, "model", 0), (false, "spare", 1)] {
            let variants: [Arc<dyn PhotoStep>; 2] = [
                Arc::new(Variant { producer: "model", loads, is_fallback: false }),
                Arc::new(Variant { producer: "spare", loads: true, is_fallback: true }),
            ];
            let mut plan = Plan::new(&variants, &no_models(), Some(&["say".into()]), &Json::Null).unwrap();
            assert_eq!(producers(&plan), ["model"], "as long as nothing is known against it");
            plan.prepare();
            assert_eq!((producers(&plan), plan.names.as_slice()), (vec![expected.to_owned()], &["say"][..]));
            assert_eq!(plan.skipped.len(), skipped, "what does not load is said");
        }
    }

    #[test]
    fn needs_are_added_before_their_users() {
        let plan = Plan::new(&available(), &no_models(), Some(&["score_iqa".into()]), &Json::Null).unwrap();
        let order: Vec<_> = plan.photo.iter().map(|planned| planned.step.row().id).collect();
        assert_eq!(order, ["detect_blur", "score_iqa"]);
        assert!(plan.group_duplicates.is_none());
    }

    #[test]
    fn the_table_lists_needs_first() {
        let available = available();
        let rows = steps::rows(&available);
        for (at, row) in rows.iter().enumerate() {
            for needed in row.needs {
                let before = rows.iter().position(|other| other.id == *needed).unwrap();
                assert!(before < at, "{} needs {needed}, which comes later", row.id);
            }
        }
        let ids: HashSet<_> = rows.iter().map(|row| row.id).collect();
        assert_eq!(ids.len(), rows.len(), "variants of a step stand next to each other and share its row");
    }

    #[test]
    fn parameters_change_keys_and_fingerprints() {
        let plain = Plan::new(&available(), &no_models(), None, &Json::Null).unwrap();
        let config = json!({ "detect_blur": { "laplacian_threshold": 100 } });
        let other = Plan::new(&available(), &no_models(), None, &config).unwrap();
        assert_ne!(plain.fingerprint(), other.fingerprint());
        assert_ne!(plain.keys(), other.keys());
    }

    #[test]
    fn mistakes_are_named() {
        let error =
            Plan::new(&available(), &no_models(), Some(&["detect_blurr".into()]), &Json::Null).unwrap_err();
        assert!(error.to_string().contains("did you mean \"detect_blur\""), "{error}");
        for config in [
            json!({"detect_blur": {"treshold": 1}}),
            json!({"detect_blur": {"laplacian_threshold": -1}}),
            json!({"nonsense": {}}),
        ] {
            assert!(Plan::new(&available(), &no_models(), None, &config).is_err(), "{config}");
        }
    }
}
