//! What the demo library holds: two years of a family's photos, as a list of things to paint.

mod outings;

use super::noise::Rng;
use super::scenes::Scene;

/// A camera of the family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Camera {
    /// A camera with exchangeable lenses, 3:2.
    Halden,
    /// A compact, 4:3.
    Kestrel,
    /// A phone, 4:3.
    Orbit,
}

impl Camera {
    pub(super) fn make(self) -> &'static str {
        match self {
            Self::Halden => "Halden",
            Self::Kestrel => "Kestrel",
            Self::Orbit => "Orbit",
        }
    }

    pub(super) fn model(self) -> &'static str {
        match self {
            Self::Halden => "Halden M6",
            Self::Kestrel => "Kestrel Compact 9",
            Self::Orbit => "Orbit Phone 5",
        }
    }

    pub(super) fn lens(self, focal_length_mm: f64) -> &'static str {
        match self {
            Self::Halden if focal_length_mm > 80.0 => "Halden 70-300mm F4-5.6",
            Self::Halden if focal_length_mm > 30.0 => "Halden 35mm F1.8",
            Self::Halden => "Halden 16-35mm F2.8",
            Self::Kestrel => "8.8-37mm F1.8-2.8",
            Self::Orbit => "Orbit Phone 5 back camera 5.6mm f/1.7",
        }
    }

    /// Width and height in pixels, held level.
    fn frame(self) -> (usize, usize) {
        match self {
            Self::Halden => (1920, 1280),
            Self::Kestrel => (1760, 1320),
            Self::Orbit => (1600, 1200),
        }
    }

    /// Standard deviation of its noise at ISO 100, in 8-bit steps.
    fn noise(self) -> f32 {
        match self {
            Self::Halden => 1.6,
            Self::Kestrel => 2.2,
            Self::Orbit => 2.6,
        }
    }
}

/// What went wrong, or was done on purpose, before the shutter closed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Optics {
    Sharp,
    /// Radius of the circle of confusion in picture heights.
    Defocus(f32),
    /// Length in picture heights, direction and bend in radians.
    Motion(f32, f32, f32),
}

/// What was done to a picture afterwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Edit {
    None,
    Mirrored,
    /// The middle, this share of width and height, off-centre.
    Cropped(f32),
    /// Scaled to this long side.
    Resized(u32),
    /// Stored turned by 90°, with the EXIF orientation that turns it back.
    Sideways,
}

/// What the camera writes down.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    pub(super) camera: Camera,
    /// `YYYY:MM:DD HH:MM:SS`, local.
    pub(super) local: String,
    pub(super) millis: u32,
    pub(super) offset_minutes: i16,
    pub(super) exposure: (u32, u32),
    pub(super) f_number: f64,
    pub(super) iso: u16,
    pub(super) focal_length_mm: f64,
    /// Latitude, longitude, altitude.
    pub(super) place: Option<(f64, f64, f64)>,
    pub(super) rating: Option<u8>,
}

/// One file's worth of pixels, and every path it is stored under.
#[derive(Debug, Clone)]
pub(super) struct Version {
    pub(super) paths: Vec<String>,
    pub(super) optics: Optics,
    pub(super) edit: Edit,
    pub(super) stops: f32,
    pub(super) noise: f32,
    pub(super) noise_seed: u32,
    pub(super) quality: u8,
    /// `None`: metadata stripped, as messengers do.
    pub(super) record: Option<Record>,
    /// How many bytes to keep, as a share; 1.0 is all.
    pub(super) keep: f32,
}

/// A painting and the versions made of it.
#[derive(Debug, Clone)]
pub(super) struct Painting {
    pub(super) scene: Scene,
    pub(super) seed: u64,
    pub(super) size: (usize, usize),
    pub(super) versions: Vec<Version>,
}

/// A zero-byte file.
pub(super) const EMPTY_FILE: &str = "broken/IMG_empty.jpg";

/// An outing: where, when, with what.
struct Outing {
    folder: &'static str,
    camera: Camera,
    year: u16,
    month: u8,
    day: u8,
    offset_minutes: i16,
    place: Option<(f64, f64)>,
    hours: (u32, u32),
}

/// Lays the library out.
struct Planner {
    rng: Rng,
    scale: f32,
    counters: [u32; 3],
    seconds: u32,
    day: u8,
    paintings: Vec<Painting>,
}

/// What a photographer would set for a scene: exposure, f-number, ISO, focal length in mm.
fn settings(scene: &Scene, camera: Camera) -> ((u32, u32), f64, u16, f64) {
    let (exposure, f_number, iso, focal) = match scene {
        Scene::Stars | Scene::Aurora => ((10, 1), 2.8, 3200, 16.0),
        Scene::NightLights => ((1, 60), 1.8, 1600, 35.0),
        Scene::City(_) => ((1, 30), 4.0, 640, 24.0),
        Scene::Race(_) => ((1, 1250), 4.0, 400, 135.0),
        Scene::Gull { .. } => ((1, 1600), 5.6, 400, 280.0),
        Scene::Fruit | Scene::Coffee => ((1, 80), 2.8, 400, 35.0),
        Scene::Meadow(_) | Scene::Sunflower | Scene::Succulent | Scene::CloseUp(_) => {
            ((1, 320), 2.8, 160, 35.0)
        }
        Scene::FogForest | Scene::Autumn => ((1, 125), 5.6, 320, 35.0),
        _ => ((1, 400), 8.0, 100, 24.0),
    };
    match camera {
        Camera::Halden => (exposure, f_number, iso, focal),
        Camera::Kestrel => (exposure, f_number.min(4.0), iso, (focal / 2.7_f64).clamp(8.8, 37.0)),
        Camera::Orbit => (exposure, 1.7, iso, 5.6),
    }
}

impl Planner {
    /// Starts an outing; returns its running time of day.
    fn begin(&mut self, outing: &Outing) {
        self.day = outing.day;
        self.seconds = outing.hours.0 * 3600 + self.rng.below(1800) as u32;
    }

    fn advance(&mut self, outing: &Outing, seconds: u32) {
        self.seconds += seconds;
        if self.seconds > outing.hours.1 * 3600 {
            self.day += 1;
            self.seconds = outing.hours.0 * 3600 + self.rng.below(2400) as u32;
        }
    }

    fn record(&mut self, outing: &Outing, scene: &Scene) -> Record {
        let (exposure, f_number, iso, focal_length_mm) = settings(scene, outing.camera);
        let place = outing.place.map(|(latitude, longitude)| {
            let wander = |rng: &mut Rng| f64::from(rng.range(-0.02, 0.02));
            let altitude = f64::from(self.rng.range(4.0, 420.0).round());
            (latitude + wander(&mut self.rng), longitude + wander(&mut self.rng), altitude)
        });
        let (h, m, s) = (self.seconds / 3600, self.seconds / 60 % 60, self.seconds % 60);
        Record {
            camera: outing.camera,
            local: format!("{}:{:02}:{:02} {h:02}:{m:02}:{s:02}", outing.year, outing.month, self.day),
            millis: self.rng.below(1000) as u32,
            offset_minutes: outing.offset_minutes,
            exposure,
            f_number,
            iso,
            focal_length_mm,
            place,
            rating: None,
        }
    }

    fn path(&mut self, outing: &Outing, record: &Record) -> String {
        let digits: String = record.local.chars().filter(char::is_ascii_digit).collect();
        let counter = &mut self.counters[outing.camera as usize];
        *counter += 1;
        let name = match outing.camera {
            Camera::Halden => format!("DSC_{:04}.jpg", *counter),
            Camera::Kestrel => format!("P10{:05}.JPG", *counter),
            Camera::Orbit => format!("IMG_{}_{}.jpg", &digits[..8], &digits[8..]),
        };
        format!("{}/{name}", outing.folder)
    }

    fn version(&mut self, outing: &Outing, scene: &Scene) -> Version {
        let record = self.record(outing, scene);
        let noise = outing.camera.noise() * (f32::from(record.iso) / 100.0).powf(0.22);
        Version {
            paths: vec![self.path(outing, &record)],
            optics: Optics::Sharp,
            edit: Edit::None,
            stops: 0.0,
            noise,
            noise_seed: self.rng.seed(),
            quality: 89,
            record: Some(record),
            keep: 1.0,
        }
    }

    fn size(&self, camera: Camera, upright: bool) -> (usize, usize) {
        let (width, height) = camera.frame();
        let fit = |side: usize| ((side as f32 * self.scale) as usize).max(48) / 8 * 8;
        if upright { (fit(height), fit(width)) } else { (fit(width), fit(height)) }
    }

    /// Takes one photo and returns it for changes.
    fn take(&mut self, outing: &Outing, scene: Scene, upright: bool) -> &mut Painting {
        let pause = 240 + self.rng.below(2400) as u32;
        self.advance(outing, pause);
        let mut version = self.version(outing, &scene);
        if let Some(record) = &mut version.record
            && self.rng.unit() < 0.22
        {
            record.rating = Some(self.rng.pick(&[3, 4, 4, 5, 5]));
        }
        let painting = Painting {
            seed: self.rng.bits(),
            size: self.size(outing.camera, upright),
            scene,
            versions: vec![version],
        };
        self.paintings.push(painting);
        let last = self.paintings.len() - 1;
        &mut self.paintings[last]
    }

    /// Presses the shutter again seconds after the last photo, on the same view.
    fn again(&mut self, outing: &Outing, optics: Optics, stops: f32) {
        let pause = 2 + self.rng.below(5) as u32;
        self.seconds += pause;
        let Some(scene) = self.paintings.last().map(|last| last.scene.clone()) else { return };
        let mut version = self.version(outing, &scene);
        version.optics = optics;
        version.stops = stops;
        if let Some(last) = self.paintings.last_mut() {
            last.versions.push(version);
        }
    }

    /// Adds what was made of the last photo later.
    fn derive(&mut self, path: &str, edit: Edit, quality: u8, stripped: bool) {
        if let Some(last) = self.paintings.last_mut() {
            let mut version = last.versions[0].clone();
            version.paths = vec![path.to_owned()];
            version.edit = edit;
            version.quality = quality;
            if stripped {
                version.record = None;
            }
            last.versions.push(version);
        }
    }

    /// Stores the last photo's very bytes under another path too.
    fn copy_to(&mut self, folder: &str) {
        if let Some(version) = self.paintings.last_mut().and_then(|last| last.versions.first_mut()) {
            let name = version.paths[0].rsplit('/').next().unwrap_or("copy.jpg").to_owned();
            version.paths.push(format!("{folder}/{name}"));
        }
    }
}

/// The whole library for `seed`. `scale` multiplies the side lengths of the pictures (1.0: 1,600 to 1,920 px).
pub(super) fn plan(seed: u64, scale: f32) -> Vec<Painting> {
    let mut planner = Planner {
        rng: Rng::new(seed),
        scale,
        counters: [411, 20_340, 0],
        seconds: 0,
        day: 1,
        paintings: Vec::new(),
    };
    outings::fjords(&mut planner);
    outings::coast(&mut planner);
    outings::autumn(&mut planner);
    outings::north(&mut planner);
    outings::city(&mut planner);
    outings::race(&mut planner);
    outings::garden(&mut planner);
    outings::desert(&mut planner);
    outings::kitchen(&mut planner);
    outings::alps(&mut planner);
    planner.paintings
}
