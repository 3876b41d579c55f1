//! The outings of the family, one after the other.

use super::super::scenes::{Light, Runner, Scene};
use super::{Camera, Edit, Optics, Outing, Painting, Planner};

pub(super) fn fjords(p: &mut Planner) {
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

pub(super) fn coast(p: &mut Planner) {
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

pub(super) fn autumn(p: &mut Planner) {
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

pub(super) fn north(p: &mut Planner) {
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

pub(super) fn city(p: &mut Planner) {
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

pub(super) fn race(p: &mut Planner) {
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

pub(super) fn garden(p: &mut Planner) {
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

pub(super) fn desert(p: &mut Planner) {
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

pub(super) fn kitchen(p: &mut Planner) {
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

pub(super) fn alps(p: &mut Planner) {
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
