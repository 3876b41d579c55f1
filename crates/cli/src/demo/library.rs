//! What the demo library holds: two years of a family's photos, as a list of things to paint.

use super::noise::Rng;
use super::scenes::{Light, Runner, Scene};

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
    fjords(&mut planner);
    coast(&mut planner);
    autumn(&mut planner);
    north(&mut planner);
    city(&mut planner);
    race(&mut planner);
    garden(&mut planner);
    desert(&mut planner);
    kitchen(&mut planner);
    alps(&mut planner);
    planner.paintings
}

fn fjords(p: &mut Planner) {
    let outing = Outing {
        folder: "2023/2023-06 Fjords",
        camera: Camera::Halden,
        year: 2023,
        month: 6,
        day: 17,
        offset_minutes: 120,
        place: Some((61.21, 7.12)),
        hours: (9, 21),
    };
    p.begin(&outing);
    for (i, light) in
        [Light::Noon, Light::Golden, Light::Overcast, Light::Sunset, Light::Dawn, Light::Noon, Light::Violet]
            .into_iter()
            .enumerate()
    {
        let scene = if i % 2 == 0 { Scene::Lake(light) } else { Scene::Mountains(light) };
        p.take(&outing, scene, i == 4);
        match i {
            0 => p.copy_to("Phone backup/From camera"),
            1 => p.again(&outing, Optics::Defocus(0.0075), 0.0),
            3 => p.derive("2024/Edited/sunset crop.jpg", Edit::Cropped(0.72), 92, false),
            5 => p.again(&outing, Optics::Sharp, 2.3),
            _ => {}
        }
    }
}

fn coast(p: &mut Planner) {
    let outing = Outing {
        folder: "2023/2023-08 Coast",
        camera: Camera::Kestrel,
        year: 2023,
        month: 8,
        day: 5,
        offset_minutes: 60,
        place: Some((37.08, -8.67)),
        hours: (8, 21),
    };
    p.begin(&outing);
    for (i, light) in [
        Light::Golden,
        Light::Noon,
        Light::Sunset,
        Light::BlueHour,
        Light::Dawn,
        Light::Noon,
        Light::Violet,
        Light::Sunset,
    ]
    .into_iter()
    .enumerate()
    {
        p.take(&outing, Scene::Sea(light), i == 2);
        match i {
            2 => p.derive("Phone backup/Shared/photo-2023-08-09.jpg", Edit::Resized(1024), 74, true),
            4 => p.again(&outing, Optics::Motion(0.030, 0.35, 0.5), 0.0),
            6 => p.derive("2024/Edited/evening mirrored.jpg", Edit::Mirrored, 90, false),
            _ => {}
        }
    }
    for i in 0..3 {
        p.take(&outing, Scene::Beach, i == 1);
    }
    p.copy_to("Phone backup/From camera");
    // A burst of a gull: the third frame is the keeper.
    let gull = Outing { camera: Camera::Halden, ..outing };
    p.advance(&gull, 900);
    let seed = p.rng.bits();
    for frame in 0..7_u32 {
        let t = frame as f32;
        let scene = Scene::Gull { beat: 0.16 + t * 0.145, at: (0.30 + 0.058 * t, 0.44 - 0.018 * t) };
        let mut version = p.version(&gull, &scene);
        version.optics = match frame {
            0 => Optics::Defocus(0.0034),
            1 => Optics::Defocus(0.0016),
            2 => Optics::Sharp,
            3 => Optics::Motion(0.004, 0.2, 0.0),
            4 => Optics::Motion(0.009, 0.1, 0.2),
            5 => Optics::Defocus(0.0045),
            _ => Optics::Motion(0.014, 0.15, 0.3),
        };
        if let Some(record) = &mut version.record {
            record.millis = frame * 120 + 80;
            record.rating = (frame == 2).then_some(5);
        }
        let size = p.size(Camera::Halden, false);
        p.paintings.push(Painting { scene, seed, size, versions: vec![version] });
    }
    p.advance(&gull, 60);
}

fn autumn(p: &mut Planner) {
    let outing = Outing {
        folder: "2023/2023-10 Woods",
        camera: Camera::Halden,
        year: 2023,
        month: 10,
        day: 14,
        offset_minutes: 120,
        place: Some((48.31, 8.19)),
        hours: (7, 17),
    };
    p.begin(&outing);
    for i in 0..9 {
        let scene = match i {
            2 | 5 | 7 => Scene::Autumn,
            3 => Scene::CloseUp(3),
            6 => Scene::CloseUp(2),
            _ => Scene::FogForest,
        };
        p.take(&outing, scene, matches!(i, 1 | 5));
        match i {
            0 => p.derive("Phone backup/Shared/photo-2023-10-15.jpg", Edit::None, 58, true),
            4 => p.again(&outing, Optics::Motion(0.022, 1.2, 0.8), 0.0),
            2 => p.again(&outing, Optics::Defocus(0.010), 0.0),
            7 => p.again(&outing, Optics::Sharp, -3.2),
            _ => {}
        }
    }
}

fn north(p: &mut Planner) {
    let outing = Outing {
        folder: "2023/2023-12 North",
        camera: Camera::Halden,
        year: 2023,
        month: 12,
        day: 27,
        offset_minutes: 60,
        place: Some((69.63, 18.91)),
        hours: (10, 22),
    };
    p.begin(&outing);
    let scenes = [
        Scene::Winter(Light::Dawn),
        Scene::Winter(Light::Violet),
        Scene::Aurora,
        Scene::Aurora,
        Scene::Winter(Light::Overcast),
    ];
    for (i, scene) in scenes.into_iter().enumerate() {
        p.take(&outing, scene, i == 3);
    }
    p.copy_to("Phone backup/From camera");
    let phone =
        Outing { folder: "Phone backup/Camera", camera: Camera::Orbit, day: 30, place: None, ..outing };
    p.begin(&phone);
    p.take(&phone, Scene::Winter(Light::Noon), true).versions[0].edit = Edit::Sideways;
    p.take(&phone, Scene::CloseUp(5), false);
    p.take(&phone, Scene::NightLights, true);
}

fn city(p: &mut Planner) {
    let outing = Outing {
        folder: "2024/2024-02 City",
        camera: Camera::Kestrel,
        year: 2024,
        month: 2,
        day: 9,
        offset_minutes: -300,
        place: Some((40.70, -74.01)),
        hours: (15, 22),
    };
    p.begin(&outing);
    for (i, light) in [
        Light::BlueHour,
        Light::Sunset,
        Light::Violet,
        Light::Golden,
        Light::BlueHour,
        Light::Overcast,
        Light::Dawn,
    ]
    .into_iter()
    .enumerate()
    {
        p.take(&outing, Scene::City(light), matches!(i, 2 | 4));
        match i {
            0 => p.derive("Phone backup/Shared/photo-2024-02-11.jpg", Edit::Resized(1280), 70, true),
            1 => p.again(&outing, Optics::Motion(0.026, -0.3, 1.0), 0.0),
            4 => p.again(&outing, Optics::Sharp, -3.6),
            _ => {}
        }
    }
    for _ in 0..3 {
        p.take(&outing, Scene::NightLights, false);
    }
}

fn race(p: &mut Planner) {
    let outing = Outing {
        folder: "2024/2024-04 City run",
        camera: Camera::Halden,
        year: 2024,
        month: 4,
        day: 21,
        offset_minutes: 120,
        place: Some((39.47, -0.37)),
        hours: (9, 14),
    };
    p.begin(&outing);
    let field = [107_u32, 214, 358, 442, 519, 683, 731, 806, 1205, 64];
    for frame in 0..8_usize {
        let count = 2 + frame % 3;
        let mut runners: Vec<Runner> = (0..count)
            .map(|i| {
                let near = (i as f32 + 0.6) / count as f32;
                Runner {
                    number: field[(frame * 2 + i * 3) % field.len()],
                    at: (0.14 + 0.72 * ((i as f32 * 0.53 + frame as f32 * 0.17) % 1.0), 0.70 + 0.25 * near),
                    size: 0.44 + 0.32 * near,
                    stride: p.rng.unit(),
                }
            })
            .collect();
        // Nobody hides behind somebody else.
        runners.sort_by(|a, b| a.at.0.total_cmp(&b.at.0));
        for (i, runner) in runners.iter_mut().enumerate() {
            runner.at.0 = 0.5 + 0.84 * ((i as f32 + 0.5) / count as f32 - 0.5) + 0.03 * runner.stride;
        }
        runners.sort_by(|a, b| a.at.1.total_cmp(&b.at.1));
        p.take(&outing, Scene::Race(runners), false);
        if frame == 2 {
            p.again(&outing, Optics::Motion(0.020, 0.05, 0.1), 0.0);
        }
        if frame == 5 {
            p.derive("Phone backup/Shared/photo-2024-04-22.jpg", Edit::Resized(1440), 76, true);
        }
    }
    // A burst of one runner passing.
    p.advance(&outing, 600);
    let seed = p.rng.bits();
    for frame in 0..6_u32 {
        let t = frame as f32;
        let scene = Scene::Race(vec![Runner {
            number: 519,
            at: (0.22 + 0.11 * t, 0.93 + 0.004 * t),
            size: 0.80,
            stride: 0.1 + 0.13 * t,
        }]);
        let mut version = p.version(&outing, &scene);
        version.optics = match frame {
            0 => Optics::Defocus(0.0045),
            1 => Optics::Motion(0.008, 0.0, 0.1),
            2 => Optics::Defocus(0.0018),
            3 => Optics::Sharp,
            4 => Optics::Defocus(0.0028),
            _ => Optics::Motion(0.014, 0.1, 0.2),
        };
        if let Some(record) = &mut version.record {
            record.millis = frame * 150 + 30;
        }
        let size = p.size(Camera::Halden, false);
        p.paintings.push(Painting { scene, seed, size, versions: vec![version] });
    }
}

fn garden(p: &mut Planner) {
    let outing = Outing {
        folder: "2024/2024-05 Meadow",
        camera: Camera::Halden,
        year: 2024,
        month: 5,
        day: 18,
        offset_minutes: 120,
        place: None,
        hours: (9, 18),
    };
    p.begin(&outing);
    let scenes = [
        Scene::Meadow(1),
        Scene::Meadow(0),
        Scene::Meadow(2),
        Scene::Sunflower,
        Scene::Meadow(3),
        Scene::Succulent,
        Scene::Meadow(1),
        Scene::CloseUp(6),
        Scene::Meadow(0),
        Scene::Succulent,
    ];
    for (i, scene) in scenes.into_iter().enumerate() {
        p.take(&outing, scene, matches!(i, 1 | 6));
        match i {
            0 => p.copy_to("Phone backup/From camera"),
            2 => p.again(&outing, Optics::Defocus(0.009), 0.0),
            3 => p.derive("2024/Edited/sunflower square.jpg", Edit::Cropped(0.8), 90, true),
            4 => p.again(&outing, Optics::Sharp, 2.6),
            6 => p.again(&outing, Optics::Motion(0.018, 0.9, 0.4), 0.0),
            _ => {}
        }
    }
}

fn desert(p: &mut Planner) {
    let outing = Outing {
        folder: "2024/2024-07 Balloons and dunes",
        camera: Camera::Halden,
        year: 2024,
        month: 7,
        day: 6,
        offset_minutes: 180,
        place: Some((38.64, 34.83)),
        hours: (6, 20),
    };
    p.begin(&outing);
    let scenes = [
        Scene::Balloons(Light::Dawn),
        Scene::Balloons(Light::Golden),
        Scene::Balloons(Light::Noon),
        Scene::Dunes(Light::Golden),
        Scene::Dunes(Light::Sunset),
        Scene::Stars,
        Scene::Balloons(Light::Sunset),
        Scene::Dunes(Light::Noon),
        Scene::Stars,
        Scene::CloseUp(4),
        Scene::Balloons(Light::Dawn),
    ];
    for (i, scene) in scenes.into_iter().enumerate() {
        p.take(&outing, scene, matches!(i, 2 | 8));
        match i {
            1 => p.derive("2024/Edited/balloons web.jpg", Edit::Resized(1600), 90, true),
            3 => p.again(&outing, Optics::Motion(0.024, 0.2, 0.2), 0.0),
            6 => p.copy_to("Phone backup/From camera"),
            _ => {}
        }
    }
}

fn kitchen(p: &mut Planner) {
    let outing = Outing {
        folder: "Phone backup/Camera",
        camera: Camera::Orbit,
        year: 2024,
        month: 3,
        day: 3,
        offset_minutes: 60,
        place: Some((47.56, 7.59)),
        hours: (8, 20),
    };
    p.begin(&outing);
    let scenes = [
        Scene::Coffee,
        Scene::Fruit,
        Scene::CloseUp(1),
        Scene::CloseUp(0),
        Scene::Coffee,
        Scene::Fruit,
        Scene::CloseUp(5),
        Scene::CloseUp(6),
        Scene::Fruit,
        Scene::CloseUp(1),
    ];
    for (i, scene) in scenes.into_iter().enumerate() {
        let painting = p.take(&outing, scene, matches!(i, 0 | 8));
        if i == 8 {
            painting.versions[0].edit = Edit::Sideways;
        }
        match i {
            1 => p.derive("Phone backup/Shared/photo-2024-03-05.jpg", Edit::Resized(960), 68, true),
            3 => {
                p.derive("broken/IMG_half.jpg", Edit::None, 85, false);
                if let Some(version) = p.paintings.last_mut().and_then(|last| last.versions.last_mut()) {
                    version.keep = 0.42;
                }
            }
            4 => p.again(&outing, Optics::Defocus(0.011), 0.0),
            5 => p.again(&outing, Optics::Sharp, -2.8),
            _ => {}
        }
    }
}

fn alps(p: &mut Planner) {
    let outing = Outing {
        folder: "2024/2024-09 Alps",
        camera: Camera::Kestrel,
        year: 2024,
        month: 9,
        day: 12,
        offset_minutes: 120,
        place: Some((46.58, 7.99)),
        hours: (7, 20),
    };
    p.begin(&outing);
    let scenes = [
        Scene::Mountains(Light::Dawn),
        Scene::Lake(Light::Sunset),
        Scene::Mountains(Light::Noon),
        Scene::FogForest,
        Scene::Mountains(Light::BlueHour),
        Scene::Lake(Light::Dawn),
        Scene::CloseUp(0),
        Scene::Mountains(Light::Violet),
        Scene::Lake(Light::Golden),
        Scene::Mountains(Light::Sunset),
    ];
    for (i, scene) in scenes.into_iter().enumerate() {
        p.take(&outing, scene, matches!(i, 4 | 7));
        match i {
            1 => p.derive("2024/Edited/lake for print.jpg", Edit::None, 97, false),
            2 => p.again(&outing, Optics::Defocus(0.006), 0.0),
            5 => p.derive("Phone backup/Shared/photo-2024-09-14.jpg", Edit::Resized(1200), 72, true),
            _ => {}
        }
    }
}
