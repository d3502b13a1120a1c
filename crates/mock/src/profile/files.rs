//! Finds a profile's files in a zip or a folder, and parses them. Both are bounded: a small archive
//! must not become a large one in memory.

use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

use serde_json::Value;
use zip::ZipArchive;

use super::{File, Files, ProfileError};

/// The largest archive.
pub(crate) const LARGEST_ARCHIVE: u64 = 16 << 20;
/// The most files in an archive or folder, read or not.
const MOST_MEMBERS: usize = 2_000;
/// The largest file that is read, once it is unpacked.
const LARGEST_MEMBER: u64 = 4 << 20;
/// All files that are read, once they are unpacked.
const LARGEST_WHOLE: u64 = 32 << 20;
/// How deep folders may lie in each other.
const DEEPEST: usize = 16;

const DEVICE: &str = "profile/devicetype-capability.json";
const SERVICE: &str = "profile/servicetype-capability.json";
const CODEC: &str = "codec.json";

/// A file that concerns us: its name with forward slashes, and its bytes.
type Member = (String, Vec<u8>);

/// Whether a file belongs to a profile. Displays, pictures and what archivers add do not.
fn concerns_us(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let ends = |with: &str| lower == with || lower.ends_with(&format!("/{with}"));
    !lower.starts_with("__macosx/") && (ends(DEVICE) || ends(SERVICE) || ends(CODEC))
}

/// Reads so much and not a byte more.
fn bounded(reader: impl Read, read_so_far: &mut u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    reader.take(LARGEST_MEMBER + 1).read_to_end(&mut bytes).map_err(|e| format!("cannot be read: {e}"))?;
    let size = bytes.len() as u64;
    *read_so_far += size;
    if size > LARGEST_MEMBER {
        return Err(format!("is larger than {LARGEST_MEMBER} bytes"));
    }
    if *read_so_far > LARGEST_WHOLE {
        return Err(format!("makes the profile larger than {LARGEST_WHOLE} bytes"));
    }
    Ok(bytes)
}

/// The profile in a zip.
pub(crate) fn of_zip(archive: &str, bytes: &[u8]) -> Result<Files, ProfileError> {
    let fault = |what: String| ProfileError::of_archive(archive, what);
    if bytes.len() as u64 > LARGEST_ARCHIVE {
        return Err(fault(format!("is larger than {LARGEST_ARCHIVE} bytes")));
    }
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|e| fault(format!("expected a zip: {e}")))?;
    if zip.len() > MOST_MEMBERS {
        return Err(fault(format!("has {} members, at most {MOST_MEMBERS} are read", zip.len())));
    }
    let mut members = Vec::new();
    let mut read_so_far = 0;
    for index in 0..zip.len() {
        let name = zip.name_for_index(index).transpose().map_err(|e| fault(format!("has a broken directory: {e}")))?;
        let name = name.unwrap_or_default().replace('\\', "/");
        if !concerns_us(&name) {
            continue;
        }
        let member = |what: String| ProfileError::of_member(archive, &name, what);
        let file = zip.by_index(index).map_err(|e| member(format!("cannot be unpacked: {e}")))?;
        let bytes = bounded(file, &mut read_so_far).map_err(member)?;
        members.push((name, bytes));
    }
    of_members(archive, members)
}

/// The profile in a zip file or an unpacked folder.
pub(crate) fn of_path(path: &Path) -> Result<Files, ProfileError> {
    let archive = path.display().to_string();
    let fault = |e: std::io::Error| ProfileError::of_archive(&archive, e);
    let about = fs::metadata(path).map_err(fault)?;
    if !about.is_dir() {
        let mut bytes = Vec::new();
        let file = fs::File::open(path).map_err(fault)?;
        file.take(LARGEST_ARCHIVE + 1).read_to_end(&mut bytes).map_err(fault)?;
        return of_zip(&archive, &bytes);
    }
    let mut walk = Walk { archive: &archive, seen: 0, read_so_far: 0, members: Vec::new() };
    walk.folder(path, "", 0)?;
    of_members(&archive, walk.members)
}

struct Walk<'a> {
    archive: &'a str,
    seen: usize,
    read_so_far: u64,
    members: Vec<Member>,
}

impl Walk<'_> {
    /// Links are not followed: they could lead anywhere.
    fn folder(&mut self, folder: &Path, under: &str, depth: usize) -> Result<(), ProfileError> {
        let fault = |what: String| ProfileError::of_member(self.archive, under, what);
        if depth > DEEPEST {
            return Err(fault(format!("folders lie more than {DEEPEST} deep in each other")));
        }
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let mut entries = entries.map_err(|e| fault(e.to_string()))?;
        entries.sort_by_key(fs::DirEntry::file_name);
        self.seen += entries.len();
        if self.seen > MOST_MEMBERS {
            return Err(ProfileError::of_archive(self.archive, format!("has more than {MOST_MEMBERS} files")));
        }
        for entry in entries {
            let name = format!("{under}{}", entry.file_name().to_string_lossy());
            let fault = |what: String| ProfileError::of_member(self.archive, &name, what);
            let kind = entry.file_type().map_err(|e| fault(e.to_string()))?;
            if kind.is_dir() {
                self.folder(&entry.path(), &format!("{name}/"), depth + 1)?;
            } else if kind.is_file() && concerns_us(&name) {
                let file = fs::File::open(entry.path()).map_err(|e| fault(e.to_string()))?;
                let bytes = bounded(file, &mut self.read_so_far).map_err(fault)?;
                self.members.push((name, bytes));
            }
        }
        Ok(())
    }
}

/// Picks one tree: some archives hold the same one a second time under a top folder.
fn of_members(archive: &str, members: Vec<Member>) -> Result<Files, ProfileError> {
    let root_of = |name: &str| {
        name.to_ascii_lowercase().strip_suffix(DEVICE).map(|root| name.get(..root.len()).unwrap_or_default().to_owned())
    };
    let root = members.iter().filter_map(|(name, _)| root_of(name)).min_by_key(String::len);
    let root =
        root.ok_or_else(|| ProfileError::of_archive(archive, format!("expected a member {DEVICE}, found none")))?;
    let (mut device, mut services, mut codec) = (None, Vec::new(), None);
    for (name, bytes) in members {
        let Some(inner) = name.strip_prefix(&root).map(str::to_ascii_lowercase) else { continue };
        if inner == DEVICE {
            device = Some(parse(archive, name, &bytes)?);
        } else if inner.starts_with("service/") && inner.ends_with(SERVICE) {
            services.push(parse(archive, name, &bytes)?);
        } else if inner == CODEC || inner == format!("profile/{CODEC}") {
            codec = Some(parse(archive, name, &bytes)?);
        }
    }
    let device = device.ok_or_else(|| ProfileError::of_archive(archive, format!("expected a member {DEVICE}")))?;
    Ok(Files { archive: archive.to_owned(), device, services, codec })
}

/// Parses a file, with or without a byte order mark, and with bare tabs in its strings.
fn parse(archive: &str, name: String, bytes: &[u8]) -> Result<File, ProfileError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let parsed = serde_json::from_slice::<Value>(bytes).or_else(|error| {
        // The error that counts is that of the file as it is.
        serde_json::from_slice::<Value>(&with_tabs_escaped(bytes)).map_err(|_| error)
    });
    match parsed {
        Ok(content) => Ok(File { name, content }),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            let what = error.to_string();
            let what = what.split(" at line ").next().unwrap_or_default();
            Err(ProfileError {
                place: Some(format!("line {line}, column {column}")),
                ..ProfileError::of_member(archive, &name, format!("expected JSON: {what}"))
            })
        }
    }
}

fn with_tabs_escaped(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let (mut in_string, mut escaped) = (false, false);
    for byte in bytes {
        match byte {
            b'\t' if in_string => {
                out.extend(b"\\t");
                continue;
            }
            b'"' if !escaped => in_string = !in_string,
            _ => {}
        }
        escaped = in_string && *byte == b'\\' && !escaped;
        out.push(*byte);
    }
    out
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;

    fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in members {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn the_nearest_tree_is_read_and_only_that() {
        let files = of_zip(
            "x.zip",
            &zip(&[
                ("Top/profile/devicetype-capability.json", b"{}"),
                ("Top/service/A/profile/servicetype-capability.json", b"{}"),
                ("profile/devicetype-capability.json", b"\xef\xbb\xbf{\"a\":\"\t\"}"),
                ("profile/devicetype-display.json", b""),
                ("service\\A\\profile\\servicetype-capability.json", b"{}"),
                ("__MACOSX/profile/devicetype-capability.json", b"\0"),
                ("codec.json", b"[]"),
            ]),
        );
        let files = files.unwrap();
        assert_eq!(files.device.content, serde_json::json!({"a": "\t"}));
        assert_eq!(files.services.len(), 1);
        assert!(files.codec.is_some());
    }

    #[test]
    fn an_error_says_where_it_is() {
        let broken = of_zip("x.zip", &zip(&[("profile/devicetype-capability.json", b"{\n  \"devices\": [,]\n}")]));
        let text = broken.unwrap_err().to_string();
        assert!(
            text.starts_with("x.zip: profile/devicetype-capability.json: line 2, column 15: expected JSON"),
            "{text}"
        );
        let none = of_zip("x.zip", &zip(&[("readme.txt", b"")])).unwrap_err().to_string();
        assert_eq!(none, "x.zip: expected a member profile/devicetype-capability.json, found none");
        assert!(of_zip("x.zip", b"PK nonsense").unwrap_err().to_string().starts_with("x.zip: expected a zip"));
    }

    #[test]
    fn a_bomb_does_not_go_off() {
        let blank = vec![b' '; 5 << 20];
        let large = of_zip("x.zip", &zip(&[("profile/devicetype-capability.json", &blank)])).unwrap_err();
        assert!(large.to_string().contains("is larger than"), "{large}");
        let names: Vec<String> = (0..=MOST_MEMBERS).map(|n| n.to_string()).collect();
        let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
        assert!(of_zip("x.zip", &zip(&many)).unwrap_err().to_string().contains("members"));
        let whole = vec![b' '; 4 << 20];
        let names: Vec<String> = (0..9).map(|n| format!("service/{n}/{SERVICE}")).collect();
        let all: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), whole.as_slice())).collect();
        assert!(of_zip("x.zip", &zip(&all)).unwrap_err().to_string().contains("makes the profile larger"));
    }
}
