//! The command line: every command and option, once. What there is to say of models and of looking after files has files
//! of its own.

mod care;
mod models;

use std::net::SocketAddr;
use std::path::PathBuf;

pub(crate) use care::*;
use clap::{Args as ClapArgs, Parser, Subcommand};
pub(crate) use models::*;

/// Understands a photo library: reads every photo once, remembers what it learned, never computes it twice.
#[derive(Debug, Parser)]
#[command(name = "tintype", version, max_term_width = 110)]
pub(crate) struct Args {
    /// Where database, previews and blobs live [default: the platform's data directory].
    #[arg(long, global = true, env = "TINTYPE_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Use this PostgreSQL database instead of the SQLite file in the data directory.
    #[arg(long, global = true, env = "TINTYPE__DATABASE__URL", value_name = "URL", hide_env_values = true)]
    pub(crate) database: Option<String>,
    /// Print machine-readable JSON lines.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Threads that decode and compute [default: one per core].
    #[arg(
        long,
        global = true,
        env = "TINTYPE__THREADS",
        value_name = "N",
        default_value_t = 0,
        hide_default_value = true
    )]
    pub(crate) threads: usize,
    /// Where models are, and what runs them.
    #[command(flatten)]
    pub(crate) models: ModelArgs,
    /// How what is near is found.
    #[command(flatten)]
    pub(crate) vectors: VectorArgs,
    /// Say more on standard error (twice: debug).
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find what changed under folders, and analyse it.
    Index(IndexArgs),
    /// Run steps over an album, a folder of the library, or everything.
    Analyze(AnalyzeArgs),
    /// Serve the web page and the HTTP API, indexing the given folders meanwhile.
    Serve(ServeArgs),
    /// Index folders, and then whatever changes in them, until stopped.
    Watch(WatchArgs),
    /// Find photos by words, facts and pictures.
    Search(SearchArgs),
    /// Find photos that look like a photo or a picture file.
    Similar(SimilarArgs),
    /// Say in a sentence what picture files show. They need not be in the library.
    Caption(CaptionArgs),
    /// List duplicates: same bytes, same picture, same moment.
    Dupes(DupesArgs),
    /// One line per file with everything known about it.
    Report(ReportArgs),
    /// Say what files tell about their pictures: dates, camera, place, rating… They need not be in the library.
    Metadata(MetadataArgs),
    /// Copy the database, also while it is in use.
    Backup(BackupArgs),
    /// Go back to a backup, after a backup of the library as it is.
    Restore(RestoreArgs),
    /// Make a library run again whose database is damaged or missing, from a backup.
    Recover(RecoverArgs),
    /// The feature store: what it holds, cleaning it up, carrying it elsewhere.
    #[command(subcommand)]
    Cache(CacheCommand),
    /// What similar photos and words are found by: the producers of vectors, and which of them searches use.
    #[command(subcommand)]
    Vectors(VectorsCommand),
    /// Models: list, fetch, check, remove.
    #[command(subcommand)]
    Models(ModelsCommand),
    /// Operations: list, resume, cancel, undo, retry.
    #[command(subcommand)]
    Ops(OpsCommand),
    /// Rate, flag or describe photos.
    Rate(RateArgs),
    /// Change when photos were taken.
    #[command(subcommand)]
    Date(DateCommand),
    /// Copy or move photos into a dated tree of the library; what it holds already is left out.
    Import(ImportArgs),
    /// The trash: put files there, restore them, delete them for good.
    #[command(subcommand)]
    Trash(TrashCommand),
    /// Read every file again and report what is missing, changed, damaged or not known.
    Verify(VerifyArgs),
    /// Build the database anew from the files and what files do not tell; the old one is backed up and kept on failure.
    Rebuild(RebuildArgs),
    /// The folders of the library, and where decisions about their photos are written.
    #[command(subcommand)]
    Roots(RootsCommand),
    /// Everything people decided (ratings, albums, dates, kept duplicates), as one file of JSON lines.
    #[command(subcommand)]
    Decisions(DecisionsCommand),
    /// Remove a folder from the library. Files stay; computed features stay and are found again.
    Forget(ForgetArgs),
    /// Say what this installation can do and whether its parts are well.
    Doctor,
    /// Draw a small photo library to try things on.
    Demo(DemoArgs),
}

/// Steps and their parameters.
#[derive(Debug, ClapArgs)]
pub(crate) struct StepArgs {
    /// Only these steps (and what they need), or a preset: full, minimal.
    #[arg(long, value_name = "STEP", value_delimiter = ',')]
    pub(crate) steps: Option<Vec<String>>,
    /// A step's parameter, for example detect_blur.laplacian_threshold=100.
    #[arg(long = "set", value_name = "STEP.PARAM=VALUE")]
    pub(crate) set: Vec<String>,
    /// Exit with 1 when any photo had an issue.
    #[arg(long)]
    pub(crate) strict: bool,
}

/// See [`Command::Index`].
#[derive(Debug, ClapArgs)]
pub(crate) struct IndexArgs {
    /// Folders of photos.
    #[arg(required = true, value_name = "DIR")]
    pub(crate) dirs: Vec<PathBuf>,
    /// Afterwards, remove folders below these in which there is nothing at all.
    #[arg(long)]
    pub(crate) clean_empty: bool,
    #[command(flatten)]
    pub(crate) steps: StepArgs,
}

/// See [`Command::Metadata`].
#[derive(Debug, ClapArgs)]
pub(crate) struct MetadataArgs {
    /// Files, and folders with everything below them.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Exit with 1 when any file had an issue.
    #[arg(long)]
    pub(crate) strict: bool,
}

/// See [`Command::Watch`].
#[derive(Debug, ClapArgs)]
pub(crate) struct WatchArgs {
    /// Folders of photos.
    #[arg(required = true, value_name = "DIR")]
    pub(crate) dirs: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) how: WatchHow,
    /// Only these steps (and what they need), or a preset: full, minimal.
    #[arg(long, value_name = "STEP", value_delimiter = ',')]
    pub(crate) steps: Option<Vec<String>>,
}

/// How folders are watched.
#[derive(Debug, ClapArgs)]
pub(crate) struct WatchHow {
    /// Only look every so many seconds: for network mounts, whose changes the kernel does not tell.
    #[arg(long, value_name = "SECS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) poll: Option<u64>,
    /// Look when nothing has changed for so many milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 2000, value_parser = clap::value_parser!(u64).range(0..=600_000))]
    pub(crate) settle: u64,
}

/// See [`Command::Backup`].
#[derive(Debug, ClapArgs)]
pub(crate) struct BackupArgs {
    /// Only list the backups there are.
    #[arg(long, conflicts_with = "keep")]
    pub(crate) list: bool,
    /// Afterwards, remove all but the newest so many.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) keep: Option<u32>,
}

/// See [`Command::Restore`].
#[derive(Debug, ClapArgs)]
pub(crate) struct RestoreArgs {
    /// A backup's name, as `tintype backup --list` shows it, or its path.
    #[arg(value_name = "NAME|PATH")]
    pub(crate) backup: String,
}

/// See [`Command::Recover`].
#[derive(Debug, ClapArgs)]
pub(crate) struct RecoverArgs {
    /// A backup's name or path; the newest usable one when absent.
    #[arg(value_name = "NAME|PATH")]
    pub(crate) backup: Option<String>,
}

/// See [`Command::Analyze`].
#[derive(Debug, ClapArgs)]
pub(crate) struct AnalyzeArgs {
    /// An album's name or id, or a folder of the library; everything when absent.
    #[arg(value_name = "ALBUM|DIR")]
    pub(crate) target: Option<String>,
    #[command(flatten)]
    pub(crate) steps: StepArgs,
}

/// See [`Command::Serve`].
#[derive(Debug, ClapArgs)]
pub(crate) struct ServeArgs {
    /// Folders of photos to index and show.
    #[arg(value_name = "DIR")]
    pub(crate) dirs: Vec<PathBuf>,
    /// Where to listen.
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8420", env = "TINTYPE__SERVER__LISTEN")]
    pub(crate) listen: SocketAddr,
    /// Go on watching the folders, and index whatever changes in them.
    #[arg(long, requires = "dirs")]
    pub(crate) watch: bool,
    #[command(flatten)]
    pub(crate) how: WatchHow,
    /// Do not open the page in a browser.
    #[arg(long)]
    pub(crate) no_open: bool,
    /// A further folder that may be indexed from the page.
    #[arg(long, value_name = "DIR")]
    pub(crate) allow: Vec<PathBuf>,
    /// Listen on an address that other machines can reach. There are no keys yet: everyone there can see everything.
    #[arg(long)]
    pub(crate) allow_remote: bool,
}

/// See [`Command::Search`].
#[derive(Debug, ClapArgs)]
pub(crate) struct SearchArgs {
    /// Words and facts, for example: 'beach "red car" rating:>=4 date:2024-06..2024-08 -night'.
    #[arg(value_name = "TEXT", required_unless_present = "image")]
    pub(crate) text: Vec<String>,
    /// Photos that look like this picture file.
    #[arg(long, value_name = "FILE")]
    pub(crate) image: Option<PathBuf>,
    /// Only in this album or folder of the library.
    #[arg(long, value_name = "ALBUM|DIR")]
    pub(crate) within: Option<String>,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
}

/// See [`Command::Similar`].
#[derive(Debug, ClapArgs)]
pub(crate) struct SimilarArgs {
    /// A photo's file or id, or any picture file.
    #[arg(value_name = "FILE|ID")]
    pub(crate) photo: String,
    /// Which vectors to compare, for example scene_embedding; the best there are when not given.
    #[arg(long)]
    pub(crate) kind: Option<String>,
    /// Whose vectors to compare; those that searches use when not given. tintype vectors list shows them.
    #[arg(long)]
    pub(crate) producer: Option<String>,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
}

/// See [`Command::Caption`].
#[derive(Debug, ClapArgs)]
pub(crate) struct CaptionArgs {
    /// Picture files.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

/// See [`Command::Dupes`].
#[derive(Debug, ClapArgs)]
pub(crate) struct DupesArgs {
    /// Only this tier.
    #[arg(long, value_parser = ["bytes", "picture", "moment"])]
    pub(crate) tier: Option<String>,
}

/// See [`Command::Report`].
#[derive(Debug, ClapArgs)]
pub(crate) struct ReportArgs {
    /// An album's name or id, or a folder of the library; everything when absent.
    #[arg(value_name = "ALBUM|DIR")]
    pub(crate) target: Option<String>,
    /// Comma-separated values with a header.
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
}

/// See [`Command::Cache`].
#[derive(Debug, Subcommand)]
pub(crate) enum CacheCommand {
    /// Entries and bytes by kind and producer, hit rates, coverage.
    Stats,
    /// Remove what nothing refers to any more.
    Prune {
        /// Only say what would be removed.
        #[arg(long)]
        dry_run: bool,
    },
    /// Write everything computed of an album, a folder or the library into one file.
    Export {
        /// The file, for example holiday.tintype.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// An album's name or id, or a folder of the library; everything when absent.
        #[arg(value_name = "ALBUM|DIR")]
        target: Option<String>,
    },
    /// Take in such a file: what is missing here, or older.
    Import {
        /// The file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// See [`Command::Ops`].
#[derive(Debug, Subcommand)]
pub(crate) enum OpsCommand {
    /// The latest operations.
    List {
        /// At most so many.
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// Continue an interrupted, paused or failed operation (the latest one when no id is given).
    Resume {
        /// Its id.
        id: Option<tintype_core::OperationId>,
    },
    /// Give an operation up; what it has learned is kept.
    Cancel {
        /// Its id.
        id: tintype_core::OperationId,
    },
    /// Undo what an operation decided or moved to the trash.
    Undo {
        /// Its id.
        id: tintype_core::OperationId,
    },
    /// Try again what an operation could not do.
    Retry {
        /// Its id.
        id: tintype_core::OperationId,
        /// Only the items of these numbers; all that failed when absent.
        #[arg(long, value_name = "N", value_delimiter = ',')]
        items: Option<Vec<u64>>,
    },
    /// List what an operation did to each file.
    Items {
        /// Its id.
        id: tintype_core::OperationId,
        /// Only those in this state.
        #[arg(long, value_parser = ["pending", "done", "skipped", "failed"])]
        state: Option<String>,
    },
}

/// See [`Command::Demo`].
#[derive(Debug, ClapArgs)]
pub(crate) struct DemoArgs {
    /// Where to draw it.
    #[arg(long, value_name = "DIR", default_value = "tintype-demo")]
    pub(crate) into: PathBuf,
}
