//! Looking after photos and their files: ratings, dates, import, trash, integrity, folders.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

/// See [`super::Command::Rate`].
#[derive(Debug, ClapArgs)]
#[group(id = "what", required = true, multiple = true)]
pub(crate) struct RateArgs {
    /// Stars, 0 to 5 (-1: rejected); "none" takes the rating away.
    #[arg(long, value_name = "N", allow_hyphen_values = true, group = "what")]
    pub(crate) stars: Option<String>,
    /// Flag: pick, reject or none.
    #[arg(long, value_parser = ["pick", "reject", "none"], group = "what")]
    pub(crate) flag: Option<String>,
    /// Title; empty takes it away.
    #[arg(long, group = "what")]
    pub(crate) title: Option<String>,
    /// Caption in your own words; empty goes back to what the file says or what was computed.
    #[arg(long, group = "what")]
    pub(crate) caption: Option<String>,
    /// A keyword; repeated for more. They replace all keywords.
    #[arg(long = "keyword", value_name = "WORD", group = "what")]
    pub(crate) keywords: Option<Vec<String>>,
    /// Photos: files or folders of the library, or ids.
    #[arg(required = true, value_name = "PHOTO|DIR")]
    pub(crate) photos: Vec<String>,
}

/// See [`super::Command::Date`].
#[derive(Debug, Subcommand)]
pub(crate) enum DateCommand {
    /// Give photos this date.
    Set {
        /// Local time, for example 2024-06-30T18:05:00.
        #[arg(value_name = "TIME")]
        taken_at: String,
        /// Offset from UTC, for example +02:00.
        #[arg(long, value_name = "±HH:MM", allow_hyphen_values = true)]
        offset: Option<String>,
        #[command(flatten)]
        photos: DatedPhotos,
    },
    /// Move dates, for example by -1h or "+2 days 30 minutes".
    Shift {
        /// How much; negative is earlier.
        #[arg(value_name = "±DURATION", allow_hyphen_values = true)]
        by: String,
        #[command(flatten)]
        photos: DatedPhotos,
    },
    /// Take dates from file names.
    FromName {
        #[command(flatten)]
        photos: DatedPhotos,
    },
    /// Correct the time zone: the same moment as a clock of this zone shows it.
    Zone {
        /// Offset from UTC, for example +02:00.
        #[arg(value_name = "±HH:MM", allow_hyphen_values = true)]
        offset: String,
        #[command(flatten)]
        photos: DatedPhotos,
    },
}

/// Whose dates change.
#[derive(Debug, ClapArgs)]
pub(crate) struct DatedPhotos {
    /// Only say what would change.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Photos: files or folders of the library, or ids.
    #[arg(required = true, value_name = "PHOTO|DIR")]
    pub(crate) photos: Vec<String>,
}

/// See [`super::Command::Import`].
#[derive(Debug, ClapArgs)]
pub(crate) struct ImportArgs {
    /// Files and folders to import.
    #[arg(required = true, value_name = "SRC")]
    pub(crate) sources: Vec<PathBuf>,
    /// The folder of the library to import into; it becomes one if it is none yet.
    #[arg(long, value_name = "LIB")]
    pub(crate) into: PathBuf,
    /// Folders below it: {yyyy} {yy} {mm} {dd} {hh} {make} {model} {camera}.
    #[arg(long, default_value = tintype_engine::DEFAULT_TEMPLATE)]
    pub(crate) template: String,
    /// Remove the originals once their copies are whole.
    #[arg(long = "move")]
    pub(crate) moves: bool,
    /// Only say what would be imported, and where to.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Exit with 1 when any file was rejected.
    #[arg(long)]
    pub(crate) strict: bool,
}

/// See [`super::Command::Trash`].
#[derive(Debug, Subcommand)]
pub(crate) enum TrashCommand {
    /// What is in it.
    List,
    /// Move photos there.
    Add {
        /// Why.
        #[arg(long)]
        reason: Option<String>,
        /// Photos: files or folders of the library, or ids.
        #[arg(required = true, value_name = "PHOTO|DIR")]
        photos: Vec<String>,
    },
    /// Put files back where they were.
    Restore(TrashSelection),
    /// Delete files for good.
    Purge(TrashSelection),
}

/// Which files of the trash.
#[derive(Debug, ClapArgs)]
#[group(id = "which", required = true, multiple = false)]
pub(crate) struct TrashSelection {
    /// All of them.
    #[arg(long, group = "which")]
    pub(crate) all: bool,
    /// Those that are there for at least so many days.
    #[arg(long, value_name = "DAYS", group = "which")]
    pub(crate) older_than: Option<u32>,
    /// Ids, as the list shows them.
    #[arg(value_name = "ID", group = "which")]
    pub(crate) ids: Vec<uuid::Uuid>,
}

/// See [`super::Command::Verify`].
#[derive(Debug, ClapArgs)]
pub(crate) struct VerifyArgs {
    /// An album's name or id, or a folder of the library; everything when absent.
    #[arg(value_name = "ALBUM|DIR")]
    pub(crate) target: Option<String>,
    /// Exit with 1 when anything is not as it was.
    #[arg(long)]
    pub(crate) strict: bool,
}

/// See [`super::Command::Rebuild`].
#[derive(Debug, ClapArgs)]
pub(crate) struct RebuildArgs {
    /// Read files again whose size and time are as they were, too.
    #[arg(long)]
    pub(crate) reread: bool,
}

/// See [`super::Command::Roots`].
#[derive(Debug, Subcommand)]
pub(crate) enum RootsCommand {
    /// The folders.
    List,
    /// Say where decisions about a folder's photos are written: database (nowhere else), sidecar or file.
    Mode {
        /// A folder that was indexed.
        #[arg(value_name = "DIR")]
        dir: PathBuf,
        /// Where to.
        #[arg(value_parser = ["database", "sidecar", "file"])]
        mode: String,
    },
}

/// See [`super::Command::Decisions`].
#[derive(Debug, Subcommand)]
pub(crate) enum DecisionsCommand {
    /// Write them to a file.
    Export {
        /// The file; it is replaced.
        file: PathBuf,
    },
    /// Take them in from a file, here or in another library.
    Import {
        /// The file.
        file: PathBuf,
    },
}

/// See [`super::Command::Forget`].
#[derive(Debug, ClapArgs)]
pub(crate) struct ForgetArgs {
    /// A folder that was indexed.
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
}
