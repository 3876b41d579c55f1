//! How long models take with all that is around them: `inference_times MODELS rten|onnx FOLDER PHOTO…`, where MODELS is
//! a mirror's directory. Every photo is decoded once, at up to 1,024 pixels, and written to FOLDER as PPM, so that a peer
//! can take the same pixels. Prints one line of JSON for each model: the milliseconds from pixels to result of a photo, on
//! one thread, in each round over all photos, and how much was found in one. Milliseconds of the processor where the system
//! tells them: other programs may take their turns meanwhile.

use std::io::{BufWriter, Write};
use std::path::Path;

use serde_json::json;
use tintype_infer::nima::{NimaModel, Question};
use tintype_infer::ocr::{OcrModel, OcrOptions};
use tintype_infer::scene::SceneModel;
use tintype_infer::yolox::{DetectOptions, ObjectModel};
use tintype_infer::{EngineChoice, InferConfig, Models, SessionOptions};
use tintype_media::{DecodeRequest, Limits, decode, inspect};
use tintype_vision::RgbImage;

/// The longer side of the photos, in pixels.
const LONG_SIDE: u32 = 1024;
/// Rounds over all photos, after one that is not counted.
const ROUNDS: usize = 3;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [mirror, engine, folder, paths @ ..] = &arguments[..] else {
        return Err("usage: inference_times MODELS rten|onnx FOLDER PHOTO…".into());
    };
    let dir = tempfile::tempdir()?;
    let mut config = InferConfig::new(dir.path());
    config.mirror = Some(mirror.clone());
    config.allow_official = false;
    config.onnxruntime = std::env::var_os("TINTYPE__MODELS__ONNXRUNTIME").map(Into::into);
    config.sessions = SessionOptions { threads: 1, workers: 1 };
    config.engine = if engine == "rten" { EngineChoice::Rten } else { EngineChoice::Onnx };
    let models = Models::open(config);
    let mut photos = Vec::with_capacity(paths.len());
    for (at, path) in paths.iter().enumerate() {
        let photo = photo(Path::new(path))?;
        write_ppm(&photo, &Path::new(folder).join(format!("{at:03}.ppm")))?;
        photos.push(photo);
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", json!({ "engine": models.engine_report(), "photos": photos.len() }))?;
    let scene = SceneModel::new(&models);
    let (beauty, technique) =
        (NimaModel::new(&models, Question::Aesthetic), NimaModel::new(&models, Question::Technical));
    let objects = ObjectModel::new(&models);
    let text = OcrModel::new(&models);
    let mut measure = |name: &str, look: &dyn Fn(&RgbImage) -> tintype_infer::Result<usize>| -> Outcome<()> {
        let mut found = 0;
        for photo in &photos {
            found += look(photo)?;
        }
        let mut ms = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            let since = now_ms();
            for photo in &photos {
                look(photo)?;
            }
            ms.push((now_ms() - since) / photos.len() as f64);
        }
        Ok(writeln!(out, "{}", json!({ "name": name, "ms": ms, "found": found }))?)
    };
    measure("mobilenet-v2", &|photo| Ok(scene.look_at(photo, 5)?.labels.len()))?;
    measure("nima-aesthetic", &|photo| beauty.judge(photo).map(|_votes| 1))?;
    measure("nima-technical", &|photo| technique.judge(photo).map(|_votes| 1))?;
    measure("yolox-nano", &|photo| Ok(objects.find_objects(photo, &DetectOptions::default())?.len()))?;
    measure("ppocr-v3-tiny", &|photo| Ok(text.read_text(photo, &OcrOptions::default())?.len()))?;
    Ok(())
}

/// Processor time of all threads so far; where the system does not tell, time.
fn now_ms() -> f64 {
    #[cfg(unix)]
    {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        now.tv_sec as f64 * 1e3 + now.tv_nsec as f64 / 1e6
    }
    #[cfg(not(unix))]
    {
        static START: std::sync::LazyLock<std::time::Instant> =
            std::sync::LazyLock::new(std::time::Instant::now);
        START.elapsed().as_secs_f64() * 1e3
    }
}

fn photo(path: &Path) -> Outcome<RgbImage> {
    let inspected = inspect(path, &Limits::default())?;
    let request = DecodeRequest { long_side: LONG_SIDE, limits: Limits::default() };
    Ok(decode(&inspected, &request)?.rgb(LONG_SIDE))
}

fn write_ppm(image: &RgbImage, path: &Path) -> Outcome<()> {
    let mut file = BufWriter::new(fs_err::File::create(path)?);
    write!(file, "P6\n{} {}\n255\n", image.width(), image.height())?;
    Ok(file.write_all(image.data())?)
}
