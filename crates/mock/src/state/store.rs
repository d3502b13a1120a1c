//! A world in a directory: rows in one SQLite file, written before an answer or a push leaves.
//!
//! What was written survives the end of the process, however that comes: it is with the operating system.
//! It is not forced to the disk, so a power cut may cost the latest of it, though never the rest.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags, params};

use super::document::Settings;
use super::{Change, Changes, Document, RECEIVERS, SCHEMA, StateError};
use crate::clock::{Moment, Pace};
use crate::world::World;

/// The file in the directory.
const FILE: &str = "world.sqlite";
/// The version of the rows; the bodies are of [`SCHEMA`]. Another layout gets another number.
const LAYOUT: i64 = 1;
/// What SQLite's header says whose file it is: "iotd".
const OWNER: i64 = 0x696f_7464;
/// The sections of what there is one of.
const SETTINGS: &str = "settings";
const CLOCK: &str = "clock";
const NOW: &str = "now";

/// An open directory. Nobody else can open it meanwhile.
#[derive(Debug)]
pub(crate) struct Store {
    file: PathBuf,
    rows: Connection,
    /// What there is one of, as it was written last.
    settings: String,
    clock: String,
    /// How much had happened to the receivers when they were written last.
    news: u64,
    /// What could not be written yet.
    unwritten: Changes,
}

/// What was in the directory.
pub(crate) struct Kept {
    pub(crate) world: World,
    pub(crate) pace: Pace,
}

impl Store {
    /// Opens a directory, and makes it where there is none.
    ///
    /// # Errors
    /// If it can't be used: by whom or by what it is taken.
    pub(crate) fn open(directory: &Path) -> Result<(Self, Option<Kept>), StateError> {
        make_private(directory)?;
        let file = directory.join(FILE);
        let opened = connect(&file).and_then(|rows| {
            let settings = String::new();
            let mut store = Self {
                file: file.clone(),
                rows,
                clock: String::new(),
                settings,
                news: u64::MAX,
                unwritten: Changes::new(),
            };
            let kept = store.read()?;
            Ok((store, kept))
        });
        opened.map_err(|error| error.in_file(&file))
    }

    fn read(&mut self) -> Result<Option<Kept>, StateError> {
        let one = |section: &str| {
            let mut found = self.rows.prepare("SELECT body FROM rows WHERE section = ?1").map_err(broken)?;
            let mut rows = found.query([section]).map_err(broken)?;
            rows.next().map_err(broken)?.map(|row| row.get::<_, String>(0).map_err(broken)).transpose()
        };
        let (settings, clock, now) = (one(SETTINGS)?, one(CLOCK)?, one(NOW)?);
        let (Some(settings), Some(clock), Some(now)) = (settings, clock, now) else {
            let rows: i64 = self.rows.query_row("SELECT count(*) FROM rows", [], |row| row.get(0)).map_err(broken)?;
            return match rows {
                0 => Ok(None),
                _ => Err(StateError::new("it is damaged: there are entities, but not what goes with every world")),
            };
        };
        let now: Moment = parse(NOW, &now)?;
        let mut document = Document::empty(now, parse::<Settings>(SETTINGS, &settings)?);
        let pace = parse(CLOCK, &clock)?;
        {
            let mut all = self
                .rows
                .prepare("SELECT section, key, number, body FROM rows ORDER BY section, key, number")
                .map_err(broken)?;
            let mut rows = all.query([]).map_err(broken)?;
            while let Some(row) = rows.next().map_err(broken)? {
                let text = |column| row.get_ref(column).map_err(broken)?.as_str().map_err(broken);
                let number: i64 = row.get(2).map_err(broken)?;
                if ![SETTINGS, CLOCK, NOW].contains(&text(0)?) {
                    document.put(text(0)?, text(1)?, number.unsigned_abs(), text(3)?).map_err(damaged)?;
                }
            }
        }
        (self.settings, self.clock) = (settings, clock);
        Ok(Some(Kept { world: document.into_world().map_err(damaged)?, pace }))
    }

    /// Writes what has changed in a world, all of it or nothing. What could not be written is tried again
    /// with the next change.
    ///
    /// # Errors
    /// Why it could not be written.
    pub(crate) fn keep(&mut self, world: &mut World, pace: Pace) -> Result<(), StateError> {
        let entities = world.take_changes().map_err(StateError::new)?;
        self.unwritten.extend(entities);
        let settings = serde_json::to_string(&Settings::of(world)).map_err(StateError::new)?;
        let clock = serde_json::to_string(&pace).map_err(StateError::new)?;
        // They are written as a whole, so not every time where many pushes wait: nobody was told of those.
        let receivers = &world.receivers;
        if receivers.news().abs_diff(self.news) > receivers.waiting() as u64 / 16 {
            self.news = receivers.news();
            self.unwritten.push(Change::put(RECEIVERS, "", 0, receivers).map_err(StateError::new)?);
        }
        if self.unwritten.is_empty() && settings == self.settings && clock == self.clock {
            return Ok(());
        }
        self.write(&settings, &clock, world.now).map_err(|error| broken(error).in_file(&self.file))?;
        self.unwritten.clear();
        (self.settings, self.clock) = (settings, clock);
        Ok(())
    }

    /// Puts a world in the place of the one that is there; it is to be [followed](World::follow) from its
    /// beginning.
    pub(crate) fn begin_anew(&mut self) {
        // No section has this name: it stands for all of them.
        self.unwritten = vec![Change::all_gone("", "")];
        self.news = u64::MAX;
    }

    fn write(&mut self, settings: &str, clock: &str, now: Moment) -> rusqlite::Result<()> {
        let transaction = self.rows.transaction()?;
        {
            let mut put = transaction.prepare_cached("REPLACE INTO rows VALUES (?1, ?2, ?3, ?4)")?;
            for change in &self.unwritten {
                let Change { section, key, number, body } = change;
                // A number counts what was made, and SQLite's are signed.
                let number = number.map(|number| i64::try_from(number).unwrap_or(i64::MAX));
                match (number, body) {
                    (Some(number), Some(body)) => put.execute(params![section, key, number, body])?,
                    (Some(number), None) => transaction
                        .prepare_cached("DELETE FROM rows WHERE section = ?1 AND key = ?2 AND number = ?3")?
                        .execute(params![section, key, number])?,
                    (None, _) if section.is_empty() => transaction.execute("DELETE FROM rows", [])?,
                    (None, _) => transaction
                        .prepare_cached("DELETE FROM rows WHERE section = ?1 AND key = ?2")?
                        .execute(params![section, key])?,
                };
            }
            put.execute(params![SETTINGS, "", 0, settings])?;
            put.execute(params![CLOCK, "", 0, clock])?;
            put.execute(params![NOW, "", 0, now.0.to_string()])?;
        }
        transaction.commit()
    }
}

fn connect(file: &Path) -> Result<Connection, StateError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let rows = Connection::open_with_flags(file, flags).map_err(broken)?;
    private_file(file)?;
    // Exclusive from the first access on: the file is this process's own until it ends.
    rows.execute_batch(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
         PRAGMA journal_size_limit = 67108864;
         PRAGMA cell_size_check = ON; BEGIN EXCLUSIVE; COMMIT;",
    )
    .map_err(broken)?;
    let number = |name| rows.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(broken);
    let tables: i64 = rows.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(broken)?;
    match (number("application_id")?, number("user_version")?) {
        (0, 0) if tables == 0 => rows
            .execute_batch(&format!(
                "BEGIN; PRAGMA application_id = {OWNER}; PRAGMA user_version = {LAYOUT};
                 CREATE TABLE rows (section TEXT NOT NULL, key TEXT NOT NULL, number INTEGER NOT NULL,
                 body TEXT NOT NULL, PRIMARY KEY (section, key, number)); COMMIT;"
            ))
            .map_err(broken)?,
        (OWNER, LAYOUT) => {}
        (OWNER, other) => {
            return Err(StateError::new(format!(
                "it is of layout {other}, and this version reads layout {LAYOUT} ({SCHEMA}) only"
            )));
        }
        _ => return Err(StateError::new("it is a database of another program")),
    }
    // What an earlier process left in the log goes into the file, and the log's room is given back.
    rows.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(broken)?;
    Ok(rows)
}

fn parse<'a, T: serde::Deserialize<'a>>(section: &str, body: &'a str) -> Result<T, StateError> {
    serde_json::from_str(body).map_err(|error| damaged(StateError::new(format!("{section}: {error}"))))
}

fn damaged(error: StateError) -> StateError {
    StateError { reason: format!("it is damaged: {}", error.reason), ..error }
}

fn broken(error: impl Into<rusqlite::Error>) -> StateError {
    let error = error.into();
    let code = error.sqlite_error_code();
    let in_use = matches!(code, Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked));
    let reason = match code {
        _ if in_use => "it is in use by another process".to_owned(),
        Some(ErrorCode::NotADatabase) => "it is no SQLite database, or damaged from its beginning on".to_owned(),
        Some(ErrorCode::DatabaseCorrupt) => format!("it is damaged: {error}"),
        _ => error.to_string(),
    };
    StateError { in_use, ..StateError::new(reason) }
}

/// Secrets are in there: nobody else may look into the directory.
fn make_private(directory: &Path) -> Result<(), StateError> {
    use std::os::unix::fs::DirBuilderExt;

    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory);
    made.map_err(|error| StateError::new(error).in_file(directory))
}

fn private_file(file: &Path) -> Result<(), StateError> {
    use std::os::unix::fs::PermissionsExt;

    let private = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(file, private).map_err(StateError::new)
}

/// Writes a file that only its owner may read. Who reads it meanwhile gets the whole of the earlier or of
/// the later one.
pub(crate) fn write_private(file: &Path, text: &str) -> Result<(), StateError> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;

    let new = file.with_extension("new");
    let write = || {
        let mut out = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        out.write_all(text.as_bytes())?;
        std::fs::rename(&new, file)
    };
    write().map_err(|error: std::io::Error| StateError::new(error))
}
