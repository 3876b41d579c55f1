//! Stacks: photos that one press of the button made, shown as one: RAW beside JPEG, still beside a short film.

use std::collections::{BTreeMap, HashMap};

use super::Store;
use crate::backend::{Column, params, query_all, values};
use crate::error::Result;

/// Formats of raw files, as `media` names them.
const RAW: &str = "'cr2', 'cr3', 'crw', 'nef', 'arw', 'dng', 'raf', 'orf', 'rw2', 'pef', 'srw', 'mrw', 'x3f'";

/// The most by which capture times of one press differ: a camera writes its JPEG up to some seconds after the RAW.
const SAME_PRESS_MS: i64 = 3000;

/// The longest film that belongs to a still, seconds: phones record about three.
const LIVE_SECS: f64 = 6.0;

struct Member {
    photo: i64,
    is_raw: bool,
    is_film: bool,
    taken_ms: Option<i64>,
}

impl Store {
    /// Finds the stacks of the whole library anew; how many photos came into or out of one.
    ///
    /// Files of one folder with one name but for its ending (`IMG_1.CR2`, `IMG_1.JPG`; `IMG_2.HEIC`, `IMG_2.MOV`) are a
    /// stack if one is a RAW or a film of a few seconds, another is a still, and their times agree. The still stands
    /// for it.
    pub fn refresh_stacks(&self) -> Result<u64> {
        self.write(|session| {
            // Folders without a RAW or a film have no stacks, and most have neither.
            let folders = format!(
                "SELECT DISTINCT f.folder_id FROM photos p JOIN files f ON f.photo_id = p.id \
                 WHERE f.present = 1 AND (p.media = 1 OR p.format IN ({RAW}))"
            );
            let folders = query_all(session, &folders, &[], |row| row.int(0))?;
            let sql = "SELECT f.folder_id, f.name, p.id, p.format, p.media, p.taken_ms, m.metadata FROM files f \
                       JOIN photos p ON p.id = f.photo_id LEFT JOIN photo_metadata m ON m.photo_id = p.id AND p.media = 1 \
                       WHERE f.folder_id IN rarray(?1) AND f.present = 1 ORDER BY f.id";
            let mut groups: BTreeMap<(i64, Vec<u8>), Vec<Member>> = BTreeMap::new();
            session.query(sql, params![folders], &mut |row| {
                let name = row.bytes(1)?.to_ascii_lowercase();
                let stem = name.iter().rposition(|byte| *byte == b'.').map_or(&name[..], |dot| &name[..dot]);
                let is_film = row.int(4)? == 1;
                if is_film {
                    let duration = row
                        .opt_text(6)?
                        .and_then(|text| super::photo::metadata(&text).ok())
                        .and_then(|metadata| metadata.duration_secs);
                    if duration.is_none_or(|secs| secs > LIVE_SECS) {
                        return Ok(());
                    }
                }
                let format = row.text(3)?;
                groups.entry((row.int(0)?, stem.to_vec())).or_default().push(Member {
                    photo: row.int(2)?,
                    is_raw: RAW.contains(&format!("'{format}'")),
                    is_film,
                    taken_ms: row.opt_int(5)?,
                });
                Ok(())
            })?;
            let mut leads: HashMap<i64, i64> = HashMap::new();
            for members in groups.values().filter(|members| members.len() > 1) {
                let Some(still) = members.iter().find(|one| !one.is_raw && !one.is_film) else { continue };
                let belongs = |one: &&Member| {
                    let agrees = match (one.taken_ms, still.taken_ms) {
                        // Films are dated in UTC more often than not: the zone is whole quarters of an hour.
                        (Some(a), Some(b)) if one.is_film => {
                            let off = (a - b).abs() % 900_000;
                            off.min(900_000 - off) <= SAME_PRESS_MS * 2
                        }
                        (Some(a), Some(b)) => (a - b).abs() <= SAME_PRESS_MS,
                        _ => true,
                    };
                    one.photo != still.photo && (one.is_raw || one.is_film) && agrees
                };
                for one in members.iter().filter(belongs) {
                    leads.insert(one.photo, still.photo);
                    leads.insert(still.photo, still.photo);
                }
            }
            let stacked = "SELECT id, stack_lead FROM photos WHERE stack_lead IS NOT NULL";
            let mut rows = Vec::new();
            for (photo, lead) in query_all(session, stacked, &[], |row| Ok((row.int(0)?, row.int(1)?)))? {
                match leads.get(&photo) {
                    Some(now) if *now == lead => {
                        leads.remove(&photo);
                    }
                    Some(_) => {}
                    None => rows.push(values![photo, None::<i64>]),
                }
            }
            rows.extend(leads.into_iter().map(|(photo, lead)| values![photo, Some(lead)]));
            session.bulk(
                "UPDATE photos SET stack_lead = r.c2 FROM {rows} WHERE photos.id = r.c1",
                &[Column::Int, Column::Int],
                &rows,
            )
        })
    }
}
