//! "Did you mean": the known name that a mistyped one is closest to.

/// What is wrong with an unknown name, for people.
pub(super) fn unknown<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let nearest = known.iter().map(|candidate| (distance(name, candidate), *candidate)).min();
    match nearest {
        // A third of the letters wrong is a typing error; more is another word.
        Some((edits, candidate)) if edits <= candidate.len().div_ceil(3) => {
            format!("is not known; did you mean {candidate:?}?")
        }
        Some(_) => format!("is not known; known are {}", known.join(", ")),
        None => "is not known; none is".to_owned(),
    }
}

/// Levenshtein distance in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, to) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_named() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        let known = ["path", "recursive", "album_name"];
        assert_eq!(unknown("pth", known), "is not known; did you mean \"path\"?");
        assert_eq!(unknown("recursve", known), "is not known; did you mean \"recursive\"?");
        assert_eq!(unknown("zzz", known), "is not known; known are path, recursive, album_name");
        assert_eq!(unknown("zzz", []), "is not known; none is");
    }
}
