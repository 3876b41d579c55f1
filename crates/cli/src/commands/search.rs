//! `tintype search` and `tintype similar`.

use std::path::Path;

use anyhow::Result;
use serde_json::json;
use tintype_core::PhotoId;
use tintype_engine::search::{Hit, Ingredient, Likeness, SearchRequest};
use tintype_engine::store::Scope;
use tintype_engine::vectors::SpaceWanted;
use tintype_engine::{Engine, paths};

use super::{open, scope_of};
use crate::args::{Args, SearchArgs, SimilarArgs};
use crate::exit::{Ended, Usage};
use crate::out::outln;

pub(super) fn run(args: &Args, search: &SearchArgs) -> Result<Ended> {
    let engine = open(args)?;
    engine.refresh_search()?;
    let (scope, _) = scope_of(&engine, search.within.as_deref())?;
    let like = search.image.as_deref().map(picture).transpose()?.into_iter().collect();
    let request = SearchRequest {
        text: text(&search.text),
        like,
        scope,
        limit: search.limit as usize,
        ..SearchRequest::default()
    };
    let answer = engine.search(&request)?;
    for warning in &answer.query.warnings {
        eprintln!("{warning}");
    }
    if answer.is_relaxed {
        eprintln!("no photo has all of these words; these have some");
    }
    show(args, &engine, &answer.hits)?;
    let more = if answer.is_total_exact { "" } else { " or more" };
    if args.json {
        outln!(
            "{}",
            json!({ "query": answer.query.to_string(), "total": answer.total, "total_is_exact": answer.is_total_exact,
                    "relaxed": answer.is_relaxed, "no_good_match": !answer.has_good_match,
                    "warnings": answer.query.warnings })
        )?;
    } else if answer.hits.is_empty() {
        outln!("no photo was found")?;
    } else {
        let good = if answer.has_good_match { "" } else { "; none of them is a good match" };
        outln!("{} of {}{more} photos{good}", answer.hits.len(), answer.total)?;
    }
    Ok(Ended::Done)
}

/// The words as one text. A shell takes quotation marks away: what came as one argument with spaces stays together,
/// unless it is the whole question.
fn text(arguments: &[String]) -> String {
    if let [only] = arguments {
        return only.clone();
    }
    let is_one =
        |argument: &str| argument.contains(char::is_whitespace) && !argument.contains(['"', '(', ')', ':']);
    let written = arguments.iter().map(|argument| match argument.strip_prefix('-') {
        Some(rest) if is_one(rest) => format!("-\"{rest}\""),
        _ if is_one(argument) => format!("\"{argument}\""),
        _ => argument.clone(),
    });
    written.collect::<Vec<_>>().join(" ")
}

pub(super) fn similar(args: &Args, similar: &SimilarArgs) -> Result<Ended> {
    let engine = open(args)?;
    let limit = similar.limit as usize;
    let path = Path::new(&similar.photo);
    let known = match similar.photo.parse::<PhotoId>() {
        Ok(id) if !path.exists() => Some(engine.photo(id)?.summary.id),
        _ => {
            let full = std::path::absolute(path)?;
            let full = fs_err::canonicalize(&full).unwrap_or(full);
            engine.store().file_at(&full)?.and_then(|(_, photo)| photo)
        }
    };
    let hits = if let Some(photo) = known {
        let wanted = SpaceWanted {
            kind: similar.kind.as_deref(),
            producer: similar.producer.as_deref(),
            reads_words: false,
        };
        engine.similar(photo, wanted, &Scope::Library, limit)?.1
    } else {
        let like = vec![picture(path)?];
        engine.search(&SearchRequest { like, limit, ..SearchRequest::default() })?.hits
    };
    show(args, &engine, &hits)?;
    if !args.json && hits.is_empty() {
        outln!("no photo was found")?;
    }
    Ok(Ended::Done)
}

/// The largest picture file that is read to look for similar ones.
const MAX_BYTES: u64 = 512 << 20;

fn picture(path: &Path) -> Result<Ingredient> {
    let size = fs_err::metadata(path).map_err(|error| Usage(error.to_string()))?.len();
    if size > MAX_BYTES {
        return Err(Usage(format!("{} is larger than {MAX_BYTES} bytes", path.display())).into());
    }
    Ok(Ingredient { what: Likeness::Image(fs_err::read(path)?), weight: 1.0 })
}

fn show(args: &Args, engine: &Engine, hits: &[Hit]) -> Result<()> {
    for hit in hits {
        let detail = engine.photo(hit.photo.id)?;
        let path = detail.files.iter().find(|file| file.present).map(|file| &file.path);
        let path = path.map_or_else(|| hit.photo.name.clone(), |path| path.to_string_lossy().into_owned());
        let reasons: Vec<&str> = hit.reasons.iter().map(|reason| reason.text.as_str()).collect();
        if args.json {
            // Through text, so that 0.91 is not shown with the digits that a wider number has.
            let score: f64 = hit.score.to_string().parse()?;
            outln!(
                "{}",
                json!({ "path": path, "photo_id": hit.photo.id, "score": score, "good": hit.is_good,
                        "reasons": reasons })
            )?;
        } else {
            let reasons = paths::display(reasons.join("; ").as_bytes());
            outln!("{:.2}  {}  {reasons}", hit.score, paths::display(path.as_bytes()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn arguments_are_one_question() {
        let of =
            |arguments: &[&str]| text(&arguments.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["red car -dog"]), "red car -dog");
        assert_eq!(of(&["red car", "-old house", "tag:x y", "(a"]), "\"red car\" -\"old house\" tag:x y (a");
        assert_eq!(of(&[]), "");
    }
}
