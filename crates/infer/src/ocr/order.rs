//! The order in which lines are read: rows from top to bottom, in each row from left to right.

use super::TextLine;

/// Two lines are in one row if the middle of one lies within this share of the other's height around its middle.
const SAME_ROW: f32 = 0.5;

/// Sorts lines as they are read.
pub(super) fn reading_order(lines: &mut [TextLine]) {
    let middle = |line: &TextLine| {
        let [_, top, _, bottom] = line.bbox_in_image();
        f32::midpoint(top, bottom)
    };
    lines.sort_by(|a, b| middle(a).total_cmp(&middle(b)));
    let mut start = 0;
    while start < lines.len() {
        // The row's first line sets its height; a long row that slopes is still one row.
        let [_, top, _, bottom] = lines[start].bbox_in_image();
        let reach = (bottom - top) * SAME_ROW;
        let first = middle(&lines[start]);
        let len = lines[start..].iter().take_while(|line| middle(line) - first <= reach).count().max(1);
        lines[start..start + len].sort_by(|a, b| a.bbox_in_image()[0].total_cmp(&b.bbox_in_image()[0]));
        start += len;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str, x: f32, y: f32) -> TextLine {
        let quad = [[x, y], [x + 50.0, y], [x + 50.0, y + 20.0], [x, y + 20.0]];
        TextLine { text: text.to_owned(), confidence: 1.0, box_score: 1.0, quad_in_image: quad }
    }

    #[test]
    fn rows_then_columns() {
        let mut lines = [
            line("4", 100.0, 104.0),
            line("1", 0.0, 5.0),
            line("5", 0.0, 140.0),
            line("2", 70.0, 0.0),
            line("3", 0.0, 100.0),
        ];
        reading_order(&mut lines);
        let texts: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["1", "2", "3", "4", "5"]);
        reading_order(&mut []);
    }
}
