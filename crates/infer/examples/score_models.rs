//! Scores the models on labelled photos: `score_models MODELS PHOTOS [rten|onnx]`, where MODELS is a mirror's
//! directory and PHOTOS the folder with `labels/` in it. Prints what part of the labelled numbers of `bibs.csv` is
//! among the lines of text, at several sizes, and how often a photo's class is the first or among the first five
//! labels of the scene model; with times of one thread.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use tintype_infer::ocr::{OcrModel, OcrOptions};
use tintype_infer::scene::SceneModel;
use tintype_infer::yolox::{DetectOptions, ObjectModel};
use tintype_infer::{EngineChoice, InferConfig, Models, SessionOptions};
use tintype_media::{DecodeRequest, Limits, decode, inspect};
use tintype_vision::RgbImage;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [mirror, photos, rest @ ..] = &arguments[..] else {
        return Err("usage: score_models MODELS PHOTOS [rten|onnx]".into());
    };
    let dir = tempfile::tempdir()?;
    let mut config = InferConfig::new(dir.path());
    config.mirror = Some(mirror.clone());
    config.onnxruntime = std::env::var_os("TINTYPE__MODELS__ONNXRUNTIME").map(Into::into);
    config.sessions = SessionOptions { threads: 1, workers: 1 };
    if rest.first().is_some_and(|engine| engine == "rten") {
        config.engine = EngineChoice::Rten;
    }
    let models = Models::open(config);
    let mut out = std::io::stdout().lock();
    writeln!(out, "{:?}", models.engine_report())?;
    score_bibs(&models, Path::new(photos), &mut out)?;
    score_scenes(&models, Path::new(photos), &mut out)?;
    score_objects(&models, Path::new(photos), &mut out)
}

fn score_bibs(models: &Models, photos: &Path, out: &mut impl Write) -> Outcome<()> {
    let rows = read_csv(&photos.join("labels/bibs.csv"))?;
    let complete: Vec<&Vec<String>> = rows.iter().filter(|row| row[4] == "yes").collect();
    for id in ["ppocr-v6-tiny", "ppocr-v3-tiny"] {
        let model = OcrModel::of_row(models, id);
        for (long_side, max_enlargement) in [
            (960, 1.0),
            (960, 1.5),
            (960, 2.0),
            (1280, 1.5),
            (1280, 2.0),
            (1280, 3.0),
            (1600, 2.0),
            (1600, 3.0),
            (1920, 3.0),
        ] {
            let options = OcrOptions { long_side, max_enlargement, ..OcrOptions::default() };
            let (mut wanted, mut found, mut lines, mut time) = (0, 0, 0, Duration::ZERO);
            let mut missed = Vec::new();
            for row in &complete {
                let image = photo(&photos.join(&row[0]), 1920)?;
                let since = Instant::now();
                let text = model.read_text(&image, &options)?;
                time += since.elapsed();
                lines += text.len();
                for number in row[1].split(';') {
                    wanted += 1;
                    if text.iter().any(|line| holds(&line.text, number)) {
                        found += 1;
                    } else {
                        missed.push(number.to_owned());
                    }
                }
            }
            writeln!(
                out,
                "{id} at {long_side}, ×{max_enlargement}: {found} of {wanted} numbers, {lines} lines, {:.0} ms a photo; missed {missed:?}",
                time.as_secs_f64() * 1e3 / complete.len() as f64
            )?;
        }
    }
    Ok(())
}

/// Whether the number is a word of digits in the line.
fn holds(text: &str, number: &str) -> bool {
    text.split(|letter: char| !letter.is_ascii_digit()).any(|word| word == number)
}

fn score_scenes(models: &Models, photos: &Path, out: &mut impl Write) -> Outcome<()> {
    let model = SceneModel::new(models);
    let (mut first, mut five, mut all, mut time) = (0, 0, 0, Duration::ZERO);
    for row in read_csv(&photos.join("labels/scene_labels.csv"))? {
        if row[1] != "imagenet1k_class" {
            continue;
        }
        let image = photo(&photos.join(&row[0]), 512)?;
        let since = Instant::now();
        let scene = model.look_at(&image, 5)?;
        time += since.elapsed();
        let is_it = |name: &str| {
            name.split(',').any(|word| word.trim().eq_ignore_ascii_case(&row[2].replace('_', " ")))
        };
        all += 1;
        first += usize::from(scene.labels.first().is_some_and(|label| is_it(&label.name)));
        five += usize::from(scene.labels.iter().any(|label| is_it(&label.name)));
    }
    let ms = time.as_secs_f64() * 1e3 / f64::from(all);
    writeln!(out, "mobilenet-v2: first {first}, first five {five} of {all}, {ms:.1} ms a photo")?;
    Ok(())
}

fn score_objects(models: &Models, photos: &Path, out: &mut impl Write) -> Outcome<()> {
    let model = ObjectModel::new(models);
    let (mut wanted, mut found, mut wrong, mut count, mut time) = (0, 0, 0, 0, Duration::ZERO);
    for row in read_csv(&photos.join("labels/scene_labels.csv"))? {
        if row[1] != "coco_objects" {
            continue;
        }
        let image = photo(&photos.join(&row[0]), 1024)?;
        let since = Instant::now();
        let objects = model.find_objects(&image, &DetectOptions::default())?;
        time += since.elapsed();
        count += 1;
        let kinds: std::collections::BTreeSet<&str> = objects.iter().map(|object| object.name).collect();
        let labels: std::collections::BTreeSet<&str> =
            row[2].split(';').filter_map(|entry| entry.split(':').next()).collect();
        wanted += labels.len();
        found += labels.intersection(&kinds).count();
        wrong += kinds.difference(&labels).count();
    }
    let ms = time.as_secs_f64() * 1e3 / f64::from(count);
    writeln!(out, "yolox-nano: {found} of {wanted} kinds, {wrong} more, {ms:.1} ms a photo")?;
    Ok(())
}

fn photo(path: &Path, long_side: u32) -> Outcome<RgbImage> {
    let inspected = inspect(path, &Limits::default())?;
    Ok(decode(&inspected, &DecodeRequest { long_side, limits: Limits::default() })?.rgb(long_side))
}

/// Fields of every line but the first; quoted fields may hold commas and doubled quotes.
fn read_csv(path: &Path) -> Outcome<Vec<Vec<String>>> {
    let text = fs_err::read_to_string(path)?;
    let fields = |line: &str| {
        let (mut fields, mut is_quoted) = (vec![String::new()], false);
        for letter in line.chars() {
            match letter {
                '"' => is_quoted = !is_quoted,
                ',' if !is_quoted => fields.push(String::new()),
                letter => fields.last_mut().into_iter().for_each(|field| field.push(letter)),
            }
        }
        fields
    };
    Ok(text.lines().skip(1).map(fields).collect())
}
