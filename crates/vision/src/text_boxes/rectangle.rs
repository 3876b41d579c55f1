//! Rectangles that are turned, and the smallest one around a set of points.

/// Four corners: upper left, upper right, lower right, lower left as text reads.
pub type Quad = [[f32; 2]; 4];

/// A rectangle turned by an angle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TurnedRectangle {
    /// The middle (x, y).
    pub centre: [f32; 2],
    /// Half the length of the side along the angle, and of the other.
    pub half: [f32; 2],
    /// From the x axis to the first side, in radians, clockwise as y points down; within ±45°.
    pub angle: f32,
}

impl TurnedRectangle {
    /// The corners, beginning with the upper left one.
    pub fn corners(&self) -> Quad {
        let (sin, cos) = self.angle.sin_cos();
        let [w, h] = self.half;
        [[-w, -h], [w, -h], [w, h], [-w, h]].map(|[along, across]| {
            [self.centre[0] + along * cos - across * sin, self.centre[1] + along * sin + across * cos]
        })
    }

    /// Whether the point lies within or on the edge, give or take a hundredth of a pixel.
    pub fn contains(&self, [x, y]: [f32; 2]) -> bool {
        let (sin, cos) = self.angle.sin_cos();
        let (dx, dy) = (x - self.centre[0], y - self.centre[1]);
        (dx * cos + dy * sin).abs() <= self.half[0] + 0.01
            && (dy * cos - dx * sin).abs() <= self.half[1] + 0.01
    }

    /// The same rectangle after x and y were multiplied by these factors, as far as it stays one (exactly if the
    /// factors are equal).
    #[must_use]
    pub fn scaled(&self, by: [f32; 2]) -> Self {
        let (sin, cos) = self.angle.sin_cos();
        let along = [cos * by[0], sin * by[1]];
        let across = [-sin * by[0], cos * by[1]];
        Self {
            centre: [self.centre[0] * by[0], self.centre[1] * by[1]],
            half: [self.half[0] * along[0].hypot(along[1]), self.half[1] * across[0].hypot(across[1])],
            angle: along[1].atan2(along[0]),
        }
    }
}

/// The rectangle of the smallest area around the points; `None` without points. One side of it lies on a side of the
/// points' hull (Freeman and Shapira 1975), so each of those is tried.
pub fn smallest_rectangle(points: &[[f32; 2]]) -> Option<TurnedRectangle> {
    let hull = convex_hull(points);
    let mut best: Option<(f32, TurnedRectangle)> = None;
    for (at, from) in hull.iter().enumerate() {
        let to = hull[(at + 1) % hull.len()];
        let angle = quarter_turned((to[1] - from[1]).atan2(to[0] - from[0]));
        let rectangle = at_angle(&hull, angle);
        let area = rectangle.half[0] * rectangle.half[1];
        if best.is_none_or(|(smallest, _)| area < smallest) {
            best = Some((area, rectangle));
        }
    }
    best.map(|(_, rectangle)| rectangle)
}

/// The angle plus as many right angles as bring it within ±45°.
fn quarter_turned(angle: f32) -> f32 {
    let quarter = std::f32::consts::FRAC_PI_2;
    let turned = angle - (angle / quarter).round() * quarter;
    if turned.abs() < 1e-6 { 0.0 } else { turned }
}

/// The rectangle of this angle that just holds the points.
fn at_angle(points: &[[f32; 2]], angle: f32) -> TurnedRectangle {
    let (sin, cos) = angle.sin_cos();
    let mut low = [f32::INFINITY; 2];
    let mut high = [f32::NEG_INFINITY; 2];
    for [x, y] in points {
        for (axis, value) in [x * cos + y * sin, y * cos - x * sin].into_iter().enumerate() {
            low[axis] = low[axis].min(value);
            high[axis] = high[axis].max(value);
        }
    }
    let middle = [f32::midpoint(low[0], high[0]), f32::midpoint(low[1], high[1])];
    TurnedRectangle {
        centre: [middle[0] * cos - middle[1] * sin, middle[0] * sin + middle[1] * cos],
        half: [(high[0] - low[0]) / 2.0, (high[1] - low[1]) / 2.0],
        angle,
    }
}

/// The corners of the convex hull in order (Andrew 1979, monotone chain). Points that are no numbers are left out.
fn convex_hull(points: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let mut sorted: Vec<[f32; 2]> =
        points.iter().filter(|point| point.iter().all(|value| value.is_finite())).copied().collect();
    sorted.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    sorted.dedup();
    if sorted.len() < 3 {
        return sorted;
    }
    let turns_left = |a: [f32; 2], b: [f32; 2], c: [f32; 2]| {
        (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) > 0.0
    };
    let chain = |points: &mut dyn Iterator<Item = [f32; 2]>| {
        let mut chain: Vec<[f32; 2]> = Vec::new();
        for point in points {
            while let [.., a, b] = chain[..]
                && !turns_left(a, b, point)
            {
                chain.pop();
            }
            chain.push(point);
        }
        chain.pop();
        chain
    };
    let mut hull = chain(&mut sorted.iter().copied());
    hull.extend(chain(&mut sorted.iter().rev().copied()));
    hull
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn few_points_are_rectangles_too() {
        assert_eq!(smallest_rectangle(&[]), None);
        let point = smallest_rectangle(&[[3.0, 4.0]]).unwrap();
        assert_eq!((point.centre, point.half), ([3.0, 4.0], [0.0, 0.0]));
        let line = smallest_rectangle(&[[0.0, 0.0], [4.0, 0.0], [2.0, 0.0]]).unwrap();
        assert_eq!((line.centre, line.half, line.angle), ([2.0, 0.0], [2.0, 0.0], 0.0));
        assert!(smallest_rectangle(&[[f32::NAN, 0.0]]).is_none());
    }

    #[test]
    fn corners_begin_upper_left() {
        let upright = TurnedRectangle { centre: [5.0, 5.0], half: [4.0, 2.0], angle: 0.0 };
        assert_eq!(upright.corners(), [[1.0, 3.0], [9.0, 3.0], [9.0, 7.0], [1.0, 7.0]]);
        assert!(upright.contains([9.0, 7.0]) && !upright.contains([9.1, 7.0]));
    }

    fn points() -> impl Strategy<Value = Vec<[f32; 2]>> {
        let point = (0i16..60, 0i16..60).prop_map(|(x, y)| [f32::from(x), f32::from(y)]);
        proptest::collection::vec(point, 1..40)
    }

    proptest! {
        #[test]
        fn it_holds_every_point_and_no_angle_does_better(points in points(), angle in -0.78f32..0.78) {
            let rectangle = smallest_rectangle(&points).unwrap();
            prop_assert!(rectangle.angle.abs() <= std::f32::consts::FRAC_PI_4 + 1e-4);
            for point in &points {
                let grown = TurnedRectangle { half: rectangle.half.map(|half| half + 0.02), ..rectangle };
                prop_assert!(grown.contains(*point), "{:?} in {:?}", point, rectangle);
            }
            let other = at_angle(&points, angle);
            prop_assert!(
                rectangle.half[0] * rectangle.half[1] <= other.half[0] * other.half[1] + 0.05
            );
        }

        #[test]
        fn scaling_moves_the_corners(angle in -0.78f32..0.78, by in 0.1f32..8.0) {
            let rectangle = TurnedRectangle { centre: [20.0, 30.0], half: [9.0, 4.0], angle };
            for (scaled, corner) in rectangle.scaled([by, by]).corners().iter().zip(rectangle.corners()) {
                prop_assert!((scaled[0] - corner[0] * by).abs() < 1e-2);
                prop_assert!((scaled[1] - corner[1] * by).abs() < 1e-2);
            }
        }
    }
}
