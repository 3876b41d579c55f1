//! The subjects of the demo library. Each scene is a function of a canvas, a random generator and a mood.

mod abstracts;
mod city;
mod flowers;
mod land;
mod race;
mod sky;
mod table;
mod trees;
mod water;

use super::canvas::Canvas;
use super::noise::Rng;

pub(super) use race::Runner;
pub(super) use sky::Light;

/// What is in a picture.
#[derive(Debug, Clone)]
pub(super) enum Scene {
    /// Ridges behind each other.
    Mountains(Light),
    /// Ridges mirrored in a lake.
    Lake(Light),
    /// Open sea, sometimes with a boat or a lighthouse.
    Sea(Light),
    /// Umbrellas on a beach, from above.
    Beach,
    /// Dunes of a desert.
    Dunes(Light),
    /// Stars, the Milky Way, a lit tent.
    Stars,
    /// Northern lights.
    Aurora,
    /// Conifers in fog.
    FogForest,
    /// A wood in autumn.
    Autumn,
    /// Snowed-in trees.
    Winter(Light),
    /// A skyline over a river.
    City(Light),
    /// Lights out of focus.
    NightLights,
    /// Hot-air balloons.
    Balloons(Light),
    /// Flowers of kind 0 daisies, 1 poppies, 2 cornflowers, 3 tulips.
    Meadow(u8),
    /// The head of a sunflower.
    Sunflower,
    /// A rosette of leaves.
    Succulent,
    /// Fruit on a table.
    Fruit,
    /// A cup from above.
    Coffee,
    /// Close-ups: 0 pebbles, 1 agate, 2 leaf, 3 wood, 4 sand, 5 knitting, 6 drops.
    CloseUp(u8),
    /// A street race with these runners, far to near.
    Race(Vec<Runner>),
    /// A gull over the sea: beat of the wings (turns) and place.
    Gull {
        /// Phase of the wing beat, 0 to 1.
        beat: f32,
        /// Place of the bird as shares of width and height.
        at: (f32, f32),
    },
}

/// Paints `scene`. The same generator state gives the same picture.
pub(super) fn paint(scene: &Scene, canvas: &mut Canvas, rng: &mut Rng) {
    match scene {
        Scene::Mountains(light) => land::mountains(canvas, rng, *light),
        Scene::Lake(light) => land::lake(canvas, rng, *light),
        Scene::Sea(light) => water::sea(canvas, rng, *light),
        Scene::Beach => water::beach(canvas, rng),
        Scene::Dunes(light) => land::dunes(canvas, rng, *light),
        Scene::Stars => sky::stars(canvas, rng),
        Scene::Aurora => sky::aurora(canvas, rng),
        Scene::FogForest => trees::fog(canvas, rng),
        Scene::Autumn => trees::autumn(canvas, rng),
        Scene::Winter(light) => trees::winter(canvas, rng, *light),
        Scene::City(light) => city::skyline(canvas, rng, *light),
        Scene::NightLights => city::lights(canvas, rng),
        Scene::Balloons(light) => land::balloons(canvas, rng, *light),
        Scene::Meadow(kind) => flowers::meadow(canvas, rng, *kind),
        Scene::Sunflower => flowers::sunflower(canvas, rng),
        Scene::Succulent => flowers::succulent(canvas, rng),
        Scene::Fruit => table::fruit(canvas, rng),
        Scene::Coffee => table::coffee(canvas, rng),
        Scene::CloseUp(kind) => abstracts::close_up(canvas, rng, *kind),
        Scene::Race(runners) => race::race(canvas, rng, runners),
        Scene::Gull { beat, at } => water::gull(canvas, rng, *beat, *at),
    }
}
