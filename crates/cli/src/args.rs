//! The command line: every command and option, once.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

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
    /// List duplicates: same bytes, same picture, same moment.
    Dupes(DupesArgs),
    /// One line per file with everything known about it.
    Report(ReportArgs),
    /// Copy the database, also while it is in use.
    Backup(BackupArgs),
    /// Go back to a backup, after a backup of the library as it is.
    Restore(RestoreArgs),
    /// Make a library run again whose database is damaged or missing, from a backup.
    Recover(RecoverArgs),
    /// The feature store: what it holds, cleaning it up, carrying it elsewhere.
    #[command(subcommand)]
    Cache(CacheCommand),
    /// Operations: list, resume, cancel.
    #[command(subcommand)]
    Ops(OpsCommand),
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
}

/// See [`Command::Forget`].
#[derive(Debug, ClapArgs)]
pub(crate) struct ForgetArgs {
    /// A folder that was indexed.
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
}

/// See [`Command::Demo`].
#[derive(Debug, ClapArgs)]
pub(crate) struct DemoArgs {
    /// Where to draw it.
    #[arg(long, value_name = "DIR", default_value = "tintype-demo")]
    pub(crate) into: PathBuf,
}
