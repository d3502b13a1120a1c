//! The case catalogue: the files of `spec-cases/`, and what is derived from the contract.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use iotdm_spec::catalogue::{ClauseRef, Op};
use iotdm_spec::model::Chapter;
use iotdm_spec::nearest;

use crate::case::Case;
use crate::case::reading::{self, CaseFile};
use crate::embedded;
use crate::sweeps;
use crate::yaml::FileError;

/// Something that is wrong in a case file.
pub type CaseFileError = FileError;

/// Cases, in the order of the reference: hand-written ones before derived ones.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    cases: Vec<Arc<Case>>,
    demanded: BTreeSet<String>,
}

/// Which cases are wanted; an empty list restricts nothing.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Clauses, such as `1.5.2`, or a part of the reference, such as `1.5`.
    pub clauses: Vec<String>,
    /// Chapters by the names of their folders.
    pub chapters: Vec<String>,
    /// Case ids, whole or from their beginning.
    pub ids: Vec<String>,
}

impl Catalogue {
    /// Reads every case file of a folder and derives the dull cases: with `plays`, for these
    /// operations only. An operation whose file has no baseline is an error; one without a file
    /// isn't, for a folder may hold as few cases as its owner likes.
    ///
    /// # Errors
    /// Everything that is wrong in the files, each with its place.
    pub fn load(folder: &Path, plays: Option<&[String]>) -> Result<Self, Vec<CaseFileError>> {
        let mut files = Vec::new();
        for path in yaml_files(folder).map_err(|e| vec![e])? {
            let shown = path.display().to_string();
            let text = std::fs::read_to_string(&path)
                .map_err(|e| vec![FileError::whole(&shown, format!("cannot be read: {e}"))])?;
            files.push((shown, text));
        }
        Self::of(files.iter().map(|(name, text)| (name.as_str(), text.as_str())), plays)
    }

    /// The catalogue that is compiled in, so that an installed binary works anywhere. Every
    /// operation of `plays` has a file in it.
    ///
    /// # Errors
    /// None in a release: a test reads every file.
    pub fn embedded(plays: Option<&[String]>) -> Result<Self, Vec<CaseFileError>> {
        let missing = without_file(plays);
        if !missing.is_empty() {
            return Err(missing);
        }
        Self::of(embedded::FILES.iter().copied(), plays)
    }

    /// The catalogue of some files, each with its name.
    ///
    /// # Errors
    /// Everything that is wrong in the files, each with its place.
    pub fn of<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
        plays: Option<&[String]>,
    ) -> Result<Self, Vec<CaseFileError>> {
        let mut read = Vec::new();
        let mut errors = Vec::new();
        for (name, text) in files {
            match reading::read(name, text) {
                Ok(file) => read.push((name.to_owned(), file)),
                Err(found) => errors.extend(found),
            }
        }
        read.sort_by_key(|(_, file)| file.clause.number());
        errors.extend(without_baseline(&read, plays));
        if !errors.is_empty() {
            return Err(errors);
        }
        let cases = read.into_iter().flat_map(|(_, file)| all_cases(file, plays)).map(Arc::new).collect();
        Ok(Self::from_cases(cases))
    }

    /// A catalogue of just these cases.
    #[must_use]
    pub const fn from_cases(cases: Vec<Arc<Case>>) -> Self {
        Self { cases, demanded: BTreeSet::new() }
    }

    /// The cases, in order.
    #[must_use]
    pub fn cases(&self) -> &[Arc<Case>] {
        &self.cases
    }

    /// The ids of the cases that were asked for by their whole id.
    #[must_use]
    pub const fn demanded(&self) -> &BTreeSet<String> {
        &self.demanded
    }

    /// The cases that a filter lets through.
    #[must_use]
    pub fn select(&self, filter: &Filter) -> Self {
        let cases: Vec<Arc<Case>> = self.cases.iter().filter(|case| self.wants(case, filter)).cloned().collect();
        let exact = cases.iter().filter(|case| filter.ids.contains(&case.info.id));
        let demanded = exact.map(|case| case.info.id.clone()).collect();
        Self { cases, demanded }
    }

    fn wants(&self, case: &Case, filter: &Filter) -> bool {
        let id = &case.info.id;
        // Some ids are the beginning of others: who writes a whole id means that case.
        let is_whole = |word: &String| self.cases.iter().any(|other| &other.info.id == word);
        let asked = |word: &String| word == id || (id.starts_with(word.as_str()) && !is_whole(word));
        wanted(case, filter) && (filter.ids.is_empty() || filter.ids.iter().any(asked))
    }

    /// The filter's words that no case answers to, each with what could be meant.
    #[must_use]
    pub fn unknown(&self, filter: &Filter) -> Vec<String> {
        let ids = || self.cases.iter().map(|case| case.info.id.as_str());
        let clauses = || self.cases.iter().map(|case| case.info.clause);
        let chapters = || Chapter::ALL.into_iter().map(Chapter::folder);
        let mut messages = Vec::new();
        for id in filter.ids.iter().filter(|id| !ids().any(|known| known.starts_with(id.as_str()))) {
            messages.push(not_found("case", id, nearest::of(id, ids())));
        }
        for clause in filter.clauses.iter().filter(|clause| !clauses().any(|known| is_part(known, clause))) {
            messages.push(not_found("clause with cases", clause, nearest::of(clause, clauses())));
        }
        for chapter in filter.chapters.iter().filter(|chapter| !chapters().any(|known| known == chapter.as_str())) {
            messages.push(not_found("chapter", chapter, nearest::of(chapter, chapters())));
        }
        messages
    }
}

fn not_found(what: &str, word: &str, near: Option<&str>) -> String {
    match near {
        Some(near) => format!("there is no {what} `{word}`; did you mean `{near}`?"),
        None => format!("there is no {what} `{word}`"),
    }
}

fn wanted(case: &Case, filter: &Filter) -> bool {
    let info = &case.info;
    let clause = filter.clauses.is_empty() || filter.clauses.iter().any(|c| is_part(info.clause, c));
    let chapter = filter.chapters.is_empty() || filter.chapters.iter().any(|c| c == info.chapter.folder());
    clause && chapter
}

/// Whether a clause is, or lies under, a part of the reference: 1.5.2 under 1.5, but 1.12 not under 1.1.
fn is_part(clause: &str, part: &str) -> bool {
    clause.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn operation(file: &CaseFile) -> Option<Op> {
    match file.clause {
        ClauseRef::Operation(table) => Op::ALL.iter().find(|op| op.table().clause == table.clause).copied(),
        _ => None,
    }
}

fn is_played(op: Op, plays: Option<&[String]>) -> bool {
    plays.is_none_or(|names| names.iter().any(|name| name == op.table().name))
}

/// An operation without a baseline would silently lose its derived cases.
fn without_baseline(files: &[(String, CaseFile)], plays: Option<&[String]>) -> Vec<FileError> {
    let mut errors = Vec::new();
    for (name, file) in files {
        if operation(file).is_some_and(|op| is_played(op, plays)) && file.baseline.is_none() {
            errors.push(FileError::whole(name, "the operation has no `baseline`: no case can be derived"));
        }
    }
    errors
}

/// A played operation without a file would silently have no case at all.
fn without_file(plays: Option<&[String]>) -> Vec<FileError> {
    let played =
        Op::ALL.iter().map(|op| op.table()).filter(|op| plays.unwrap_or_default().iter().any(|n| n == op.name));
    let wanted = played.map(|op| (op.name, format!("spec-cases/{}/{}.yaml", op.chapter.folder(), op.name)));
    let missing = wanted.filter(|(_, file)| !embedded::FILES.iter().any(|(name, _)| name == file));
    missing.map(|(name, file)| FileError::whole(&file, format!("`{name}` is played, but has no case file"))).collect()
}

fn all_cases(file: CaseFile, plays: Option<&[String]>) -> Vec<Case> {
    let op = operation(&file).filter(|op| is_played(*op, plays));
    let derived = op.zip(file.baseline.as_ref()).map(|(op, baseline)| sweeps::derive(op, baseline));
    file.cases.into_iter().chain(derived.into_iter().flatten()).collect()
}

/// Every YAML file of the chapters' folders, in order.
fn yaml_files(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let list = |folder: &Path| {
        let entries = std::fs::read_dir(folder)
            .map_err(|e| FileError::whole(&folder.display().to_string(), format!("cannot be read: {e}")))?;
        let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
        paths.sort();
        Ok::<_, FileError>(paths)
    };
    let mut files = Vec::new();
    for chapter in list(folder)?.into_iter().filter(|path| path.is_dir()) {
        files.extend(list(&chapter)?.into_iter().filter(|path| path.extension().is_some_and(|e| e == "yaml")));
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_are_compared_part_by_part() {
        assert!(is_part("1.5.2", "1.5") && is_part("1.5.2", "1.5.2") && !is_part("1.12.1", "1.1"));
    }

    #[test]
    fn a_whole_id_means_one_case() {
        let catalogue = Catalogue::embedded(None).unwrap();
        let chosen = |id: &str| {
            let filter = Filter { ids: vec![id.to_owned()], ..Filter::default() };
            catalogue.select(&filter).cases().len()
        };
        assert_eq!(chosen("1.10.1/derived/refuses-without-param"), 1);
        assert!(chosen("1.10.1/derived/refuses-without-para") > 1, "a beginning means all that begin so");
    }

    #[test]
    fn an_operation_without_baseline_is_an_error() {
        let files = [("devices/delete_device.yaml", "clause: 1.5.5\ncases: []\n")];
        let errors = Catalogue::of(files, None).unwrap_err();
        assert!(errors[0].to_string().contains("no `baseline`"), "{errors:?}");
        let plays = ["query_devices_of_nobody".to_owned(), "query_upgrades".to_owned()];
        let missing = without_file(Some(&plays));
        assert!(missing.is_empty() || missing[0].to_string().contains("no case file"), "{missing:?}");
    }

    /// What a person wrote and nobody would look at is an error with its place, not a silent pass.
    #[test]
    fn mistakes_in_a_case_are_located() {
        let file = |steps: &str| {
            format!(
                "clause: 1.5.7\nbaseline:\n  steps: [{{register: device}}]\n  with: {{deviceId: \"${{device.id}}\"}}\ncases:\n  - name: refuses-an-unknown-device\n    verifies: [err/404-100403]\n    steps:\n{steps}"
            )
        };
        let of = |steps: &str| {
            Catalogue::of([("devices/query_activation.yaml", file(steps).as_str())], Some(&[])).unwrap_err()[0]
                .to_string()
        };
        let ignored = of(
            "      - {call: query_activation, with: {deviceId: x}, expect: {refused: any}, answer: {activated: true}}\n",
        );
        assert!(
            ignored.contains("a refusal has no answer") && ignored.contains("query_activation.yaml:9:"),
            "{ignored}"
        );
        let misspelt = of("      - {call: query_activatio, with: {deviceId: x}}\n");
        assert!(misspelt.contains("did you mean") && misspelt.contains('^'), "{misspelt}");
        let condition =
            of("      - {call: query_activation, with: {deviceId: x}, expect: {refused: DEVICE_NOT_EXISTET}}\n");
        assert!(condition.contains("DEVICE_NOT_EXISTED"), "{condition}");
    }
}
